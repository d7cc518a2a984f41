"""The pod of a step as a manifest, and what the project file says of it."""

import copy
import json
from typing import get_args

import kubernetes_validate
import pytest
import yaml
from kubernetes import client

from maestro_ml.airflow.pod_manifest import pod_manifest
from maestro_ml.cli.app import run
from maestro_ml.project import ProjectError, load_project
from maestro_ml.project.pods import StepName
from maestro_ml.steps.registry import STEPS

PLAIN = {"mode": "kubernetes", "image": "localhost/maestro-training:0.1.0", "namespace": "training"}
EVERYTHING = {
    **PLAIN,
    "service_account": "trainer",
    "env_from_secret": "maestro-endpoints",
    "ca_config_map": "authorities",
    "tls_secret": "tls",
    "resources": {"cpu": 1, "memory": "2Gi", "memory_limit": "3Gi"},
    "node_selector": {"disk": "fast"},
    "environment": {"OMP_NUM_THREADS": "1"},
    "steps": {
        "build_features": None,
        "train": {
            "resources": {"cpu": "4", "memory": "8Gi", "memory_limit": "8Gi", "gpus": 1},
            "node_selector": {"pool": "gpu"},
            "tolerations": [
                {"key": "nvidia.com/gpu", "effect": "NoSchedule"},
                {"key": "team", "value": "research"},
                {"effect": "NoExecute", "seconds": 60},
            ],
            "priority_class": "batch-low",
            "queue": "training",
            "labels": {"example.com/cost-centre": "42"},
            "environment": {"OMP_NUM_THREADS": "4", "PATTERN": "$(HOME)"},
            "volumes": [
                {"path": "/data", "claim": "training-data", "read_only": True},
                {"path": "/settings", "config_map": "settings"},
                {"path": "/keys", "secret": "keys"},
                {"path": "/scratch", "empty": "20Gi"},
                {"path": "/dev/shm", "memory": "1Gi"},
            ],
            "fs_group": 0,
        },
        "evaluate": {},
        "register": {},
    },
}


@pytest.fixture
def project_with(mini, tmp_path):
    """project_with(execution, pods of the model `first`) -> the project."""

    def write(execution, pods=None):
        document = yaml.safe_load((mini / "maestro.yaml").read_text())
        document["execution"] = execution
        if pods is not None:
            document["models"]["first"]["pods"] = pods
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        return load_project(tmp_path)

    return write


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


