"""A new subchart is a folder: `make chart-reference` puts it into the umbrella, and no other file is edited."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from composition import ENVIRONMENTS, ROOT
from manifests import Manifests, load

FIXTURE = Path(__file__).parent / "fixtures/echo"
# What Helm, the reference and the Makefile read.
PARTS = (
    "Chart.yaml",
    "Chart.lock",
    "Makefile",
    "pyproject.toml",
    "constraints.txt",
    "values.yaml",
    "values.schema.json",
    "LICENSE",
    "README.md",
    ".helmignore",
)
FOLDERS = ("templates", "files", "values", "charts", "ci", "docs/chart")
WRITTEN = {"Chart.yaml", "Chart.lock", "values.schema.json", "docs/chart/values.md"}
SECRET = "echo.auth.existingSecret=echo-password"


def contents(tree: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and "charts/echo/" not in str(path)
    }


@pytest.fixture(scope="module")
def tree(composition, tmp_path_factory) -> Path:
    """Provide a copy of the chart with the folder of the new subchart in it."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PARTS:
        shutil.copy(ROOT / name, tree / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    (tree / ".tools").symlink_to(ROOT / ".tools")
    shutil.copytree(FIXTURE, tree / "charts/echo")
    (tree / "charts/echo/charts").mkdir()
    (tree / "charts/echo/charts/common").symlink_to("../../common")
    return tree


@pytest.fixture(scope="module")
def written(tree) -> set[str]:
    """Provide the files outside the folder that `make chart-reference` wrote."""
    before = contents(tree)
    subprocess.run([sys.executable, "ci/values_reference.py"], cwd=tree, check=True, capture_output=True)
    after = contents(tree)
    return {name for name in after if after[name] != before.get(name)}


def helm(tree: Path, *arguments: str) -> subprocess.CompletedProcess:
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    command = [".tools/helm", *arguments[:1], *arguments[1:2], ".", "--namespace", "ml", *files, *arguments[2:]]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def rendered(tree: Path, *settings: str) -> Manifests:
    done = helm(tree, "template", "maestro", *(part for setting in (SECRET, *settings) for part in ("--set", setting)))
    assert done.returncode == 0, done.stderr
    return load(done.stdout)


@pytest.fixture(scope="module")
def objects(tree, written) -> Manifests:
    return rendered(tree, "global.imageRegistry=registry.example.com", "global.imagePullSecrets={pull}")


def test_no_file_is_edited_by_hand_and_four_are_written(written):
    assert written == WRITTEN


def test_the_umbrella_has_it_as_a_part_that_can_be_switched_off(tree, written):
    assert "  - name: echo\n    version: 0.1.0\n    condition: echo.enabled\n" in (tree / "Chart.yaml").read_text()
    assert not [d for d in rendered(tree, "echo.enabled=false") if "-echo" in d["metadata"]["name"]]
    state = subprocess.run(
        [".tools/helm", "dependency", "list", "."], cwd=tree, capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[-1] for line in state.splitlines() if line.startswith("echo")] == ["unpacked"]


def test_its_objects_have_the_labels_the_image_and_the_defaults_of_all_pods(objects):
    deployment = objects.named("Deployment", "maestro-echo")
    assert deployment["metadata"]["labels"]["app.kubernetes.io/part-of"] == "maestro"
    pod = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    spec = pod["spec"]
    assert spec["serviceAccountName"] == "maestro-echo"
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["imagePullSecrets"] == [{"name": "pull"}]
    assert spec["securityContext"]["runAsNonRoot"] is True
    (container,) = spec["containers"]
    assert container["image"] == "registry.example.com/library/echo:1"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert objects.named("ServiceAccount", "maestro-echo")["automountServiceAccountToken"] is False


def test_its_secret_is_one_of_those_that_must_be_named(tree, written):
    message = helm(tree, "template", "maestro").stderr
    assert "- echo.auth.existingSecret: a Secret with the key password" in message


def test_its_values_are_in_the_reference_and_in_a_schema_of_its_own(tree, written):
    assert '| `echo.auth.existingSecret` | `""` | Secret with the key `password`. |' in (
        tree / "docs/chart/values.md"
    ).read_text().replace("&#124;", "|")
    message = helm(tree, "template", "maestro", "--set", SECRET, "--set", "echo.replcas=2").stderr
    assert "'replcas' not allowed" in message
    empty = rendered(tree, "echo.replicas=null").named("Deployment", "maestro-echo")
    assert empty["spec"]["replicas"] == 1


def test_a_variable_of_its_own_is_refused_twice(tree, written):
    done = helm(tree, "template", "maestro", "--set", SECRET, "--set", "echo.extraEnv[0].name=PASSWORD")
    assert "echo: extraEnv has PASSWORD, and the chart sets it in the container echo itself" in done.stderr


def policy(objects: Manifests, name: str) -> dict:
    return objects.named("NetworkPolicy", f"maestro-{name}")["spec"]


def test_its_pods_have_a_policy_and_those_it_names_may_call_it(objects):
    own = policy(objects, "echo")
    labels = objects.named("Deployment", "maestro-echo")["spec"]["template"]["metadata"]["labels"]
    assert own["podSelector"]["matchLabels"].items() <= labels.items()
    callers, visitors = own["ingress"]
    assert [port["port"] for port in callers["ports"]] == [7000]
    assert {peer["podSelector"]["matchLabels"].get("component", "training") for peer in callers["from"]} == {
        "worker",
        "training",
    }
    assert visitors == {
        "from": [{"podSelector": {"matchLabels": {"app": "visitor"}}}],
        "ports": [{"port": 7001, "protocol": "TCP"}],
    }
    assert {port["port"] for rule in own["egress"] for port in rule["ports"]} == {53, 5353, 7443}
    for caller in ("worker", "training"):
        (found,) = [
            rule
            for document in objects.of("NetworkPolicy")
            if document["metadata"]["name"] == f"maestro-{caller}"
            for rule in document["spec"]["egress"]
            if [port["port"] for port in rule["ports"]] == [7000]
        ]
        assert found["to"][0]["podSelector"]["matchLabels"] == own["podSelector"]["matchLabels"]


def test_the_makefile_and_helm_lint_find_it(tree, written):
    plan = subprocess.run(
        ["make", "--dry-run", "test-chart"], cwd=tree, capture_output=True, text=True, check=False
    ).stdout
    (line,) = [line for line in plan.splitlines() if "helm-unittest charts" in line]
    assert "charts/echo" in line.split()
    suite = subprocess.run(
        [".tools/helm-unittest", "charts/echo"], cwd=tree, capture_output=True, text=True, check=False
    )
    assert suite.returncode == 0, suite.stdout
    done = helm(tree, "lint", "--strict", "--set", SECRET)
    assert done.returncode == 0, done.stdout + done.stderr
