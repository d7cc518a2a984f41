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
    "serviceAccount": {"name": "own-account", "annotations": {"example.com/role": "{{ .Release.Name }}-reader"}},
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
    """Provide one render in which every workload has every value of the contract."""
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
    assert all(account["metadata"]["annotations"] == {"example.com/role": "maestro-reader"} for account in accounts)


def test_accounts_of_training_and_of_the_scheduler_have_their_annotations_too(composition, tmp_path):
    role = {"example.com/role": "{{ .Release.Name }}-reader"}
    values = {
        "training": {"enabled": True, "serviceAccountAnnotations": role},
        "airflow": {"scheduler": {"serviceAccount": {"annotations": role}}},
    }
    manifests = with_values(tmp_path, values, "minikube")
    for name in ("maestro-training", "maestro-scheduler"):
        [account] = [d for d in manifests.of("ServiceAccount") if d["metadata"]["name"] == name]
        assert account["metadata"]["annotations"] == {"example.com/role": "maestro-reader"}


@pytest.fixture(scope="module")
def existing_accounts(composition, tmp_path_factory) -> Manifests:
    """Provide every workload under an account of its own that exists."""
    accounts = [
        nested(path, {"serviceAccount": {"create": False, "name": f"existing-{path.replace('.', '-')}"}})
        for path in WORKLOADS
    ]
    return with_values(tmp_path_factory.mktemp("values"), merged(RESTORE, *accounts), "prod")


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_service_account_that_exists_is_not_made(existing_accounts, workload):
    name = f"existing-{workload.replace('.', '-')}"
    pods = pods_of(existing_accounts, workload).values()
    assert {pod["spec"]["serviceAccountName"] for pod in pods} == {name}
    assert name not in {d["metadata"]["name"] for d in existing_accounts.of("ServiceAccount")}


USERS = ("runAsUser", "runAsGroup", "fsGroup")
OURS_ALONE = [path for path in WORKLOADS if path not in {"setup", "tests"}]


@pytest.fixture(scope="module", params=["some", "whole"])
def emptied(request, composition, tmp_path_factory) -> tuple[bool, Manifests]:
    """Provide whether only users and groups are taken out of every security context, or all of it, and the render."""
    some = request.param == "some"
    charts = [path for path in OURS_ALONE if path != "postgres.backup"]  # which follows postgres
    contexts = [nested(f"{path}.podSecurityContext", dict.fromkeys(USERS) if some else None) for path in charts]
    airflow = {} if some else nested("airflow.securityContexts", None)
    return some, with_values(tmp_path_factory.mktemp("values"), merged(RESTORE, *contexts, airflow), "prod")


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_security_context_can_be_emptied(emptied, workload):
    """As on OpenShift, which gives every namespace a range of users."""
    some, manifests = emptied
    if some and workload not in OURS_ALONE:  # they follow Airflow, whose schema takes no null
        return
    for pod in pods_of(manifests, workload).values():
        context = pod["spec"].get("securityContext") or {}
        found = {key: value for key, value in context.items() if value is not None}
        assert not set(USERS) & set(found)
        assert bool(found) == some


def test_airflow_refuses_a_user_that_is_null(composition, tmp_path):
    """Its schema does; the whole context can be left empty, and then follows the image."""
    values = nested("airflow.securityContexts.pod", dict.fromkeys(USERS))
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(values))
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    result = helm_template(*files, "-f", str(tmp_path / "values.yaml"))
    assert "runAsUser': got null, want integer" in result.stderr


FOLLOWERS = {"postgres.backup", "setup", "tests"}
IMAGE_WORKLOADS = [path for path in WORKLOADS if path not in FOLLOWERS]
DIGEST = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def own_images(composition, tmp_path_factory) -> Manifests:
    image = {"image": {"registry": "registry.example.com:5000/mirror", "digest": DIGEST, "pullPolicy": "Always"}}
    secrets = {"imagePullSecrets": ["first", {"name": "second"}, "first"]}
    charts = sorted({path.split(".")[0] for path in IMAGE_WORKLOADS})
    values = [*(nested(path, image) for path in IMAGE_WORKLOADS), *(nested(chart, secrets) for chart in charts)]
    return with_values(tmp_path_factory.mktemp("values"), merged(RESTORE, *values), "prod")


@pytest.mark.parametrize("workload", IMAGE_WORKLOADS)
def test_an_image_may_come_from_another_registry_by_its_digest(own_images, workload):
    for pod in pods_of(own_images, workload).values():
        for container in pod["spec"]["containers"]:
            assert container["image"].startswith("registry.example.com:5000/mirror/")
            assert container["image"].endswith(f"@{DIGEST}")
            assert container["image"].count("/") <= 3
            assert container["imagePullPolicy"] == "Always"


@pytest.mark.parametrize("workload", [path for path in WORKLOADS if path not in {"setup", "tests"}])
def test_pull_secrets_are_names_or_mappings(own_images, workload):
    for pod in pods_of(own_images, workload).values():
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
