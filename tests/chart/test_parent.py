"""Maestro as a part of another chart, which has values of its own in `global`."""

import subprocess

import pytest
import yaml
from composition import HELM, ROOT
from manifests import load


@pytest.fixture
def parent(composition, tmp_path):
    """Provide a chart that depends on Maestro with the values of a laptop."""
    (tmp_path / "charts").mkdir()
    subprocess.run([HELM, "package", ROOT, "-d", tmp_path / "charts"], capture_output=True, check=True)
    dependency = {"name": "maestro", "version": "0.1.0"}
    chart = {"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": [dependency]}
    values = yaml.safe_load((ROOT / "values/minikube.yaml").read_text())
    shared = values.pop("global")
    own = {"imageRegistry": "registry.example.com", "imagePullSecrets": ["pull"], "storageClass": "fast", "platform": 1}
    (tmp_path / "Chart.yaml").write_text(yaml.safe_dump(chart))
    (tmp_path / "values.yaml").write_text(yaml.safe_dump({"maestro": values, "global": {**shared, **own}}))
    return tmp_path


def test_a_parents_globals_are_accepted_and_honoured(parent):
    done = subprocess.run([HELM, "template", "p", parent, "-n", "ml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    manifests = load(done.stdout)
    assert len(manifests) > 40
    assert {c.spec["image"].split("/")[0] for c in manifests.containers} == {"registry.example.com"}
    assert all(pod["spec"]["imagePullSecrets"] == [{"name": "pull"}] for pod in manifests.pods.values())
    claims = manifests.of("PersistentVolumeClaim") + [
        claim for d in manifests.of("StatefulSet") for claim in d["spec"].get("volumeClaimTemplates") or []
    ]
    assert {claim["spec"]["storageClassName"] for claim in claims} == {"fast"}
