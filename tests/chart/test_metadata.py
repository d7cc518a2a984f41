"""What Artifact Hub and Helm read of the chart: its annotations, its package, the images it names."""

import re

import pytest
import yaml
from composition import ROOT

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


def test_the_license_is_that_of_the_file():
    assert ANNOTATIONS["artifacthub.io/license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:300]


@pytest.mark.parametrize("file", ["README.md", "LICENSE", "values.schema.json", "Chart.lock"])
def test_the_package_holds_what_is_shown(file):
    assert (ROOT / file).exists()
    ignored = [line for line in (ROOT / ".helmignore").read_text().splitlines() if line and not line.startswith("#")]
    assert f"/{file}" not in ignored
    assert file not in ignored
