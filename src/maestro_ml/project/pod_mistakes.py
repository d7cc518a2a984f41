"""Pods that Kubernetes would refuse, though each of the settings they are made of is right."""

from collections.abc import Iterator

from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.custom_resource import CustomResource
from maestro_ml.project.pods import QUEUE_LABEL, PodSettings
from maestro_ml.project.project import Project
from maestro_ml.project.resource_template import SETTINGS, settings_in


def pod_mistakes(project: Project) -> Iterator[Mistake]:
    """Report what does not fit together, where the last of its parts is given."""
    execution = project.execution
    yield from _of_pod(PodSettings.model_construct().with_settings(execution), execution, ("execution",))
    for step, own in execution.steps.items():
        yield from _of_pod(project.pod_of(step), own, ("execution", "steps", step))
    for name, model in project.models.items():
        for step, own in model.pods.items():
            here: Path = ("models", name, "pods", step)
            if step in execution.steps:
                yield from _of_pod(project.pod_of(step, name), own, here)
            else:
                yield Mistake(here, f"{step} has no pod; add it to execution.steps", (("execution", "steps"),))


def _of_pod(pod: PodSettings, own: PodSettings, here: Path) -> Iterator[Mistake]:
    if pod.custom_resource and own.model_fields_set and here[-1] != "execution":
        yield from _without_effect(pod.custom_resource, own, here)
    if "resources" in own.model_fields_set:
        given = own.resources.model_fields_set
        for name, message in pod.resources.over_limit():
            if given & {name, f"{name}_limit"}:
                key = name if name in given else f"{name}_limit"
                yield Mistake((*here, "resources", key), message, (("execution", "resources"),))
    if pod.queue and QUEUE_LABEL in pod.labels and own.model_fields_set & {"queue", "labels"}:
        place: Path = ("labels", QUEUE_LABEL) if QUEUE_LABEL in own.labels else ("queue",)
        yield Mistake((*here, *place), "the queue is given twice")


def _without_effect(resource: CustomResource, own: PodSettings, here: Path) -> Iterator[Mistake]:
    """Report settings of a step's pod that its custom resource does not take."""
    taken = settings_in(resource.placeholder_names)
    for placeholder, setting in SETTINGS.items():
        if setting in own.model_fields_set and setting not in taken:
            message = f"the custom resource does not take it; write ${{{placeholder}}} where it belongs"
            yield Mistake((*here, setting), message, ((*here, "custom_resource"),))
