"""An upgrade from the previous release: nothing Kubernetes refuses to change has changed, nothing blocks `--wait`."""

import copy
import functools
import json

import pytest
from composition import helm_template
from immutable import FIXTURE, fields
from manifests import load


def changed(before: dict, after: dict) -> set[str]:
    """Return objects that are still there and differ in a field that cannot change."""
    return {name for name in before.keys() & after.keys() if before[name] != after[name]}


def test_immutable_fields_are_those_of_the_previous_release(environment, manifests):
    before = json.loads(FIXTURE.read_text())[environment]
    assert len(before) > 15
    assert changed(before, fields(manifests)) == set()


def test_a_changed_selector_is_found(prod):
    other = copy.deepcopy(prod)
    other.named("Deployment", "maestro-airflow-scheduler")["spec"]["selector"]["matchLabels"]["new"] = "label"
    assert changed(fields(prod), fields(other)) == {"Deployment/maestro-airflow-scheduler"}


def test_volumes_survive_the_release(manifests):
    for stateful in manifests.of("StatefulSet"):
        policy = stateful["spec"].get("persistentVolumeClaimRetentionPolicy", {})
        assert policy.get("whenDeleted", "Retain") == "Retain"


KEPT = {"PersistentVolumeClaim", "Namespace"}


@pytest.mark.parametrize(
    "flags",
    [
        ("-f", "values/prod.yaml", "-f", "ci/prod-values.yaml", "--set=postgres.backup.destination=pvc"),
        ("-f", "values/minikube.yaml", "--set=postgres.backup.enabled=true"),
        (
            "-f",
            "values/minikube.yaml",
            "--set=airflow.logs.persistence.enabled=true,airflow.dags.persistence.enabled=true",
        ),
    ],
    ids=["prod with a backup volume", "minikube with backups", "logs and DAGs on volumes"],
)
def test_what_holds_the_users_data_outlives_the_release(composition, flags):
    rendered = load(helm_template(*flags).stdout)
    holders = rendered.of(*KEPT)
    assert len(holders) > 1
    going = {
        document["metadata"]["name"]
        for document in holders
        if (document["metadata"].get("annotations") or {}).get("helm.sh/resource-policy") != "keep"
    }
    assert going == set()


def test_the_training_namespace_outlives_the_release(prod):
    (namespace,) = prod.of("Namespace")
    assert namespace["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_only_tests_are_hooks(manifests):
    # A hook that runs after `--wait` deadlocks with pods that wait for its migration.
    hooks = {d["metadata"]["name"]: d["metadata"].get("annotations", {}).get("helm.sh/hook") for d in manifests}
    assert {hook for hook in hooks.values() if hook} == {"test"}


PROD = ("-f", "values/prod.yaml", "-f", "ci/prod-values.yaml")
# With a backup volume and a restore there is a Job of every kind.
ALL_JOBS = (*PROD, "--set=postgres.backup.destination=pvc,postgres.restore.enabled=true,postgres.restore.backup=latest")
JOBS = {"setup", "databases", "backup-volume", "restore"}
IN_POSTGRES = JOBS - {"setup"}
OPENSHIFT = '{"runAsNonRoot":true,"runAsUser":1000660000}'


@functools.cache
def jobs(*flags: str) -> dict[str, dict]:
    rendered = load(helm_template(*ALL_JOBS, *flags).stdout)
    return {job["metadata"]["labels"]["app.kubernetes.io/component"]: job for job in rendered.of("Job")}


def test_there_is_a_job_of_every_kind(composition):
    assert jobs().keys() == JOBS


@pytest.mark.parametrize(
    ("change", "renamed"),
    [
        ("--set=airflow.defaultAirflowTag=0.2.0", {"setup"}),
        ("--set=setup.pools.extra.slots=2", {"setup"}),
        ("--set=airflow.tolerations[0].operator=Exists", {"setup"}),
        ("--set=airflow.nodeSelector.disk=ssd", {"setup"}),
        ("--set=airflow.imagePullSecrets[0].name=registry", {"setup"}),
        ("--set=airflow.fernetKeySecretName=other", {"setup"}),
        ("--set=airflow.data.metadataSecretName=other", {"setup"}),
        ("--set=setup.connectionsSecretName=other", {"setup"}),
        ("--set=setup.users[0].passwordSecret.name=other", {"setup"}),
        ("--set=setup.resources.limits.memory=3Gi", {"setup"}),
        ("--set=setup.activeDeadlineSeconds=3600", {"setup"}),
        (f"--set-json=airflow.securityContexts.pod={OPENSHIFT}", {"setup"}),
        ("--set=postgres.tolerations[0].operator=Exists", IN_POSTGRES),
        ("--set=postgres.nodeSelector.disk=ssd", IN_POSTGRES),
        ("--set=postgres.imagePullSecrets[0].name=registry", IN_POSTGRES),
        ("--set=postgres.image.tag=17.2", IN_POSTGRES),
        ("--set=postgres.priorityClassName=high", IN_POSTGRES),
        ("--set=postgres.backup.resources.limits.memory=1Gi", IN_POSTGRES),
        ("--set=postgres.auth.existingSecret=other", {"databases", "restore"}),
        ("--set=postgres.databases={airflow,feast,mlflow,reports}", {"databases", "restore"}),
        ("--set=postgres.restore.request=again", {"restore"}),
        ("--set=postgres.restore.backup=20260131T021700Z", {"restore"}),
        ("--set=global.rerunJobs=again", JOBS),
        # What is not in their pods makes no Job anew.
        ("--set=postgres.persistence.size=9Gi", set()),
        ("--set=airflow.scheduler.replicas=3", set()),
        ("--set=postgres.backup.schedule=0 1 * * *", set()),
    ],
)
def test_a_job_has_another_name_when_its_pod_is_another_and_only_then(composition, change, renamed):
    before, after = jobs(), jobs(change)
    assert after.keys() == JOBS
    names = {kind for kind in JOBS if before[kind]["metadata"]["name"] != after[kind]["metadata"]["name"]}
    assert names == renamed
    assert {kind for kind in JOBS if before[kind]["spec"] != after[kind]["spec"]} <= names


def test_a_changed_job_under_its_old_name_is_found(prod):
    other = copy.deepcopy(prod)
    (setup,) = (job for job in other.of("Job") if "-setup-" in job["metadata"]["name"])
    setup["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    assert changed(fields(prod), fields(other)) == {f"Job/{setup['metadata']['name']}"}


def test_large_numbers_stay_integers_in_a_job(composition):
    security = jobs(f"--set-json=airflow.securityContexts.pod={OPENSHIFT}")["setup"]["spec"]["template"]["spec"]
    assert security["securityContext"]["runAsUser"] == 1000660000
