"""The scripts around a small cluster, with fake programs in place of kubectl and minikube.

`make e2e` runs them on a real one.
"""

import json
import os
import runpy
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What the scripts may take for granted.
TOOLS = (
    "bash",
    "basename",
    "base64",
    "cat",
    "chmod",
    "cut",
    "dirname",
    "env",
    "git",
    "grep",
    "mktemp",
    "rm",
    "sed",
    "tail",
)
Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fakes(tmp_path: Path) -> Path:
    """Provide a folder of programs that stand in for the real ones; each writes down how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(next(p for d in os.get_exec_path() if (p := Path(d) / name).exists()))
    (folder / "python3").symlink_to(ROOT / ".venv" / "bin" / "python")
    return folder


def fake(folder: Path, name: str, body: str = "") -> None:
    program = folder / name
    program.write_text(f'#!/bin/bash\necho "{name} $*" >> "{folder}/calls"\n{body}\n')
    program.chmod(0o755)


@pytest.fixture
def script(fakes: Path) -> Script:
    def run(name: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "scripts" / name), *words]
        return subprocess.run(
            command, env={"PATH": str(fakes)}, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.mark.parametrize("name", ["setup-minikube.sh", "validate-minikube.sh"])
@pytest.mark.parametrize("words", [["--nonsense"], ["--namespace"], ["surprise"]])
def test_a_wrong_request_is_one_line_and_exit_code_2(script: Script, name: str, words: list[str]) -> None:
    done = script(name, *words)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words[0] in done.stderr


@pytest.mark.parametrize("name", ["setup-minikube.sh", "validate-minikube.sh"])
def test_the_help_tells_every_option(script: Script, name: str) -> None:
    done = script(name, "--help")
    assert done.returncode == 0
    assert "--namespace" in done.stdout
    assert "Exit codes" in done.stdout


@pytest.mark.parametrize("name", ["setup-minikube.sh", "validate-minikube.sh"])
def test_a_missing_tool_is_named(script: Script, name: str) -> None:
    done = script(name)
    assert done.returncode == 2
    assert "kubectl is not on PATH" in done.stderr


@pytest.mark.parametrize("name", ["setup-minikube.sh", "validate-minikube.sh"])
def test_a_cluster_that_does_not_answer_is_exit_code_3(script: Script, fakes: Path, name: str) -> None:
    fake(fakes, "kubectl", "exit 1")
    fake(fakes, "curl")
    done = script(name)
    assert done.returncode == 3
    assert "no cluster answers" in done.stderr


def test_a_dry_run_prints_every_command_and_calls_none(script: Script, fakes: Path, tmp_path: Path) -> None:
    for name in ("kubectl", "minikube", "helm"):
        fake(fakes, name)
    more = tmp_path / "more values.yaml"
    more.write_text("{}")
    done = script("setup-minikube.sh", "--dry-run", "--start", "--namespace", "ml", "--values", str(more))
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    assert printed[0].startswith("minikube start")
    assert any(line.startswith("minikube image load localhost/maestro-airflow:") for line in printed)
    assert "upgrade --install maestro . --namespace ml" in printed[-1]
    assert "values/minikube.yaml" in printed[-1]
    assert r"more\ values.yaml" in printed[-1]
    assert not (fakes / "calls").exists()


def test_values_that_are_not_there_are_refused_before_anything_is_done(script: Script, fakes: Path) -> None:
    fake(fakes, "kubectl")
    done = script("setup-minikube.sh", "--values", "missing.yaml")
    assert done.returncode == 2
    assert "no such file: missing.yaml" in done.stderr
    assert not (fakes / "calls").exists()


def test_failed_checks_are_reported_with_a_way_to_mend_them(script: Script, fakes: Path) -> None:
    # A cluster that answers, with nothing in it.
    fake(fakes, "kubectl", '[[ "$*" == *readyz* ]] && exit 0; echo "not found" >&2; exit 1')
    fake(fakes, "curl", "exit 7")
    done = script("validate-minikube.sh", "--skip-runs")
    assert done.returncode == 1
    assert " 1 FAIL  namespace" in done.stdout
    assert "to fix it: scripts/setup-minikube.sh" in done.stdout
    assert "8 of 8 checks failed" in done.stderr


def test_json_is_one_document_and_everything_else_goes_to_stderr(script: Script, fakes: Path) -> None:
    fake(
        fakes,
        "kubectl",
        '[[ "$*" == *readyz* ]] && exit 0; [[ "$*" == *"get namespace"* ]] && echo Active && exit 0; exit 1',
    )
    fake(fakes, "curl", "exit 7")
    done = script("validate-minikube.sh", "--skip-runs", "--json")
    document = json.loads(done.stdout)
    assert document["passed"] is False
    assert [check["number"] for check in document["checks"]] == list(range(1, 9))
    assert document["checks"][0] == {
        "number": 1,
        "name": "namespace",
        "passed": True,
        "detail": "Active",
        "seconds": document["checks"][0]["seconds"],
    }
    assert not document["checks"][1]["passed"]
    assert "FAIL" in done.stderr


needs_the_chart = pytest.mark.skipif(
    not list((ROOT / "charts").glob("airflow-*.tgz")), reason="the official chart is missing: make deps"
)


@pytest.fixture
def crowded(fakes: Path) -> Path:
    """Provide a cluster in which another release has the node port 30880; helm is the real one."""
    services = "other/other-airflow-api-server 30880\\nother/dns"
    fake(
        fakes,
        "kubectl",
        f'[[ "$*" == *readyz* ]] && exit 0; [[ "$*" == *"get services"* ]] && echo -e "{services}" && exit 0; exit 1',
    )
    return fakes


def with_helm(fakes: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{fakes}:{os.environ['PATH']}", "HOME": os.environ["HOME"]}
    command = [str(ROOT / "scripts" / "setup-minikube.sh"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.skipif(
    not list((ROOT / "charts").glob("airflow-*.tgz")), reason="the official chart is missing: make deps"
)
def test_a_port_of_another_release_is_refused_before_anything_is_made(crowded: Path) -> None:
    done = with_helm(crowded, "--release", "second")
    assert done.returncode == 2, done.stderr
    assert (
        "port 30880 of the node belongs to the Service other/other-airflow-api-server: choose another with --port"
        in (done.stderr)
    )
    assert "upgrade" not in done.stderr


@pytest.mark.skipif(
    not list((ROOT / "charts").glob("airflow-*.tgz")), reason="the official chart is missing: make deps"
)
@pytest.mark.parametrize("words", [["--port", "30881"], ["--release", "other", "--namespace", "other"]])
def test_a_port_of_its_own_is_none_of_another_release(crowded: Path, words: list[str]) -> None:
    done = with_helm(crowded, *words)
    # Helm goes on to a cluster that is not there.
    assert done.returncode == 3, done.stderr
    assert "belongs to the Service" not in done.stderr


@pytest.mark.parametrize("port", ["8080", "x", "32768", "33000000"])
def test_a_port_that_is_none_of_a_node_is_refused(script: Script, fakes: Path, port: str) -> None:
    fake(fakes, "kubectl")
    done = script("setup-minikube.sh", "--port", port)
    assert done.returncode == 2
    assert f"--port {port}: Kubernetes gives ports 30000 to 32767 to nodes" in done.stderr


class Airflow:
    """The API of an Airflow with a paused DAG and somebody's run of the date."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, object] | None]] = []

    def request(
        self, method: str, path: str, body: dict[str, object] | None = None, *, token: str | None = None
    ) -> dict[str, object]:
        self.calls.append((method, path, body))
        return {"is_paused": True, "state": "success", "access_token": "t"}


def test_a_pipeline_is_tried_in_a_run_of_its_own_and_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow = Airflow()
    module = types.ModuleType("airflow_api")
    module.login, module.request = lambda: "t", airflow.request  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "airflow_api", module)
    monkeypatch.setattr("time.sleep", lambda _: None)
    names = set()
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", ["run_dag.py", "d", "2013-12-01T02:00:00Z", "60"])
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(ROOT / "scripts" / "run_dag.py"))
        assert not left.value.code
        names.add(capsys.readouterr().out.split()[1])
    assert len(names) == 2
    posted = [body for method, path, body in airflow.calls if method == "POST"]
    assert {body["logical_date"] for body in posted if body} == {None}
    assert {body["run_after"] for body in posted if body} == {"2013-12-01T02:00:00Z"}
    assert not [path for _, path, _ in airflow.calls if "clear" in path]
    assert [body for method, _, body in airflow.calls if method == "PATCH"] == [
        {"is_paused": False},
        {"is_paused": True},
    ] * 2
