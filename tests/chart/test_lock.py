"""Chart.lock, by Helm's own rule, so that `helm dependency build` accepts it without a network."""

import hashlib
import json
import subprocess

import yaml
from composition import HELM, ROOT

ORDER = ("name", "version", "repository", "condition")


def requirement(dependency: dict) -> dict:
    """A dependency with its fields in the order in which Helm hashes them; an empty repository is kept."""
    full = {"repository": "", **dependency}
    return {field: full[field] for field in ORDER if field in full}


def test_the_lock_belongs_to_the_chart():
    chart, lock = (yaml.safe_load((ROOT / name).read_text()) for name in ("Chart.yaml", "Chart.lock"))
    both = [[requirement(d) for d in chart["dependencies"]], [requirement(d) for d in lock["dependencies"]]]
    assert lock["digest"] == "sha256:" + hashlib.sha256(json.dumps(both, separators=(",", ":")).encode()).hexdigest()


def test_versions_agree():
    chart, lock = (yaml.safe_load((ROOT / name).read_text()) for name in ("Chart.yaml", "Chart.lock"))
    assert {d["name"]: d["version"] for d in chart["dependencies"]} == {
        d["name"]: d["version"] for d in lock["dependencies"]
    }
    for dependency in chart["dependencies"]:
        if "repository" not in dependency:
            subchart = yaml.safe_load((ROOT / "charts" / dependency["name"] / "Chart.yaml").read_text())
            assert subchart["version"] == dependency["version"]
    pinned = (ROOT / "ci/charts.sha256").read_text().split()[1]
    assert pinned == "airflow-{version}.tgz".format(**chart["dependencies"][0])
    package = (ROOT / "src/maestro_ml/__init__.py").read_text()
    assert f'__version__ = "{chart["appVersion"]}"' in package


def test_helm_finds_every_dependency(composition):
    table = subprocess.run(
        [HELM, "dependency", "list", "."], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    states = {line.split()[0]: line.split()[-1] for line in table.splitlines()[1:] if line.strip()}
    assert states.pop("airflow") == "ok"
    assert set(states.values()) <= {"ok", "unpacked"}


def test_image_tags_are_the_version_of_the_chart():
    chart = yaml.safe_load((ROOT / "Chart.yaml").read_text())
    values = yaml.safe_load((ROOT / "values.yaml").read_text())
    assert values["airflow"]["defaultAirflowTag"] == chart["appVersion"]
    assert values["global"]["environment"]["MAESTRO_TRAINING_IMAGE"].endswith(f":{chart['appVersion']}")
