"""The pod of a step as a manifest: what the operator sends to Kubernetes, and what `maestro pods` shows."""

from collections.abc import Sequence
from typing import Any

from maestro_ml.airflow.pod_authorities import ca_mounts, ca_variables, ca_volumes
from maestro_ml.project import Project
from maestro_ml.project.platform import PROJECT_VARIABLE
from maestro_ml.project.pods import QUEUE_LABEL, PodSettings, Resources, Toleration, Volume
from maestro_ml.project.settings import Execution

CONTAINER = "base"


def pod_manifest(
    project: Project, step: str, target: str, project_path: str, arguments: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a step's pod: PSS-restricted, no token, endpoints from a Secret.

    The pod looks for the project under the same path as this process, unless `execution.project` names another.
    """
    execution, settings = project.execution, project.pod_of(step, target)
    container = {
        "name": CONTAINER,
        "image": execution.image,
        "imagePullPolicy": execution.image_pull_policy,
        "command": ["maestro"],
        "args": list(arguments),
        "env": _variables(execution, settings, project_path),
        "envFrom": _environment(execution),
        "resources": _resources(settings.resources),
        "volumeMounts": [*ca_mounts(execution), *map(_mount, range(len(settings.volumes)), settings.volumes)],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        # The step writes its error as the termination message; if it could not, the end of the log is used instead.
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    spec = {
        "automountServiceAccountToken": False,
        "serviceAccountName": execution.service_account,
        "restartPolicy": "Never",
        "priorityClassName": settings.priority_class,
        "nodeSelector": dict(settings.node_selector),
        "tolerations": [_toleration(each) for each in settings.tolerations],
        "securityContext": _without_nothing(
            runAsNonRoot=True, seccompProfile={"type": "RuntimeDefault"}, fsGroup=settings.fs_group
        ),
        "containers": [_without_nothing(**container)],
        "volumes": [*ca_volumes(execution), *map(_volume, range(len(settings.volumes)), settings.volumes)],
    }
    metadata = {
        "name": f"maestro-{step.replace('_', '-')}",
        "namespace": execution.namespace,
        "labels": {
            "app.kubernetes.io/name": "maestro",
            "app.kubernetes.io/component": "step",
            "maestro/step": step,
            "maestro/team": project.team,
            **({QUEUE_LABEL: settings.queue} if settings.queue else {}),
            **settings.labels,
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _without_nothing(**metadata),
        "spec": _without_nothing(**spec),
    }


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def _variables(execution: Execution, settings: PodSettings, project_path: str) -> list[dict[str, str]]:
    values = {
        PROJECT_VARIABLE: execution.project or project_path,
        **ca_variables(execution),
        **settings.environment,
    }
    # Kubernetes replaces $(NAME) in a value by that variable's value.
    return [{"name": name, "value": value.replace("$(", "$$(")} for name, value in values.items()]


def _environment(execution: Execution) -> list[dict[str, Any]]:
    places = {"configMapRef": execution.env_from_config_map, "secretRef": execution.env_from_secret}
    return [{reference: {"name": name}} for reference, name in places.items() if name]


def _resources(wanted: Resources) -> dict[str, Any]:
    gpus = {wanted.gpu_resource: str(wanted.gpus)} if wanted.gpus else {}
    return {
        "requests": {"cpu": wanted.cpu, "memory": wanted.memory, **gpus},
        "limits": {"cpu": wanted.cpu_limit or wanted.cpu, "memory": wanted.memory_limit or wanted.memory, **gpus},
    }


def _toleration(wanted: Toleration) -> dict[str, Any]:
    return _without_nothing(
        key=wanted.key,
        operator="Exists" if wanted.value is None else "Equal",
        value=wanted.value,
        effect=wanted.effect,
        tolerationSeconds=wanted.seconds,
    )


def _volume(index: int, wanted: Volume) -> dict[str, Any]:
    named = {"name": f"volume-{index}"}
    if wanted.claim:
        return named | {"persistentVolumeClaim": {"claimName": wanted.claim}}
    if wanted.config_map:
        return named | {"configMap": {"name": wanted.config_map}}
    if wanted.secret:
        return named | {"secret": {"secretName": wanted.secret}}
    if wanted.memory:
        return named | {"emptyDir": {"medium": "Memory", "sizeLimit": wanted.memory}}
    return named | {"emptyDir": {"sizeLimit": wanted.empty}}


def _mount(index: int, wanted: Volume) -> dict[str, Any]:
    read_only = bool(wanted.config_map or wanted.secret) if wanted.read_only is None else wanted.read_only
    return {"name": f"volume-{index}", "mountPath": wanted.path, "readOnly": read_only}
