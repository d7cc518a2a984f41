"""With KubernetesExecutor the scheduler starts a pod for each task; that pod is as hardened as all others."""

import pytest
import yaml
from composition import ENVIRONMENTS, helm_template, loaded, loaded_with, prod_with
from manifests import Manifests, load

EXAMPLE = "ci/kubernetes-executor-values.yaml"


@pytest.fixture(scope="module")
def manifests(composition) -> Manifests:
    return loaded_with(EXAMPLE)


@pytest.fixture(scope="module")
def task_pod(manifests) -> dict:
    return yaml.safe_load(manifests.named("ConfigMap", "maestro-airflow-config")["data"]["pod_template_file.yaml"])


def test_the_scheduler_may_start_watch_and_end_pods_and_nothing_else(manifests):
    role = manifests.named("Role", "maestro-task-launcher")
    rights = {rule["resources"][0]: set(rule["verbs"]) for rule in role["rules"]}
    assert rights == {"pods": {"create", "get", "list", "watch", "patch", "delete"}, "pods/log": {"get"}}
    binding = manifests.named("RoleBinding", "maestro-task-launcher")
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    pod = manifests.pods["Deployment/maestro-airflow-scheduler"]["spec"]
    assert [subject["name"] for subject in binding["subjects"]] == [pod["serviceAccountName"]]


def test_the_scheduler_has_a_token(manifests):
    pod = manifests.pods["Deployment/maestro-airflow-scheduler"]["spec"]
    account = manifests.named("ServiceAccount", pod["serviceAccountName"])
    assert account.get("automountServiceAccountToken", True)
    assert pod.get("automountServiceAccountToken", True)


def test_a_task_runs_under_an_account_that_exists_and_may_start_training_pods(manifests, task_pod):
    account = manifests.named("ServiceAccount", task_pod["spec"]["serviceAccountName"])
    assert account["automountServiceAccountToken"] is True
    (binding,) = [d for d in manifests.of("RoleBinding") if d["metadata"]["name"] == "maestro-training-launcher"]
    assert account["metadata"]["name"] in {subject["name"] for subject in binding["subjects"]}


def test_a_task_pod_is_restricted_and_has_resources_and_places_to_write(task_pod):
    (container,) = task_pod["spec"]["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert task_pod["spec"]["securityContext"]["runAsNonRoot"] is True
    assert set(container["resources"]) == {"requests", "limits"}
    written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert written == {"/tmp", "/opt/airflow", "/opt/airflow/logs"}


def test_the_policies_select_task_pods(manifests, task_pod):
    labels = task_pod["metadata"]["labels"].items()
    selecting = {
        policy["metadata"]["name"]
        for policy in manifests.of("NetworkPolicy")
        if policy["spec"]["podSelector"].get("matchLabels", {}).items() <= labels
        and not policy["spec"]["podSelector"].get("matchExpressions")
    }
    assert {"maestro-airflow-default-deny", "maestro-worker"} <= selecting


def test_nothing_of_celery_is_left(manifests):
    names = {d["metadata"]["name"] for d in manifests.of("Deployment", "StatefulSet", "HorizontalPodAutoscaler")}
    assert not {name for name in names if "worker" in name or "flower" in name or name == "maestro-airflow-redis"}


def test_two_executors_give_both_kinds_of_tasks_what_they_need(composition):
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    values = "airflow.executor=CeleryExecutor\\,KubernetesExecutor"
    token = "airflow.scheduler.serviceAccount.automountServiceAccountToken=true"
    result = helm_template(*files, "--set", values, "--set", token)
    assert result.returncode == 0, result.stderr
    (binding,) = [
        d for d in load(result.stdout).of("RoleBinding") if d["metadata"]["name"] == "maestro-training-launcher"
    ]
    assert {subject["name"] for subject in binding["subjects"]} == {
        "maestro-airflow-triggerer",
        "maestro-airflow-worker-general",
        "maestro-airflow-worker-heavy",
        "maestro-airflow-worker-kubernetes",
    }


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("airflow.scheduler.serviceAccount.automountServiceAccountToken=false", "starts pods from the scheduler"),
        ("airflow.config.logging.remote_logging=False", "are lost with its pods"),
        ("global.environment.MAESTRO_STORE=/data", "share no disk: name a bucket"),
        ("airflow.apiServer.serviceAccount.automountServiceAccountToken=false", "has no service account token"),
        ("airflow.flower.enabled=true", "airflow.flower watches Celery workers"),
    ],
)
def test_what_its_pods_cannot_do_is_refused(composition, value, words):
    result = prod_with(EXAMPLE, value)
    assert result.returncode != 0
    assert words in result.stderr


def test_without_it_nobody_may_start_pods_in_the_namespace(prod):
    assert not [d for d in prod.of("Role") if d["metadata"]["name"] == "maestro-task-launcher"]


def test_own_service_accounts_keep_the_right_to_start_training_pods(composition):
    values = "airflow.workers.celery.serviceAccount.name=mine,airflow.triggerer.serviceAccount.name=theirs"
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    result = helm_template(*files, "--set", values, "-s", "templates/training-rolebinding.yaml")
    assert {subject["name"] for subject in load(result.stdout)[0]["subjects"]} == {"mine", "theirs"}


def test_the_api_server_may_read_the_log_of_a_pod_that_runs(manifests, prod):
    (binding,) = [
        d for d in manifests.of("RoleBinding") if d["metadata"]["name"].endswith("pod-log-reader-rolebinding")
    ]
    assert {account["name"] for account in binding["subjects"]} == {"maestro-airflow-api-server"}
    pod = manifests.named("Deployment", "maestro-airflow-api-server")["spec"]["template"]["spec"]
    account = manifests.named("ServiceAccount", pod["serviceAccountName"])
    assert account["automountServiceAccountToken"] is True
    assert 6443 in ports_outside(manifests, "maestro-api-server")
    assert 6443 not in ports_outside(prod, "maestro-api-server")


def ports_outside(manifests: Manifests, policy: str) -> set[int]:
    rules = manifests.named("NetworkPolicy", policy)["spec"]["egress"]
    return {port["port"] for rule in rules if "to" not in rule for port in rule["ports"]}


def test_what_removes_finished_pods_reaches_the_kubernetes_api(composition):
    assert {443, 6443, 8443} <= ports_outside(loaded("full"), "maestro-airflow-cleanup-pods")
