"""An upgrade from the previous release: nothing Kubernetes refuses to change has changed, nothing blocks `--wait`."""

import copy
import json

import pytest
from composition import helm_template
from immutable import FIXTURE, fields
from manifests import load


def changed(before: dict, after: dict) -> set[str]:
    """Objects that are still there and differ in a field that cannot change."""
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


@pytest.mark.parametrize("change", ["airflow.defaultAirflowTag=0.2.0", "setup.pools.extra.slots=2"])
def test_the_setup_job_has_another_name_when_anything_it_is_made_of_changes(minikube, change):
    result = helm_template("-f", "values/minikube.yaml", "-s", "templates/setup-job.yaml", "--set", change)
    (after,), before = load(result.stdout), minikube.of("Job")
    assert after["metadata"]["name"] not in {job["metadata"]["name"] for job in before}
