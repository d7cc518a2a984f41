"""The scripts for a small cluster, on this one; the pipelines run in the scheduler's pod here."""

import json
import re
import subprocess

import pytest
from harness.proof import machine, prove, table
from harness.release import NAME, ROOT, Release


def test_setting_up_again_rolls_no_pod(minikube: Release) -> None:
    before = _pods(minikube)
    done = _script("setup-minikube.sh", "--namespace", minikube.namespace, "--release", NAME)
    assert done.returncode == 0, done.stderr
    assert ":30880" in done.stdout
    assert _pods(minikube) == before


def test_a_dry_run_changes_nothing(minikube: Release) -> None:
    revision = minikube.helm("history", NAME, "--output", "json")
    done = _script("setup-minikube.sh", "--namespace", minikube.namespace, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "upgrade --install" in done.stdout
    assert minikube.helm("history", NAME, "--output", "json") == revision


def test_validating_passes_and_runs_every_pipeline(minikube: Release) -> None:
    done = _script("validate-minikube.sh", "--namespace", minikube.namespace, "--release", NAME, "--json")
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert document["passed"]
    checks = document["checks"]
    assert [check["detail"].split()[0] for check in checks if check["name"] == "run"] == [
        "data_validation_pipeline",
        "feast_feature_materialization",
        "model_training_pipeline",
    ]
    prove(
        "scripts",
        "`scripts/validate-minikube.sh`",
        machine(),
        table(
            ("", "check", "", "detail", "seconds"),
            [
                (c["number"], c["name"], "PASS" if c["passed"] else "FAIL", _anonymous(c["detail"]), c["seconds"])
                for c in checks
            ],
        ),
    )


def _anonymous(detail: str) -> str:
    """Return the text without the address of this cluster's node."""
    return re.sub(r"//[\d.]+:", "//NODE:", detail)


@pytest.mark.parametrize("name", ["setup-minikube.sh", "validate-minikube.sh"])
def test_a_cluster_that_is_not_there_is_exit_code_3(cluster: None, name: str) -> None:
    assert _script(name, "--context", "no-such-context").returncode == 3


def test_a_release_that_is_not_there_fails_its_checks(cluster: None) -> None:
    done = _script("validate-minikube.sh", "--namespace", "no-such-namespace", "--skip-runs")
    assert done.returncode == 1
    assert "to fix it: scripts/setup-minikube.sh" in done.stdout


def _script(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts" / name), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=2400, check=False)


def _pods(release: Release) -> set[str]:
    # The setup Job's pod comes with each revision of what it does, and only then.
    return {pod["metadata"]["uid"] for pod in release.kubectl.pods()}
