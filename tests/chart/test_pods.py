"""Every pod of ours takes the same values with the same meaning."""

import pytest
import yaml
from composition import ENVIRONMENTS, helm_template
from manifests import Manifests, load

SPREAD = [
    {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"a": "b"}},
    }
]
AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu", "operator": "DoesNotExist"}]}]
        }
    }
}
CONTRACT = {
    "serviceAccount": {"name": "own-account", "annotations": {"example.com/role": "reader"}},
    "extraEnv": [{"name": "OWN_VARIABLE", "value": "own"}],
    "extraEnvFrom": [{"configMapRef": {"name": "own-environment"}}],
    "extraVolumes": [{"name": "own", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "own", "mountPath": "/own"}],
    "podLabels": {"example.com/team": "ml", "app.kubernetes.io/instance": "another"},
    "podAnnotations": {"example.com/note": "own"},
    "nodeSelector": {"pool": "ml"},
    "tolerations": [{"key": "ml", "operator": "Exists", "tolerationSeconds": 1000000}],
    "affinity": AFFINITY,
    "topologySpreadConstraints": SPREAD,
    "priorityClassName": "own-priority",
    "podSecurityContext": {"runAsUser": 1000700000},
    "securityContext": {"runAsGroup": 1000700000},
}
RESTORE = {"postgres": {"backup": {"destination": "pvc"}, "restore": {"enabled": True, "backup": "latest"}}}
# Where the values of a pod are, and the pods that take them, by the end of their owner's name.
WORKLOADS = {
    "postgres": ["StatefulSet/maestro-postgres", "Job/maestro-postgres-databases"],
    "postgres.backup": [
        "CronJob/maestro-postgres-backup",
        "Job/maestro-postgres-backup-volume",
        "Job/maestro-postgres-restore",
    ],
    "statsd": ["Deployment/maestro-statsd"],
    "mlflow": ["Deployment/maestro-mlflow"],
    "featurestore.server": ["Deployment/maestro-featurestore"],
    "featurestore.redis": ["StatefulSet/maestro-featurestore-redis"],
    "setup": ["Job/maestro-setup"],
    "tests": ["Pod/maestro-test"],
}


def nested(path: str, value: object) -> dict:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def merged(*trees: dict) -> dict:
    out: dict = {}
    for tree in trees:
        for key, value in tree.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


@pytest.fixture(scope="module")
def everything(composition, tmp_path_factory) -> Manifests:
    """One render in which every workload has every value of the contract."""
    values = merged(RESTORE, *(nested(path, CONTRACT) for path in WORKLOADS))
    return with_values(tmp_path_factory.mktemp("values"), values, "prod")


def with_values(folder, values: dict, environment: str) -> Manifests:
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    result = helm_template(*files, "-f", str(folder / "values.yaml"))
    assert result.returncode == 0, result.stderr
    return load(result.stdout)


def pods_of(manifests: Manifests, workload: str) -> dict[str, dict]:
    found = {}
    for start in WORKLOADS[workload]:
        exact = start.startswith(("Deployment", "StatefulSet", "CronJob"))
        for owner, pod in manifests.pods.items():
            if owner == start or (not exact and owner.startswith(start + "-")):
                found[owner] = pod
    assert len(found) >= len(WORKLOADS[workload]), sorted(manifests.pods)
    return found


def subset(wanted: dict, found: dict) -> bool:
    return wanted.items() <= (found or {}).items()


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_pod_takes_every_value_of_the_contract(everything, workload):
    for owner, pod in pods_of(everything, workload).items():
        spec, metadata = pod["spec"], pod["metadata"]
        assert spec["serviceAccountName"] == "own-account", owner
        assert metadata["labels"]["example.com/team"] == "ml", owner
        assert metadata["annotations"]["example.com/note"] == "own", owner
        for key in ("nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName"):
            assert spec[key] == CONTRACT[key], (owner, key)
        assert subset(CONTRACT["podSecurityContext"], spec["securityContext"]), owner
        assert {"name": "own", "emptyDir": {}} in spec["volumes"], owner
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert CONTRACT["extraEnv"][0] in container["env"], owner
            assert CONTRACT["extraEnvFrom"][0] in container["envFrom"], owner
            assert CONTRACT["extraVolumeMounts"][0] in container["volumeMounts"], owner
            assert subset(CONTRACT["securityContext"], container["securityContext"]), owner


