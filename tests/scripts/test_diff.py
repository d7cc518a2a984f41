"""ci/diff: what an upgrade would change; fake programs in place of Helm and kubectl."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HELM = """#!/bin/bash
echo "helm $*" >> "$CALLS"
case $1 in
  get) [ -z "${NO_RELEASE:-}" ] || { echo "Error: release: not found" >&2; exit 1; }; printf '%b' "${MANIFEST:-}" ;;
  template) [ -z "${REFUSED:-}" ] || { echo "Error: set postgres.enabled" >&2; exit 1; }; printf '%b' "${RENDER:-}" ;;
esac
"""
KUBECTL = """#!/bin/bash
echo "kubectl $*" >> "$CALLS"
case $1 in
  config) [ -z "${IN_A_POD:-}" ] || exit 1; asked=${!#}; echo "the-${asked##*.}" | tr -d '}' ;;
  diff) cat "${KUBECONFIG%%:*}" >> "$CALLS" 2> /dev/null; echo "POD_NAMESPACE ${POD_NAMESPACE:-}" >> "$CALLS"
    echo "${DIFFERENCE:-}"; [ -z "${DIFF_ERROR:-}" ] || echo "$DIFF_ERROR" >&2; exit "${DIFF_CODE:-0}" ;;
  get) [ -z "${GET_FAILS:-}" ] || exit 1; case $* in
    *old.yaml*) printf '%b' "${OLD:-}" ;;
    *) printf '%b' "${NEW:-}" ;;
  esac ;;
esac
"""


@pytest.fixture
def diff(tmp_path):
    """Run ci/diff with fake programs; return the answer, and what they were called with."""

    def run(kubectl=True, **environment):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in ("bash", "cat", "comm", "diff", "dirname", "grep", "mktemp", "rm", "sort", "tail", "tr"):
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
    commands = {tuple(line.split()[:2]) for line in calls.splitlines() if line.startswith(("helm ", "kubectl "))}
    assert {(name, verb) for name, verb in commands if name == "helm"} == {("helm", "get"), ("helm", "template")}
    assert {verb for name, verb in commands if name == "kubectl"} == {"config", "diff", "get"}


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
    assert 'namespace: "n"' in calls


def test_what_the_new_render_leaves_out_is_shown_whatever_kubectl_knows(diff):
    """Helm writes no annotation by which kubectl would see that a field was there because of it."""
    done, _ = diff(MANIFEST="# Source: a.yaml\nkind: Job\nenv: [A]\n", RENDER="# Source: a.yaml\nkind: Job\n")
    assert done.returncode == 1
    assert "-env: [A]" in done.stdout


def test_a_last_line_that_is_blank_is_no_difference(diff):
    done, _ = diff(MANIFEST="kind: Job\n\n", RENDER="kind: Job\n")
    assert done.returncode == 0


def test_objects_of_other_namespaces_are_looked_at_too(diff):
    """With -n kubectl refuses a file that holds an object of another namespace: the namespace comes from a context."""
    _, calls = diff(NAMESPACE="ml", KUBECONFIG="/somewhere/config")
    assert 'cluster: "the-cluster", user: "the-user", namespace: "ml"' in calls
    assert not [line for line in calls.splitlines() if line.startswith("kubectl ") and " -n " in line]


def test_kubectl_reads_the_cluster_that_helm_reads(diff):
    _, calls = diff(HELM_KUBECONTEXT="staging")
    assert "config view --minify --context staging" in calls


def test_in_a_pod_the_namespace_comes_from_a_variable(diff):
    _, calls = diff(IN_A_POD="1", NAMESPACE="ml")
    assert "POD_NAMESPACE ml" in calls


def test_a_namespace_that_the_upgrade_makes_is_no_failure(diff):
    done, _ = diff(DIFF_CODE="2", DIFF_ERROR='Error from server (NotFound): namespaces "ml-training" not found')
    assert done.returncode == 1
    assert "the upgrade would make a namespace first" in done.stdout


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"NO_RELEASE": "1"}, "release maestro in the namespace maestro cannot be read (Error: release: not found)"),
        ({"REFUSED": "1"}, "the new values cannot be rendered: Error: set postgres.enabled"),
        ({"DIFF_CODE": "2"}, "kubectl diff failed"),
        ({"GET_FAILS": "1"}, "the objects of the release cannot be read"),
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
