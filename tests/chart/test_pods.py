"""Every pod of ours takes the same values with the same meaning."""

import pytest
import yaml
from composition import ENVIRONMENTS, helm_template
from manifests import Manifests
from workloads import RESTORE, WORKLOADS, merged, nested, pods_of, with_values

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


@pytest.fixture(scope="module")
def everything(composition, tmp_path_factory) -> Manifests:
    """One render in which every workload has every value of the contract."""
    values = merged(RESTORE, *(nested(path, CONTRACT) for path in WORKLOADS))
    return with_values(tmp_path_factory.mktemp("values"), values, "prod")


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


PARTS = ["scheduler", "apiServer", "dagProcessor", "triggerer", "flower", "databaseCleanup", "pgbouncer", "redis"]


def test_accounts_of_ones_own_serve_every_pod_and_binding_of_airflow_and_none_of_them_is_made(composition, tmp_path):
    account = {"create": False, "name": "own"}
    airflow: dict = {part: {"serviceAccount": account} for part in PARTS}
    airflow["workers"] = {"celery": {"serviceAccount": {**account, "automountServiceAccountToken": True}}}
    manifests = with_values(tmp_path, {"airflow": airflow}, "prod")
    pods = {owner: pod for owner, pod in manifests.pods.items() if "-airflow-" in owner}
    assert len(pods) >= 8
    assert {pod["spec"]["serviceAccountName"] for pod in pods.values()} == {"own"}
    assert "own" not in {d["metadata"]["name"] for d in manifests.of("ServiceAccount")}
    launchers = manifests.of("RoleBinding")
    (subjects,) = [d["subjects"] for d in launchers if d["metadata"]["name"] == "maestro-training-launcher"]
    assert {subject["name"] for subject in subjects} == {"own"}
