"""Custom resources on a real API server: the definitions of three operators, and a toy's operator that this file plays.

It needs the training image on the cluster (E2E_TRAINING_IMAGE names another), and no release.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import custom_resource_settings as settings
import pytest
import yaml
from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from airflow.sdk.exceptions import AirflowException
from harness.kubectl import CommandFailed, Kubectl, run, wait_until

from maestro_ml.airflow.custom_resources import CustomResourceRun
from maestro_ml.airflow.resource_manifest import resource_manifest
from maestro_ml.project import Project
from maestro_ml.project.custom_resource import CustomResource

ROOT = Path(__file__).parents[3]
IMAGE = yaml.safe_load((ROOT / "values.yaml").read_text())["global"]["environment"]["MAESTRO_TRAINING_IMAGE"]
IMAGE = os.environ.get("E2E_TRAINING_IMAGE", IMAGE)
EXECUTION = {"mode": "kubernetes", "image": IMAGE, "resources": {"cpu": "100m", "memory": "256Mi"}}
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
TOYS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "toys.toys.example.com"},
    "spec": {
        "group": "toys.example.com",
        "names": {"kind": "Toy", "listKind": "ToyList", "plural": "toys", "singular": "toy"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": ANYTHING, "status": ANYTHING}}},
                "subresources": {"status": {}},
            }
        ],
    },
}


@pytest.fixture(scope="module")
def kubectl(cluster: None) -> Iterator[Kubectl]:
    """Provide a restricted namespace, and the definitions of the toy and of the three operators' kinds."""
    kubectl = Kubectl("e2e-custom-resources")
    files = sorted((ROOT / "tests" / "airflow" / "crds").glob("*.yaml"))
    definitions = [TOYS, *(yaml.safe_load(file.read_text()) for file in files)]
    names = [each["metadata"]["name"] for each in definitions]
    there = run(["kubectl", "get", "crd", "--output", "name"])
    ours = [each for each in definitions if f"/{each['metadata']['name']}\n" not in there]
    for each in ours:
        run(["kubectl", "create", "--filename", "-"], input=json.dumps(each))
    try:
        for name in names:
            run(["kubectl", "wait", "--for=condition=Established", f"crd/{name}", "--timeout=60s"])
        kubectl("create", "namespace", kubectl.namespace)
        kubectl("label", "namespace", kubectl.namespace, "pod-security.kubernetes.io/enforce=restricted")
        yield kubectl
    finally:
        kubectl("delete", "namespace", kubectl.namespace, "--ignore-not-found")
        for each in ours:
            run(["kubectl", "delete", "crd", each["metadata"]["name"]], check=False)


@pytest.fixture(scope="module")
def operator(kubectl: Kubectl) -> Iterator[None]:
    """Provide the toy's operator: a pod for each toy, owned by it, and the pod's end as the toy's."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(0.5):
            with suppress(CommandFailed):  # a toy that is deleted meanwhile
                for toy in kubectl.items("toys"):
                    _go_on(kubectl, toy)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stopped.set()
    thread.join()


def _go_on(kubectl: Kubectl, toy: dict[str, Any]) -> None:
    name = toy["metadata"]["name"]
    if "deletionTimestamp" in toy["metadata"]:
        return
    found = [pod for pod in kubectl.items("pods") if pod["metadata"]["name"] == name]
    if not found:
        owner = {"apiVersion": toy["apiVersion"], "kind": "Toy", "name": name, "uid": toy["metadata"]["uid"]}
        template = toy["spec"]["template"]
        metadata = template["metadata"] | {"name": name, "ownerReferences": [owner | {"blockOwnerDeletion": True}]}
        kubectl("create", "--filename", "-", input=json.dumps({**template, "apiVersion": "v1", "kind": "Pod"} | {
            "metadata": metadata,
        }))  # fmt: skip
    ends = {"Succeeded": "Done", "Failed": "Broken"}
    phase = ends.get(found[0]["status"]["phase"], "Running") if found else "Running"
    patch = json.dumps({"status": {"phase": phase, "message": "its pod failed" if phase == "Broken" else ""}})
    kubectl("patch", "toy", name, "--subresource=status", "--type=merge", "--patch", patch)


def rendered(resource: dict[str, Any], kubectl: Kubectl, arguments: list[str], run_name: str = "r-1") -> dict[str, Any]:
    project = Project.model_validate(
        {
            "name": "toys",
            "datasets": {"d": {"source": {"kind": "parquet", "path": "d.parquet"}}},
            "execution": EXECUTION
            | {"namespace": kubectl.namespace, "steps": {"train": {"custom_resource": resource}}},
        }
    )
    own = project.pod_of("train").custom_resource
    assert own
    return resource_manifest(project, own, "train", "", "/opt/project", arguments, run_name)


def resource_run(kubectl: Kubectl, arguments: list[str], run_name: str, start: float = 300) -> CustomResourceRun:
    hook = KubernetesHook(conn_id=None, config_file=os.environ["KUBECONFIG"])
    kind = CustomResource.model_validate(settings.TOY).resource_kind
    return CustomResourceRun(hook, kind, rendered(settings.TOY, kubectl, arguments, run_name), start)


@pytest.mark.parametrize("resource", [settings.RAY, settings.TRAIN, settings.SPARK], ids=lambda each: each["kind"])
def test_a_real_api_server_takes_the_resources_of_the_three_operators(
    kubectl: Kubectl, resource: dict[str, Any]
) -> None:
    manifest = rendered(resource, kubectl, ["run", "train"])
    command = ["create", "--dry-run=server", "--validate=strict", "--filename", "-"]
    kubectl(*command, input=json.dumps(manifest))
    manifest["spec"]["comand"] = "x"
    with pytest.raises(AssertionError, match="comand"):
        kubectl(*command, input=json.dumps(manifest))


def test_a_toy_is_made_watched_and_deleted_with_its_pod(kubectl: Kubectl, operator: None) -> None:
    resource_run(kubectl, ["--version"], "r-1").run()
    wait_until(lambda: not kubectl.items("toys") and not kubectl.items("pods"), "the toy and its pod are gone")


def test_a_toy_that_fails_says_so_and_another_try_starts_when_its_pod_is_gone(kubectl: Kubectl, operator: None) -> None:
    failing = resource_run(kubectl, ["no-such-command"], "r-2")
    for _ in range(2):
        with pytest.raises(AirflowException, match="failed: its pod failed"):
            failing.run()
    wait_until(lambda: not kubectl.items("toys") and not kubectl.items("pods"), "the toy and its pod are gone")


def test_a_toy_whose_worker_died_is_watched_further(kubectl: Kubectl, operator: None) -> None:
    first = resource_run(kubectl, ["--version"], "r-3")
    created = first._created()
    time.sleep(2)
    again = resource_run(kubectl, ["--version"], "r-3")
    found = again._found()
    assert found
    assert found["metadata"]["uid"] == created["metadata"]["uid"]
    again.run()
    wait_until(lambda: not kubectl.items("toys") and not kubectl.items("pods"), "the toy and its pod are gone")
