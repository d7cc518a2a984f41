"""The custom resource of a step as a manifest: held against the schemas of the three operators, and its mistakes."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from custom_resource_settings import EVERYTHING, RAY, SPARK, TOY, TRAIN
from pod_settings import PLAIN

from maestro_ml.airflow.pod_manifest import pod_manifest
from maestro_ml.airflow.resource_manifest import resource_manifest, resource_name
from maestro_ml.cli.app import run
from maestro_ml.project import ProjectError

ARGUMENTS = ["run", "train", "--target", "first", "--run-uri", "s3://runs/a b"]
CRDS = {file.name.removesuffix(".yaml"): file for file in (Path(__file__).parent / "crds").glob("*.yaml")}


def with_resource(execution, resource):
    return {**execution, "steps": {"train": {"custom_resource": resource}}}


def manifest_of(project, run_uri="s3://runs/dag/r-1"):
    resource = project.pod_of("train", "first").custom_resource
    return resource_manifest(project, resource, "train", "first", "/opt/project", ARGUMENTS, run_uri)


def json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema as the API server applies it, which knows fields it does not have a property for as
    mistakes.
    """
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    found = dict(schema)
    if "properties" in found:
        found["properties"] = {name: json_schema(each) for name, each in found["properties"].items()}
        found["additionalProperties"] = False
    elif isinstance(found.get("additionalProperties"), dict):
        found["additionalProperties"] = json_schema(found["additionalProperties"])
    if "items" in found:
        found["items"] = json_schema(found["items"])
    return found


def validate(manifest: dict[str, Any]) -> None:
    """Raise ValidationError if the resource's definition does not take the manifest."""
    group, version = manifest["apiVersion"].split("/")
    definition = yaml.safe_load(CRDS[f"{manifest['kind'].lower()}s.{group}"].read_text())["spec"]
    (schema,) = [each["schema"]["openAPIV3Schema"] for each in definition["versions"] if each["name"] == version]
    jsonschema.validate(json.loads(json.dumps(manifest)), json_schema(schema))


@pytest.mark.parametrize("resource", [RAY, TRAIN, SPARK], ids=lambda each: each["kind"])
@pytest.mark.parametrize("execution", [PLAIN, EVERYTHING], ids=["plain", "everything"])
def test_its_operators_definition_takes_it(project_with, execution, resource):
    validate(manifest_of(project_with(with_resource(execution, resource))))


@pytest.mark.parametrize("resource", [RAY, TRAIN, SPARK], ids=lambda each: each["kind"])
def test_a_field_its_definition_does_not_know_or_of_another_type_would_be_found(project_with, resource):
    manifest = manifest_of(project_with(with_resource(PLAIN, resource)))
    for field, value in (("comand", "x"), ("suspend", "yes")):
        wrong = copy.deepcopy(manifest)
        wrong["spec"][field] = value
        with pytest.raises(jsonschema.ValidationError):
            validate(wrong)


def test_it_runs_the_step_with_what_its_pod_would_have(project_with):
    project = project_with(with_resource(EVERYTHING, TRAIN))
    trainer = manifest_of(project)["spec"]["trainer"]
    (container,) = pod_manifest(project, "train", "first", "/opt/project", ARGUMENTS)["spec"]["containers"]
    assert (trainer["command"], trainer["args"]) == (["maestro"], ARGUMENTS)
    assert (trainer["image"], trainer["env"]) == (container["image"], container["env"])
    assert trainer["resourcesPerNode"] == container["resources"]


def test_as_a_line_of_a_shell_its_words_stay_words(project_with):
    line = manifest_of(project_with(with_resource(PLAIN, RAY)))["spec"]["entrypoint"]
    assert line == "maestro run train --target first --run-uri 's3://runs/a b'"


