"""The custom resource of a step as a manifest, made from the pod that the step would have."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from maestro_ml.airflow.pod_manifest import pod_manifest
from maestro_ml.project import Project
from maestro_ml.project.custom_resource import CustomResource
from maestro_ml.project.pods import QUEUE_LABEL
from maestro_ml.project.resource_template import command_line, filled

DIGEST = "maestro/manifest"
# Operators derive names from it that Kubernetes limits to 63 characters; KubeRay takes 47 at most.
_LONGEST_NAME = 30
# By this label of Airflow's pods the chart's network policies let a pod reach what steps reach.
_NETWORK = {"kubernetes_pod_operator": "True"}


def resource_name(step: str, target: str, run: str) -> str:
    """Return the name of a step's resource: each try in the same run has the same one."""
    text = re.sub(r"[^a-z0-9]+", "-", f"maestro-{step}-{target}".lower())[:_LONGEST_NAME].strip("-")
    return f"{text}-{hashlib.sha256(f'{run}/{step}/{target}'.encode()).hexdigest()[:8]}"


def resource_manifest(
    project: Project,
    resource: CustomResource,
    step: str,
    target: str,
    project_path: str,
    arguments: Sequence[str] = (),
    run: str = "",
) -> dict[str, Any]:
    """Return the resource that runs a step.

    Args:
        run: the URI of the run's folder in the run store.
    """
    pod = pod_manifest(project, step, target, project_path, arguments)
    name = resource_name(step, target, run)
    labels = pod["metadata"]["labels"] | {"maestro/resource": name}
    container, spec = pod["spec"]["containers"][0], pod["spec"]
    parts = {
        **{key: value for key, value in (spec | container).items() if key != "containers"},
        "name": name,
        "namespace": project.execution.namespace,
        "labels": {key: value for key, value in labels.items() if key != QUEUE_LABEL} | _NETWORK,
        "commandLine": command_line([*container["command"], *arguments]),
        "podSecurityContext": spec["securityContext"],
        "container": container,
        "podSpec": spec,
    }
    manifest = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {
            "name": name,
            **({"namespace": project.execution.namespace} if project.execution.namespace else {}),
            "labels": labels | resource.metadata.labels,
            "annotations": dict(resource.metadata.annotations),
        },
        "spec": filled(resource.spec, parts),
    }
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    manifest["metadata"]["annotations"][DIGEST] = digest[:32]
    return manifest