@pytest.mark.parametrize("workload", WORKLOADS)
def test_what_the_chart_itself_gives_a_pod_stays(everything, prod, workload):
    own = pods_of(everything, workload)
    before = {} if workload == "postgres.backup" else pods_of(prod, workload)
    for owner, pod in before.items():
        if owner.startswith("Job/"):
            continue  # other values are another Job
        changed = own[owner]["spec"]
        assert [v for v in pod["spec"]["volumes"] if v not in changed["volumes"]] == []
        assert pod["metadata"]["labels"].items() <= own[owner]["metadata"]["labels"].items()
        for usual, after in zip(pod["spec"]["containers"], changed["containers"], strict=True):
            for key in ("env", "volumeMounts"):
                assert [item for item in usual.get(key, []) if item not in after[key]] == [], (owner, key)


def test_a_service_account_of_ones_own_is_made_with_its_annotations(everything):
    accounts = [d for d in everything.of("ServiceAccount") if d["metadata"]["name"] == "own-account"]
    assert accounts
    assert all(account["metadata"]["annotations"] == {"example.com/role": "reader"} for account in accounts)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_service_account_that_exists_is_not_made(composition, tmp_path, workload):
    account = {"serviceAccount": {"create": False, "name": "existing"}}
    manifests = with_values(tmp_path, merged(RESTORE, nested(workload, account)), "prod")
    assert {pod["spec"]["serviceAccountName"] for pod in pods_of(manifests, workload).values()} == {"existing"}
    assert "existing" not in {d["metadata"]["name"] for d in manifests.of("ServiceAccount")}


def assert_airflow_refuses_null(folder, emptied):
    """Its schema does; the whole context can be left empty, and then follows the image."""
    (folder / "values.yaml").write_text(yaml.safe_dump(nested("airflow.securityContexts.pod", emptied)))
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    result = helm_template(*files, "-f", str(folder / "values.yaml"))
    assert "runAsUser': got null, want integer" in result.stderr


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("keys", [["runAsUser", "runAsGroup", "fsGroup"], None], ids=["some", "whole"])
def test_a_security_context_can_be_emptied(composition, tmp_path, workload, keys):
    """As on OpenShift, which gives every namespace a range of users."""
    emptied = None if keys is None else dict.fromkeys(keys)
    chart = workload.split(".")[0] if workload == "postgres.backup" else workload
    path, value = f"{chart}.podSecurityContext", emptied
    if workload in {"setup", "tests"}:
        if keys is not None:
            assert_airflow_refuses_null(tmp_path, emptied)
            return
        path, value = "airflow.securityContexts", None
    manifests = with_values(tmp_path, merged(RESTORE, nested(path, value)), "prod")
    for pod in pods_of(manifests, workload).values():
        context = pod["spec"].get("securityContext") or {}
        found = {key: value for key, value in context.items() if value is not None}
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & set(found)
        assert bool(found) == (keys is not None)


FOLLOWERS = {"postgres.backup", "setup", "tests"}
IMAGE_WORKLOADS = [path for path in WORKLOADS if path not in FOLLOWERS]


