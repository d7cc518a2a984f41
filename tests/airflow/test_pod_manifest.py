"""The pod of a step as a manifest, and what the project file says of it."""

import copy
import json
from typing import get_args

import kubernetes_validate
import pytest
from kubernetes import client
from pod_settings import EVERYTHING, PLAIN

from maestro_ml.airflow.pod_manifest import pod_manifest
from maestro_ml.project.pods import StepName
from maestro_ml.steps.registry import STEPS


def manifest(project, step="train", target="first"):
    return pod_manifest(project, step, target, "/opt/project", ["run", step])


def container(project, step="train", target="first"):
    return manifest(project, step, target)["spec"]["containers"][0]


def variables(project, step="train"):
    return {each["name"]: each["value"] for each in container(project, step)["env"]}


@pytest.mark.parametrize("execution", [PLAIN, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("step", ["train", "register"])
def test_kubernetes_knows_every_field(project_with, execution, step):
    pod = manifest(project_with(execution), step)
    kubernetes_validate.validate(copy.deepcopy(pod), "1.36", strict=True)
    api = client.ApiClient()
    read = api.deserialize(type("Response", (), {"data": json.dumps(pod)})(), "V1Pod")
    assert api.sanitize_for_serialization(read) == pod


def test_a_field_kubernetes_does_not_know_would_be_found(project_with):
    pod = manifest(project_with(PLAIN))
    pod["spec"]["queue"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(pod, "1.36", strict=True)


def test_a_step_has_what_all_have_and_what_it_says_itself(project_with):
    project = project_with(EVERYTHING)
    assert container(project)["resources"] == {
        "requests": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"},
        "limits": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"},
    }
    assert container(project, "build_features")["resources"] == {
        "requests": {"cpu": "1", "memory": "2Gi"},
        "limits": {"cpu": "1", "memory": "3Gi"},
    }
    assert manifest(project)["spec"]["nodeSelector"] == {"disk": "fast", "pool": "gpu"}
    assert manifest(project, "register")["spec"]["nodeSelector"] == {"disk": "fast"}
    assert (variables(project)["OMP_NUM_THREADS"], variables(project, "evaluate")["OMP_NUM_THREADS"]) == ("4", "1")


def test_it_has_a_queue_a_priority_and_tolerations(project_with):
    pod = manifest(project_with(EVERYTHING))
    assert pod["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "training"
    assert pod["spec"]["priorityClassName"] == "batch-low"
    assert pod["spec"]["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "operator": "Equal", "value": "research"},
        {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60},
    ]
    assert "kueue.x-k8s.io/queue-name" not in manifest(project_with(PLAIN))["metadata"]["labels"]


def test_its_volumes_are_mounted_beside_the_authorities(project_with):
    project = project_with(EVERYTHING)
    mounts = {each["mountPath"]: (each["name"], each["readOnly"]) for each in container(project)["volumeMounts"]}
    sources = {each.pop("name"): each for each in manifest(project)["spec"]["volumes"]}
    found = {path: (sources[name], read_only) for path, (name, read_only) in mounts.items()}
    assert set(found) >= {"/etc/maestro/ca", "/etc/maestro/tls"}
    assert found["/data"] == ({"persistentVolumeClaim": {"claimName": "training-data"}}, True)
    assert found["/settings"] == ({"configMap": {"name": "settings"}}, True)
    assert found["/keys"] == ({"secret": {"secretName": "keys"}}, True)
    assert found["/scratch"] == ({"emptyDir": {"sizeLimit": "20Gi"}}, False)
    assert found["/dev/shm"] == ({"emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}, False)
    assert manifest(project)["spec"]["securityContext"]["fsGroup"] == 0


def test_a_variables_value_is_taken_as_it_is_written(project_with):
    assert variables(project_with(EVERYTHING))["PATTERN"] == "$$(HOME)"


def test_its_project_is_where_the_project_file_says(project_with):
    assert variables(project_with(PLAIN)) == {"MAESTRO_PROJECT": "/opt/project"}
    assert variables(project_with({**PLAIN, "project": "/opt/acme"})) == {"MAESTRO_PROJECT": "/opt/acme"}


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always"])
def test_its_image_is_pulled_as_the_project_says(project_with, policy):
    assert container(project_with({**PLAIN, "image_pull_policy": policy}))["imagePullPolicy"] == policy


@pytest.mark.parametrize(("kind", "source"), [("ca_config_map", "configMap"), ("ca_secret", "secret")])
def test_it_trusts_the_authorities_of_the_project(project_with, kind, source):
    project = project_with({**PLAIN, kind: "authorities", "ca_key": "all.pem"})
    (volume,), (mount,) = manifest(project)["spec"]["volumes"], container(project)["volumeMounts"]
    assert volume[source].get("name", volume[source].get("secretName")) == "authorities"
    assert volume[source]["items"] == [{"key": "all.pem", "path": "ca.crt"}]
    assert mount == {"name": volume["name"], "mountPath": "/etc/maestro/ca", "readOnly": True}
    assert variables(project)["SSL_CERT_FILE"] == variables(project)["AWS_CA_BUNDLE"] == "/etc/maestro/ca/ca.crt"


def test_its_labels_say_whose_it_is(project_with):
    assert manifest(project_with(PLAIN), "build_features")["metadata"]["labels"] == {
        "app.kubernetes.io/name": "maestro",
        "app.kubernetes.io/component": "step",
        "maestro/step": "build_features",
        "maestro/team": "tests",
    }


def test_it_has_the_projects_labels_beside_and_over_its_own(project_with):
    labels = {"cost-centre": "42", "maestro/team": "research"}
    found = manifest(project_with({**PLAIN, "labels": labels}), "build_features")["metadata"]["labels"]
    assert (found["cost-centre"], found["maestro/team"]) == ("42", "research")
    assert (found["app.kubernetes.io/component"], found["maestro/step"]) == ("step", "build_features")


def test_a_model_changes_its_own_pods_only(project_with):
    project = project_with(EVERYTHING, {"train": {"resources": {"gpus": 2}, "queue": "night"}, "evaluate": None})
    first, second = container(project), container(project, target="second")
    assert first["resources"]["limits"] == {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "2"}
    assert second["resources"]["limits"] == {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "1"}
    assert manifest(project)["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "night"
    assert manifest(project, target="second")["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "training"


@pytest.mark.parametrize("steps", [["train", "register"], "train, register", {"train": None, "register": {}}])
def test_steps_are_a_list_a_text_or_a_mapping(project_with, steps):
    assert list(project_with({**PLAIN, "steps": steps}).execution.steps) == ["train", "register"]


def test_every_step_may_have_a_pod():
    assert get_args(StepName) == tuple(STEPS)


def test_other_resources_do_not_make_another_model(project_with):
    from maestro_ml.training.candidate import fingerprint

    plain, other = project_with(PLAIN), project_with(PLAIN, {"train": {"resources": {"memory": "9Gi"}}})
    of = [fingerprint("run", "first", project.models["first"], "data", {}) for project in (plain, other)]
    assert of[0] == of[1]
