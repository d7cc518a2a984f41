"""The scripts around a small cluster, with fake programs in place of kubectl and minikube.

`make e2e` runs them on a real one.
"""

import json
import os
import subprocess
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
    """A folder of programs that stand in for the real ones; each writes down how it was called."""
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


def test_failed_checks_are_told_with_a_way_to_mend_them(script: Script, fakes: Path) -> None:
    # A cluster that answers, with nothing in it.
    fake(fakes, "kubectl", '[[ "$*" == *readyz* ]] && exit 0; echo "not found" >&2; exit 1')
    fake(fakes, "curl", "exit 7")
    done = script("validate-minikube.sh", "--skip-runs")
    assert done.returncode == 1
    assert " 1 FAIL  namespace" in done.stdout
    assert "to mend it: scripts/setup-minikube.sh" in done.stdout
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
