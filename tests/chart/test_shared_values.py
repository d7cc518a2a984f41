"""Values that reach every pod or object: registries, pull secrets, authorities, labels, volumes of one's own."""

import pytest
from manifests import Manifests
from workloads import pods_of, with_values


def airflow_pods(manifests: Manifests) -> dict[str, dict]:
    airflow = {owner: pod for owner, pod in manifests.pods.items() if "-airflow-" in owner}
    return airflow | pods_of(manifests, "setup") | pods_of(manifests, "tests")


DIGEST = "sha256:" + "1" * 64


def test_airflows_digest_and_pull_policy_reach_setup_and_tests(composition, tmp_path):
    airflow = {"defaultAirflowDigest": DIGEST, "images": {"airflow": {"pullPolicy": "Always"}}}
    manifests = with_values(tmp_path, {"airflow": airflow}, "prod")
    for pod in (pods_of(manifests, "setup") | pods_of(manifests, "tests")).values():
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            assert container["image"] == f"localhost/maestro-airflow@{DIGEST}"
            assert container["imagePullPolicy"] == "Always"


@pytest.mark.parametrize(
    ("airflow", "image"),
    [
        ({"defaultAirflowDigest": DIGEST}, f"localhost/maestro-airflow@{DIGEST}"),
        ({"images": {"airflow": {"digest": DIGEST}}}, f"localhost/maestro-airflow@{DIGEST}"),
        (
            {"images": {"airflow": {"repository": "registry.example.com:5000/own", "tag": "7"}}},
            "registry.example.com:5000/own:7",
        ),
    ],
)
def test_flower_runs_the_image_of_airflow_which_the_official_chart_gives_it_by_default_only(
    composition, tmp_path, airflow, image
):
    flower = with_values(tmp_path, {"airflow": airflow}, "prod").named("Deployment", "maestro-airflow-flower")
    assert {c["image"] for c in flower["spec"]["template"]["spec"]["containers"]} == {image}


def test_flower_keeps_an_image_of_its_own(composition, tmp_path):
    images = {"airflow": {"digest": DIGEST}, "flower": {"repository": "localhost/flower", "tag": "2"}}
    manifests = with_values(tmp_path, {"airflow": {"images": images}}, "prod")
    [container] = manifests.named("Deployment", "maestro-airflow-flower")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "localhost/flower:2"


@pytest.mark.parametrize(
    "values",
    [
        {"airflow": {"registry": {"secretName": "pull"}}},
        {"airflow": {"imagePullSecrets": ["pull"]}},
        {"airflow": {"imagePullSecrets": [{"name": "pull"}]}},
        {"global": {"imagePullSecrets": ["pull"]}},
    ],
)
def test_pull_secrets_reach_every_pod_of_airflow_the_setup_and_the_tests(composition, tmp_path, values):
    manifests = with_values(tmp_path, values, "prod")
    pods = manifests.pods if "global" in values else airflow_pods(manifests)
    for owner, pod in pods.items():
        assert pod["spec"]["imagePullSecrets"] == [{"name": "pull"}], owner


def test_one_registry_serves_every_image(composition, tmp_path):
    manifests = with_values(tmp_path, {"global": {"imageRegistry": "registry.example.com/mirror"}}, "prod")
    outside = {c.spec["image"] for c in manifests.containers if not c.spec["image"].startswith("registry.example.com/")}
    assert outside == set()
    # By the same names as at Docker Hub, ours and the official chart's.
    redis = {c.spec["image"].split(":")[0] for c in manifests.containers if "redis:" in c.spec["image"]}
    assert redis == {"registry.example.com/mirror/library/redis"}
    assert len([c for c in manifests.containers if "/library/redis:" in c.spec["image"]]) == 2
    environment = manifests.named("ConfigMap", "maestro-environment")["data"]
    assert environment["MAESTRO_TRAINING_IMAGE"] == "registry.example.com/mirror/maestro-training:0.1.0"


def test_training_pods_take_the_pull_secrets_from_their_service_account(composition, tmp_path):
    values = {"airflow": {"registry": {"secretName": "first"}}, "global": {"imagePullSecrets": ["second"]}}
    manifests = with_values(tmp_path, values, "prod")
    (account,) = [d for d in manifests.of("ServiceAccount") if d["metadata"]["name"] == "maestro-training"]
    assert account["imagePullSecrets"] == [{"name": "first"}, {"name": "second"}]