@pytest.mark.parametrize("workload", IMAGE_WORKLOADS)
def test_an_image_may_come_from_another_registry_by_its_digest(composition, tmp_path, workload):
    digest = "sha256:" + "0" * 64
    values = nested(
        workload, {"image": {"registry": "registry.example.com:5000/mirror", "digest": digest, "pullPolicy": "Always"}}
    )
    manifests = with_values(tmp_path, values, "prod")
    for pod in pods_of(manifests, workload).values():
        for container in pod["spec"]["containers"]:
            assert container["image"].startswith("registry.example.com:5000/mirror/")
            assert container["image"].endswith(f"@{digest}")
            assert container["image"].count("/") <= 3
            assert container["imagePullPolicy"] == "Always"


@pytest.mark.parametrize("chart", ["postgres", "statsd", "mlflow", "featurestore"])
def test_pull_secrets_are_names_or_mappings(composition, tmp_path, chart):
    values = merged(RESTORE, nested(chart, {"imagePullSecrets": ["first", {"name": "second"}, "first"]}))
    manifests = with_values(tmp_path, values, "prod")
    for workload in WORKLOADS:
        if workload.split(".")[0] == chart:
            for pod in pods_of(manifests, workload).values():
                assert pod["spec"]["imagePullSecrets"] == [{"name": "first"}, {"name": "second"}]


def test_no_pod_of_ours_is_left_out(prod):
    """A new workload is added to the table above."""
    ours = {owner for owner in prod.pods if "-airflow-" not in owner}
    covered = {owner for path in WORKLOADS if path != "postgres.backup" for owner in pods_of(prod, path)}
    backup = {owner for owner in ours if owner.startswith("CronJob/maestro-postgres-backup")}
    assert ours - covered - backup == set()


def airflow_pods(manifests: Manifests) -> dict[str, dict]:
    airflow = {owner: pod for owner, pod in manifests.pods.items() if "-airflow-" in owner}
    return airflow | pods_of(manifests, "setup") | pods_of(manifests, "tests")


def test_airflows_digest_and_pull_policy_reach_setup_and_tests(composition, tmp_path):
    digest = "sha256:" + "1" * 64
    airflow = {"defaultAirflowDigest": digest, "images": {"airflow": {"pullPolicy": "Always"}}}
    manifests = with_values(tmp_path, {"airflow": airflow}, "prod")
    for pod in (pods_of(manifests, "setup") | pods_of(manifests, "tests")).values():
        for container in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            assert container["image"] == f"localhost/maestro-airflow@{digest}"
            assert container["imagePullPolicy"] == "Always"


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


OWN = {"name": "own", "emptyDir": {}}


def test_volumes_of_ones_own_stand_beside_ours(composition, tmp_path):
    """Helm replaces lists; without /tmp and /opt/airflow nothing starts on a read-only root."""
    mount = {"name": "own", "mountPath": "/own"}
    airflow = {
        "volumes": [OWN],
        "volumeMounts": [mount],
        "pgbouncer": {"extraVolumes": [OWN], "extraVolumeMounts": [mount]},
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
            assert {"pgbouncer-ini", "pgbouncer-users", "own"} <= {volume["name"] for volume in pooler["volumes"]}


def test_common_labels_are_on_every_object_and_pod_and_in_no_selector(composition, tmp_path):
    manifests = with_values(tmp_path, {"commonLabels": {"example.com/owner": "ml"}}, "prod")
    assert [d["metadata"]["name"] for d in manifests if d["metadata"]["labels"].get("example.com/owner") != "ml"] == []
    assert [o for o, pod in manifests.pods.items() if pod["metadata"]["labels"].get("example.com/owner") != "ml"] == []
    assert [d for d in manifests if "example.com/owner" in str(d.get("spec", {}).get("selector"))] == []


def test_objects_of_ones_own_are_made_from_mappings_and_texts(composition, tmp_path):
    mapping = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-mapping"}}
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n"
    manifests = with_values(tmp_path, {"extraObjects": [mapping, text]}, "minikube")
    assert manifests.named("ConfigMap", "maestro-mapping")
    assert manifests.named("ConfigMap", "maestro-text")
