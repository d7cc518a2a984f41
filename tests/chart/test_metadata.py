"""What Artifact Hub and Helm read of the chart: its annotations, its package, the images it names."""

import re
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from composition import HELM, ROOT

CHART = yaml.safe_load((ROOT / "Chart.yaml").read_text())
ANNOTATIONS = CHART["annotations"]
KINDS = {"added", "changed", "deprecated", "removed", "fixed", "security"}


def listed(name: str) -> list[dict]:
    return yaml.safe_load(ANNOTATIONS[f"artifacthub.io/{name}"])


def test_the_changes_have_a_kind_and_a_sentence():
    for change in listed("changes"):
        assert change["kind"] in KINDS
        assert change["description"].endswith(".")


def test_the_links_have_names_and_addresses():
    assert {link["name"] for link in listed("links")} >= {"Apache Airflow", "Feast", "MLflow"}
    assert all(re.fullmatch(r"https://[\w.-]+\.\w+(/\S*)?", link["url"]) for link in listed("links"))


def test_every_image_that_is_installed_is_listed_and_no_other(manifests, prod, minikube):
    listed_images = {image["image"].removeprefix("docker.io/library/") for image in listed("images")}
    installed = {c.spec["image"].removeprefix("docker.io/library/") for c in [*prod.containers, *minikube.containers]}
    assert listed_images == installed


def test_the_version_before_the_first_stable_one_is_a_prerelease():
    assert ANNOTATIONS["artifacthub.io/prerelease"] == str(CHART["version"].startswith("0.")).lower()
    assert ANNOTATIONS["artifacthub.io/operator"] == "false"


def test_nothing_is_claimed_that_is_not_there():
    """Pictures and a signing key need addresses, which a repository without a public home does not have."""
    assert {"artifacthub.io/screenshots", "artifacthub.io/signKey"} & set(ANNOTATIONS) == set()
    assert (
        ANNOTATIONS["artifacthub.io/containsSecurityUpdates"]
        == str(any(change["kind"] == "security" for change in listed("changes"))).lower()
    )
    assert all(re.fullmatch(r"https://artifacthub\.io/packages/\S+", each["url"]) for each in listed("recommendations"))


def package(folder) -> Path:
    folder.mkdir()
    subprocess.run([HELM, "package", ROOT, "-d", folder], capture_output=True, text=True, check=True)
    return next(folder.glob("*.tgz"))


def members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {item.name: tar.extractfile(item).read() for item in tar.getmembers() if item.isfile()}


def test_two_packages_of_one_state_hold_the_same_files(composition, tmp_path):
    first, second = (package(tmp_path / name) for name in ("first", "second"))
    assert members(first) == members(second)
    assert {"README.md", "LICENSE", "CHANGELOG.md", "Chart.lock"} <= {
        name.removeprefix("maestro/") for name in members(first)
    }
    inside = {name.split("/")[1] for name in members(first)}
    assert inside & {"tests", "src", "docs", "ci", "bench", "changes", "Makefile", "pyproject.toml"} == set()
    assert [name for name in members(first) if re.search(r"maestro/charts/(?!airflow)\w+/tests/", name)] == []
    # Helm keeps the chart, as text, and the manifest in the Secret of the release, which holds 1 MiB.
    assert first.stat().st_size < 600_000


def test_the_license_is_that_of_the_file():
    assert ANNOTATIONS["artifacthub.io/license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:300]


@pytest.mark.parametrize("file", ["README.md", "LICENSE", "values.schema.json", "Chart.lock"])
def test_the_package_holds_what_is_shown(file):
    assert (ROOT / file).exists()
    ignored = [line for line in (ROOT / ".helmignore").read_text().splitlines() if line and not line.startswith("#")]
    assert f"/{file}" not in ignored
    assert file not in ignored