@pytest.mark.parametrize("kind", ["configMap", "secret"])
def test_authorities_of_ones_own_reach_every_pod(composition, tmp_path, kind):
    manifests = with_values(tmp_path, {"global": {"caBundle": {f"{kind}Name": "own-ca", "key": "bundle.pem"}}}, "prod")
    for owner, pod in (manifests.pods).items():
        if "-airflow-redis" in owner or "-airflow-pgbouncer" in owner:
            continue  # they call nobody by HTTPS
        volume = next(volume for volume in pod["spec"]["volumes"] if volume["name"] == "ca-bundle")
        assert volume[kind]["items"] == [{"key": "bundle.pem", "path": "ca.crt"}], owner
        container = pod["spec"]["containers"][0]
        assert {"name": "SSL_CERT_FILE", "value": "/etc/maestro/ca/ca.crt"} in container["env"], owner
        assert any(mount["mountPath"] == "/etc/maestro/ca" for mount in container["volumeMounts"]), owner


def test_authorities_of_ones_own_are_under_ca_crt_unless_another_key_is_named(composition, tmp_path):
    manifests = with_values(tmp_path, {"global": {"caBundle": {"secretName": "own-ca"}}}, "prod")
    volumes = [v for pod in manifests.pods.values() for v in pod["spec"].get("volumes", ()) if v["name"] == "ca-bundle"]
    assert {volume["secret"]["items"][0]["key"] for volume in volumes} == {"ca.crt"}


OWN = {"name": "own", "emptyDir": {}}


def test_volumes_of_ones_own_stand_beside_ours(composition, tmp_path):
    """Helm replaces lists; without /tmp and /opt/airflow nothing starts on a read-only root."""
    mount = {"name": "own", "mountPath": "/own"}
    airflow = {
        "volumes": [OWN],
        "volumeMounts": [mount],
        "pgbouncer": {"extraVolumes": [{**OWN, "name": "p"}], "extraVolumeMounts": [{"name": "p", "mountPath": "/p"}]},
        "scheduler": {"extraVolumes": [{**OWN, "name": "s"}], "extraVolumeMounts": [{"name": "s", "mountPath": "/s"}]},
        "extraEnvFrom": "  - secretRef:\n      name: own-secret\n",
    }
    for environment in ("prod", "minikube"):
        manifests = with_values(tmp_path, {"airflow": airflow}, environment)
        scheduler = manifests.named("Deployment", "maestro-airflow-scheduler")["spec"]["template"]["spec"]
        assert {"tmp", "airflow-home", "own", "s"} <= {volume["name"] for volume in scheduler["volumes"]}
        container = scheduler["containers"][0]
        assert {"/tmp", "/opt/airflow", "/own", "/s"} <= {item["mountPath"] for item in container["volumeMounts"]}
        sources = [next(iter(source.values()))["name"] for source in container["envFrom"]]
        assert sources[0] == "maestro-environment"
        assert sources[-1] == "own-secret"
        assert len(sources) == 3
        if environment == "minikube":
            assert "store" in {volume["name"] for volume in scheduler["volumes"]}
        else:
            pooler = manifests.named("Deployment", "maestro-airflow-pgbouncer")["spec"]["template"]["spec"]
            assert {"pgbouncer-ini", "pgbouncer-users", "own", "p"} <= {volume["name"] for volume in pooler["volumes"]}


def test_common_labels_are_on_every_object_and_pod_and_in_no_selector(composition, tmp_path):
    theirs = dict.fromkeys(("tier", "component", "release", "chart", "heritage", "executor"), "backend")
    manifests = with_values(tmp_path, {"commonLabels": {"example.com/owner": "ml", **theirs}}, "prod")
    assert [d["metadata"]["name"] for d in manifests if d["metadata"]["labels"].get("example.com/owner") != "ml"] == []
    assert [o for o, pod in manifests.pods.items() if pod["metadata"]["labels"].get("example.com/owner") != "ml"] == []
    assert [d for d in manifests if "example.com/owner" in str(d.get("spec", {}).get("selector"))] == []
    # The labels that the official chart goes by keep its values.
    assert {pod["metadata"]["labels"]["tier"] for o, pod in manifests.pods.items() if "-airflow-" in o} == {"airflow"}
    for workload in manifests.of("Deployment", "StatefulSet"):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert workload["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_objects_of_ones_own_are_made_from_mappings_and_texts(composition, tmp_path):
    mapping = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-mapping"}}
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n"
    manifests = with_values(tmp_path, {"extraObjects": [mapping, text]}, "minikube")
    assert manifests.named("ConfigMap", "maestro-mapping")
    assert manifests.named("ConfigMap", "maestro-text")
