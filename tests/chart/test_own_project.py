"""A project of one's own: what ci/own-project-values.yaml says reaches every pod, and nothing of ours is lost by it."""

import json
import subprocess

import pytest
from composition import HELM, NAMESPACE, RELEASE, ROOT, loaded
from manifests import load
from rendered_settings import airflow_config

OWN = ROOT / "ci/own-project-values.yaml"


@pytest.fixture(scope="module")
def own(composition):
    files = ["values/prod.yaml", "ci/prod-values.yaml", OWN]
    command = [
        HELM,
        "template",
        RELEASE,
        ".",
        "--namespace",
        NAMESPACE,
        *[part for file in files for part in ("-f", file)],
    ]
    return load(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def bundles(manifests):
    return json.loads(airflow_config(manifests)["dag_processor"]["dag_bundle_config_list"])


def test_its_dags_stand_beside_the_pipelines(own):
    (ours,) = bundles(loaded("prod"))
    first, second = bundles(own)
    assert first == ours
    assert second["name"] == "acme"
    assert second["kwargs"] == {"path": "/opt/acme/dags"}


def test_airflow_and_training_pods_find_the_project(own):
    for name, namespace in ((f"{RELEASE}-environment", None), (f"{RELEASE}-environment", f"{NAMESPACE}-training")):
        (environment,) = (
            d["data"]
            for d in own.of("ConfigMap")
            if d["metadata"]["name"] == name and d["metadata"].get("namespace", NAMESPACE) == (namespace or NAMESPACE)
        )
        assert environment["MAESTRO_PROJECT"] == "/opt/acme"
        assert environment["MAESTRO_TRAINING_IMAGE"] == "registry.example.com/acme-training:1.0.0"


def test_every_pod_on_airflows_image_has_it(own):
    images = {
        c.spec["image"] for c in own.containers if "airflow" in c.spec["image"] and "pgbouncer" not in c.spec["image"]
    }
    assert images == {"registry.example.com/acme-airflow:1.0.0"}


def test_the_feature_server_serves_it(own):
    assert "project: acme\n" in own.named("ConfigMap", f"{RELEASE}-featurestore")["data"]["feature_store.yaml"]


def test_no_volume_of_ours_is_lost(own):
    def volumes(manifests):
        pods = {owner: pod for owner, pod in manifests.pods.items() if "-setup-" not in owner}
        return {owner: [volume["name"] for volume in pod["spec"].get("volumes", [])] for owner, pod in pods.items()}

    assert volumes(own) == volumes(loaded("prod"))