def test_what_the_pod_would_not_have_is_left_out(project_with):
    head = manifest_of(project_with(with_resource(PLAIN, RAY)))["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]
    assert not {"priorityClassName", "nodeSelector", "tolerations", "volumes"} & head["spec"].keys()
    assert "envFrom" not in head["spec"]["containers"][0]
    everything = manifest_of(project_with(with_resource(EVERYTHING, RAY)))["spec"]["rayClusterSpec"]["headGroupSpec"]
    assert everything["template"]["spec"]["priorityClassName"] == "batch-low"
    assert everything["template"]["spec"]["volumes"]


def test_the_queue_takes_the_resource_and_not_its_pods_one_by_one(project_with):
    manifest = manifest_of(project_with(with_resource(EVERYTHING, RAY)))
    assert manifest["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "night"
    pods = manifest["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["metadata"]["labels"]
    assert "kueue.x-k8s.io/queue-name" not in pods
    assert pods["kubernetes_pod_operator"] == "True"
    assert pods["maestro/resource"] == manifest["metadata"]["name"]


def test_its_name_is_the_runs_and_short_enough_for_what_operators_make_of_it():
    name = resource_name("validate_training", "a" * 60, "s3://runs/dag/r-1")
    assert name == resource_name("validate_training", "a" * 60, "s3://runs/dag/r-1")
    assert name != resource_name("validate_training", "a" * 60, "s3://runs/dag/r-2")
    assert len(name) <= 40
    assert resource_name("train", "Late_Model", "r").startswith("maestro-train-late-model-")


def test_a_text_that_looks_like_a_placeholder_is_written_with_two_dollars(project_with):
    spec = {**RAY["spec"], "entrypoint": "cd $${HOME}/x && ${commandLine}", "runtimeEnvYAML": "image: ${image}"}
    found = manifest_of(project_with(with_resource(PLAIN, {**RAY, "spec": spec})))["spec"]
    assert found["entrypoint"].startswith("cd ${HOME}/x && maestro run train")
    assert found["runtimeEnvYAML"] == f"image: {PLAIN['image']}"


def test_another_kind_is_taken_with_its_ends(project_with):
    project = project_with(with_resource(PLAIN, TOY))
    kind = project.pod_of("train", "first").custom_resource.resource_kind
    assert (kind.group, kind.version, kind.plural) == ("toys.example.com", "v1", "toys")
    assert not kind.has_succeeded({})
    assert not kind.has_failed({"status": {"conditions": None}})
    assert kind.has_succeeded({"status": {"phase": "Done"}})
    lost = {"status": {"conditions": [{"type": "Lost", "status": "True", "message": "its node is gone"}]}}
    assert kind.has_failed(lost)
    assert kind.reason(lost) == "its node is gone"
    assert not kind.has_failed({"status": {"conditions": [{"type": "Lost", "status": "False"}]}})


ENDS = {
    "RayJob": (RAY, {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED"}, {"jobDeploymentStatus": "Failed"}),
    "a RayJob that was stopped": (RAY, None, {"jobDeploymentStatus": "Complete", "jobStatus": "STOPPED"}),
    "a RayJob its operator refuses": (RAY, None, {"jobDeploymentStatus": "ValidationFailed"}),
    "TrainJob": (
        TRAIN,
        {"conditions": [{"type": "Complete", "status": "True"}]},
        {"conditions": [{"type": "Failed", "status": "True"}]},
    ),
    "SparkApplication": (
        SPARK,
        {"applicationState": {"state": "COMPLETED"}},
        {"applicationState": {"state": "FAILED"}},
    ),
}


@pytest.mark.parametrize(("resource", "done", "failed"), ENDS.values(), ids=ENDS)
def test_its_kind_is_known_to_end(project_with, resource, done, failed):
    kind = project_with(with_resource(PLAIN, resource)).pod_of("train", "first").custom_resource.resource_kind
    if done:
        assert kind.has_succeeded({"status": done})
        assert not kind.has_failed({"status": done})
    assert kind.has_failed({"status": failed})
    for going_on in ({}, {"status": {}}, {"status": {"jobDeploymentStatus": "Running", "jobStatus": "RUNNING"}}):
        assert not kind.has_succeeded(going_on)
        assert not kind.has_failed(going_on)


def changed(resource, *path, to):
    resource = copy.deepcopy(resource)
    here = resource
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = to
    return resource


def without(resource, *keys):
    return {key: value for key, value in resource.items() if key not in keys}


MISTAKES = {
    "a kind that is not known": (changed(RAY, "kind", to="RayJb"), "kind", "did you mean 'RayJob'?"),
    "another version": (changed(RAY, "apiVersion", to="ray.io/v1alpha1"), "apiVersion", "RayJob is known as ray.io/v1"),
    "no version": (changed(RAY, "apiVersion", to="ray.io"), "apiVersion", "like ray.io/v1"),
    "no kind": (without(RAY, "kind"), "kind", "missing"),
    "no spec": (without(RAY, "spec"), "spec", "missing"),
    "one end only": (without(TOY, "failed"), "succeeded", "`failed` is missing"),
    "an end in other words": (changed(TOY, "failed", to=["phase is Broken"]), "failed.0", "condition=Complete"),
    "a name of its own": (changed(RAY, "metadata", to={"name": "mine"}), "metadata.name", "there are: annotations"),
    "a key of no manifest": (changed(RAY, "sepc", to={}), "sepc", "did you mean 'spec'?"),
    "nothing that runs the step": (changed(RAY, "spec", "entrypoint", to="python x.py"), "spec", "${commandLine}"),
    "a placeholder there is not": (
        changed(TRAIN, "spec", "trainer", "image", to="${imge}"),
        "spec.trainer.image",
        "there is no ${imge}; did you mean 'image'?",
    ),
    "a list in a text": (
        changed(TRAIN, "spec", "trainer", "image", to="x ${args}"),
        "spec.trainer.image",
        "${args} is more than a text",
    ),
    "a step on two nodes": (
        changed(TRAIN, "spec", "trainer", "numNodes", to=2),
        "spec.trainer.numNodes",
        "each node would run the step",
    ),
    "the plural of a known kind": (changed(RAY, "plural", to="rayjob"), "plural", "its plural is rayjobs"),
}


@pytest.mark.parametrize(("resource", "key", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_with_its_key(project_with, resource, key, words):
    with pytest.raises(ProjectError) as caught:
        project_with(with_resource(PLAIN, resource))
    (problem,) = caught.value.problems
    assert problem.key == f"execution.steps.train.custom_resource.{key}"
    assert words in problem.message
    assert problem.line > 1


@pytest.mark.parametrize(
    ("setting", "value", "placeholder"),
    [("volumes", [{"path": "/x", "claim": "c"}], "${volumes}"), ("tolerations", [{"key": "x"}], "${tolerations}")],
)
def test_a_setting_of_the_step_that_the_manifest_does_not_take_is_a_mistake(project_with, setting, value, placeholder):
    with pytest.raises(ProjectError) as caught:
        project_with({**PLAIN, "steps": {"train": {"custom_resource": TRAIN, setting: value}}})
    (problem,) = caught.value.problems
    assert problem.key == f"execution.steps.train.{setting}"
    assert placeholder in problem.message
    project_with({**PLAIN, "steps": {"train": {"custom_resource": RAY, setting: value}}})
    project_with({**PLAIN, "steps": {"train": {"custom_resource": TOY, setting: value}}})


def test_a_model_has_a_resource_of_its_own_and_another_step_a_pod(project_with):
    project = project_with(PLAIN, {"train": {"custom_resource": SPARK}})
    assert project.pod_of("train", "first").custom_resource.kind == "SparkApplication"
    assert project.pod_of("train", "second").custom_resource is None
    assert project.pod_of("evaluate", "first").custom_resource is None


def test_the_command_shows_it(project_with, tmp_path, capsys):
    project_with(with_resource(PLAIN, RAY))
    assert run(["pods", "first", "--step", "train", "--project", str(tmp_path)]) == 0
    (shown,) = yaml.safe_load_all(capsys.readouterr().out)
    assert shown["kind"] == "RayJob"
    assert shown["spec"]["entrypoint"].startswith("maestro run train --target first")
