"""Chart.lock, by Helm's own rule, so that `helm dependency build` accepts it without a network."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading

import pytest
import yaml
from composition import HELM, ROOT

ORDER = ("name", "version", "repository", "condition")


def requirement(dependency: dict) -> dict:
    """Return a dependency with its fields in the order in which Helm hashes them; an empty repository is kept."""
    full = {"repository": "", **dependency}
    return {field: full[field] for field in ORDER if field in full}


def lock_digest(chart: dict, lock: dict) -> str:
    both = [[requirement(d) for d in chart["dependencies"]], [requirement(d) for d in lock["dependencies"]]]
    return "sha256:" + hashlib.sha256(json.dumps(both, separators=(",", ":")).encode()).hexdigest()


def test_the_lock_belongs_to_the_chart():
    chart, lock = (yaml.safe_load((ROOT / name).read_text()) for name in ("Chart.yaml", "Chart.lock"))
    assert lock["digest"] == lock_digest(chart, lock)


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


@pytest.fixture
def repository(tmp_path):
    """Provide the URL of a chart repository on this machine that holds the official chart's archive."""
    served = tmp_path / "served"
    served.mkdir()
    shutil.copy(next(ROOT.glob("charts/airflow-*.tgz")), served)
    subprocess.run([HELM, "repo", "index", served], check=True)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=served)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("tampered", [False, True])
def test_helm_builds_the_dependencies_from_the_lock(composition, repository, tmp_path, tampered):
    chart, lock = (yaml.safe_load((ROOT / name).read_text()) for name in ("Chart.yaml", "Chart.lock"))
    for document in (chart, lock):
        document["dependencies"][0]["repository"] = repository
    lock["digest"] = "sha256:0" if tampered else lock_digest(chart, lock)
    copy = tmp_path / "chart"
    ignored = shutil.ignore_patterns("*.tgz", "tests", "__pycache__")
    shutil.copytree(ROOT / "charts", copy / "charts", ignore=ignored)
    shutil.copy(ROOT / ".helmignore", copy)
    (copy / "Chart.yaml").write_text(yaml.safe_dump(chart))
    (copy / "Chart.lock").write_text(yaml.safe_dump(lock))
    homes = {"HELM_CONFIG_HOME": str(tmp_path / "config"), "HELM_CACHE_HOME": str(tmp_path / "cache")}
    helm = functools.partial(subprocess.run, env={**os.environ, **homes}, capture_output=True, text=True, check=False)
    assert helm([HELM, "repo", "add", "official", repository]).returncode == 0
    result = helm([HELM, "dependency", "build", copy])
    assert (result.returncode != 0) == tampered, result.stderr
    assert (copy / "charts/airflow-1.22.0.tgz").exists() != tampered
    if tampered:
        assert "out of sync" in result.stderr