MISTAKES = {
    "a quantity": ({"resources": {"memory": "2 GB"}}, "execution.resources.memory", "2Gi"),
    "memory without a unit": ({"resources": {"memory": 2}}, "execution.resources.memory", "2 bytes are too few"),
    "memory in thousandths": ({"resources": {"memory": "2048m"}}, "execution.resources.memory", "bytes are too few"),
    "no CPU": ({"resources": {"cpu": "0"}}, "execution.resources.cpu", "more than no CPU"),
    "a request above its limit": (
        {"resources": {"memory": "4Gi", "memory_limit": "3Gi"}},
        "execution.resources.memory",
        "memory 4Gi is more than memory_limit 3Gi",
    ),
    "a step's request above the limit of all": (
        {"resources": {"memory_limit": "3Gi"}, "steps": {"train": {"resources": {"memory": "8Gi"}}}},
        "execution.steps.train.resources.memory",
        "memory 8Gi is more than memory_limit 3Gi",
    ),
    "fewer GPUs than none": ({"resources": {"gpus": -1}}, "execution.resources.gpus", "greater than or equal to 0"),
    "a key of no label": ({"node_selector": {"a b": "x"}}, "execution.node_selector.a b", "example.com/disk"),
    "a value of no label": ({"labels": {"a": "x y"}}, "execution.labels.a", "at most 63 letters"),
    "a name": ({"priority_class": "Low_Priority"}, "execution.priority_class", "small letters"),
    "a queue's name": ({"queue": "a/b"}, "execution.queue", "small letters"),
    "a toleration's value without a key": (
        {"tolerations": [{"value": "x"}]},
        "execution.tolerations.0.value",
        "belongs to a key",
    ),
    "seconds of another effect": (
        {"tolerations": [{"key": "x", "effect": "NoSchedule", "seconds": 5}]},
        "execution.tolerations.0.seconds",
        "NoExecute",
    ),
    "an effect": ({"tolerations": [{"effect": "NoShedule"}]}, "execution.tolerations.0.effect", "'NoSchedule'?"),
    "a volume of nothing": ({"volumes": [{"path": "/x"}]}, "execution.volumes.0", "give one of claim"),
    "a volume of two": (
        {"volumes": [{"path": "/x", "claim": "a", "secret": "b"}]},
        "execution.volumes.0",
        "found claim and secret",
    ),
    "a volume at no path": ({"volumes": [{"path": "x", "claim": "a"}]}, "execution.volumes.0.path", "like /data"),
    "a volume over ours": (
        {"volumes": [{"path": "/etc/maestro/ca", "secret": "a"}]},
        "execution.volumes.0.path",
        "Maestro's own",
    ),
    "a path given twice": (
        {"volumes": [{"path": "/x", "claim": "a"}, {"path": "/x/", "claim": "b"}]},
        "execution.volumes.1.path",
        "given twice",
    ),
    "a Secret to write to": (
        {"volumes": [{"path": "/x", "secret": "a", "read_only": False}]},
        "execution.volumes.0.read_only",
        "cannot be written to",
    ),
    "a variable": ({"environment": {"A-B": "x"}}, "execution.environment.A-B", "letters, digits and _"),
    "a variable of ours": ({"environment": {"MAESTRO_PROJECT": "x"}}, "execution.environment.MAESTRO_PROJECT", "names"),
    "a step": ({"steps": {"trian": {}}}, "execution.steps.trian", "did you mean 'train'?"),
    "a step in a list": ({"steps": ["trian"]}, "execution.steps.trian", "did you mean 'train'?"),
    "a step named twice": ({"steps": ["train", "train"]}, "execution.steps", "'train' is named twice"),
    "a key of a step": (
        {"steps": {"train": {"memory": "2Gi"}}},
        "execution.steps.train.memory",
        "there are: environment",
    ),
    "the queue twice": (
        {"queue": "a", "labels": {"kueue.x-k8s.io/queue-name": "b"}},
        "execution.labels.kueue.x-k8s.io/queue-name",
        "given twice",
    ),
}


@pytest.mark.parametrize(("execution", "key", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_with_its_key(project_with, execution, key, words):
    with pytest.raises(ProjectError) as caught:
        project_with({**PLAIN, **execution})
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in problem.message
    assert problem.line > 1


@pytest.mark.parametrize(
    ("pods", "key", "words"),
    [
        ({"train": {"resources": {"memory": "x"}}}, "models.first.pods.train.resources.memory", "2Gi"),
        ({"train": {"resources": {"memory": "9Gi"}}}, "models.first.pods.train.resources.memory", "limit 8Gi"),
        ({"trian": {}}, "models.first.pods.trian", "did you mean 'train'?"),
        ({"validate_training": {}}, "models.first.pods.validate_training", "has no pod; add it to execution.steps"),
    ],
)
def test_a_mistake_of_a_model_is_one_line_with_its_key(project_with, pods, key, words):
    with pytest.raises(ProjectError) as caught:
        project_with(EVERYTHING, pods)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in problem.message


def test_the_command_shows_the_pods_of_a_models_steps(project_with, tmp_path, capsys):
    project_with(EVERYTHING)
    assert run(["pods", "first", "--project", str(tmp_path)]) == 0
    shown = list(yaml.safe_load_all(capsys.readouterr().out))
    assert [pod["metadata"]["labels"]["maestro/step"] for pod in shown] == list(EVERYTHING["steps"])
    assert run(["pods", "first", "--step", "train", "--json", "--project", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["model"], list(document["pods"])) == ("first", ["train"])
    assert document["pods"]["train"] == shown[1]


def test_the_command_says_that_no_pods_are_used(project_with, tmp_path, capsys):
    project_with({})
    assert run(["pods", "first", "--project", str(tmp_path)]) == 0
    assert "with execution.mode: kubernetes, in these pods" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["frist"], "did you mean 'first'?"), (["first", "--step", "validate"], "validate has no pod; there are: train")],
)
def test_the_command_refuses_what_is_not_there(project_with, tmp_path, capsys, arguments, words):
    project_with({**PLAIN, "steps": ["train"]})
    assert run(["pods", *arguments, "--project", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
