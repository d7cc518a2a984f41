"""ci/diff: what an upgrade would change; fake programs in place of Helm and kubectl."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HELM = """#!/bin/bash
echo "helm $*" >> "$CALLS"
case $1 in
  get) [ -z "${NO_RELEASE:-}" ] || { echo "Error: release: not found" >&2; exit 1; }; echo old ;;
  template) [ -z "${REFUSED:-}" ] || { echo "Error: set postgres.enabled" >&2; exit 1; }; echo new ;;
esac
"""
KUBECTL = """#!/bin/bash
echo "kubectl $*" >> "$CALLS"
case $1 in
  diff) echo "${DIFFERENCE:-}"; exit "${DIFF_CODE:-0}" ;;
  get) case $* in
    *old.yaml*) printf '%b' "${OLD:-}" ;;
    *) printf '%b' "${NEW:-}" ;;
  esac ;;
esac
"""


@pytest.fixture
def diff(tmp_path):
    """Runs ci/diff with fake programs; the answer, and what they were called with."""

    def run(kubectl=True, **environment):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in ("bash", "dirname", "mktemp", "rm", "tail", "grep", "tr", "sort", "comm"):
            if not (folder / name).exists():
                (folder / name).symlink_to(next(p for d in os.get_exec_path() if (p := Path(d) / name).exists()))
        for name, text in [("helm", HELM), ("kubectl", KUBECTL)][: 1 + kubectl]:
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        calls = tmp_path / "calls"
        calls.write_text("")
        given = {"PATH": str(folder), "HELM": str(folder / "helm"), "CALLS": str(calls), **environment}
        done = subprocess.run([ROOT / "ci/diff"], env=given, capture_output=True, text=True, check=False)
        return done, calls.read_text()

    return run


def test_nothing_would_change(diff):
    done, calls = diff(OLD="Job <none> a <none>\n", NEW="Job <none> a <none>\n")
    assert (done.returncode, done.stdout.strip()) == (0, "nothing would change")
    assert "helm get manifest maestro -n maestro" in calls
    assert "--is-upgrade --no-hooks --dry-run=server -f values/minikube.yaml" in calls
    assert not [line for line in calls.splitlines() if line.split()[1] not in {"get", "template", "diff"}]


def test_a_difference_is_shown_and_so_is_what_leaves_the_release(diff):
    done, _ = diff(
        DIFFERENCE="+  replicas: 2",
        DIFF_CODE="1",
        OLD="Job   ml   setup-1   <none>\nPersistentVolumeClaim   ml   store   keep\nService ml a <none>\n",
        NEW="Service  ml  a   <none>\n",
    )
    assert done.returncode == 1
    assert "+  replicas: 2" in done.stdout
    assert "would be removed: Job setup-1 in ml" in done.stdout
    assert "would stay, and belong to no release: PersistentVolumeClaim store in ml" in done.stdout
    assert "Service" not in done.stdout


def test_the_release_and_the_values_are_those_that_are_named(diff):
    _, calls = diff(RELEASE="r", NAMESPACE="n", ENV="prod", VALUES="ci/prod-values.yaml")
    assert "helm get manifest r -n n" in calls
    assert "-f values/prod.yaml -f ci/prod-values.yaml" in calls
    assert "kubectl diff -n n -f " in calls


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"NO_RELEASE": "1"}, "release maestro in the namespace maestro cannot be read (Error: release: not found)"),
        ({"REFUSED": "1"}, "the new values cannot be rendered: Error: set postgres.enabled"),
        ({"DIFF_CODE": "2"}, "kubectl diff failed"),
        ({"ENV": "staging"}, "there is no values/staging.yaml"),
        ({"VALUES": "nowhere.yaml"}, "there is no nowhere.yaml"),
        ({"kubectl": False}, "kubectl is not on PATH"),
    ],
)
def test_what_stops_it_is_one_line(diff, environment, words):
    done, _ = diff(**environment)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr
