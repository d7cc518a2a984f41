"""Explain in one sentence why a pod's task failed: the step's own error, or Kubernetes' reason."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow.providers.cncf.kubernetes.utils.pod_manager import PodLaunchFailedException, PodLaunchTimeoutException
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import ApiException
from pydantic import ValidationError

from maestro_ml.project import RequestError
from maestro_ml.steps.failure import StepFailure, failure_since

if TYPE_CHECKING:
    from airflow.sdk import Context
    from kubernetes.client import models as k8s

    from maestro_ml.steps.step_folder import StepFolder


# Kubernetes' condition of a pod that is evicted, preempted or drained away, and Kueue's of one that it takes back.
_TAKEN = ("DisruptionTarget", "TerminationTarget")
_REFUSED = (400, 403, 404, 422)


class PodCannotStart(PodLaunchFailedException):  # type: ignore[misc]
    """A Secret, ConfigMap or key that the pod needs is missing; it would wait for it for ever."""


def error_of_pod(
    folder: "StepFolder", context: "Context", error: Exception, pod: "k8s.V1Pod | None" = None
) -> AirflowException:
    """Return the task's error: an AirflowFailException if another try would not help.

    Args:
        folder: the step's folder in the run store.
        context: the task's.
        error: what Airflow raised about the pod.
        pod: the pod as it was last seen.
    """
    failure = failure_since(folder, context["ti"].start_date) or _termination_message(pod)
    if failure:
        return _kind(failure.again)(failure.error)
    if isinstance(error, AirflowFailException):
        return error
    causes = list(_causes(error))
    known = (pod and _taken_away(pod)) or _of_causes(causes) or (pod and _ended(pod))
    if known:
        return known
    for cause in causes:
        if isinstance(cause, PodLaunchFailedException | PodLaunchTimeoutException):
            return AirflowException(_one_line(str(cause)))
    return AirflowException((str(error) or type(error).__name__).splitlines()[0])


def terminated(pod: "k8s.V1Pod | None") -> "k8s.V1ContainerStateTerminated | None":
    """Return how the step's container ended; None if it has not."""
    statuses = (pod.status.container_statuses or []) if pod and pod.status else []
    return next((status.state.terminated for status in statuses if status.name == "base" and status.state), None)


def _kind(again: bool) -> type[AirflowException]:
    return AirflowException if again else AirflowFailException


def _termination_message(pod: "k8s.V1Pod | None") -> StepFailure | None:
    end = terminated(pod)
    try:
        return StepFailure.model_validate_json(end.message) if end and end.message else None
    except ValidationError:
        return None  # the end of the log: the step could not write its error


def _of_causes(causes: list[BaseException]) -> AirflowException | None:
    for cause in causes:
        if isinstance(cause, PodCannotStart):
            return AirflowFailException(str(cause))
        if isinstance(cause, ApiException):
            return _of_api(cause)
    return None


def _taken_away(pod: "k8s.V1Pod") -> AirflowException | None:
    """Return the error of a pod that Kubernetes or a queue ended for its own reasons; None if neither did."""
    conditions = (pod.status.conditions or []) if pod.status else []
    for condition in conditions:
        if condition.type in _TAKEN and condition.status == "True":
            why = f"{condition.reason or condition.type}: {condition.message or ''}"
            return AirflowException(_one_line(f"the pod {pod.metadata.name} was evicted or preempted: {why}"))
    return None


def _ended(pod: "k8s.V1Pod") -> AirflowException | None:
    name, end = pod.metadata.name, terminated(pod)
    if pod.status.reason:  # Evicted or Preempting, by the kubelet
        return AirflowException(_one_line(f"the pod {name} failed: {pod.status.reason}: {pod.status.message or ''}"))
    if end is None or end.exit_code == 0:
        return None
    if end.reason == "OOMKilled":
        limit = (pod.spec.containers[0].resources.limits or {}).get("memory")
        return AirflowException(
            f"the pod {name} was killed: it needs more memory than its limit of {limit}; raise"
            " execution.resources.memory_limit"
        )
    last = (end.message or "").strip().splitlines()[-1:] or ["it left no message"]
    return _kind(end.exit_code != RequestError.exit_code)(
        f"the pod {name} ended with exit code {end.exit_code}: {last[0]}"
    )


def _of_api(error: ApiException) -> AirflowException:
    """Build an error from the message in Kubernetes' response."""
    try:
        message = json.loads(error.body)["message"]
    except (TypeError, ValueError, KeyError):
        message = error.reason or f"status {error.status}"
    # Worth a retry: the pod was deleted or its node drained, or a quota may have room later.
    passing = "exceeded quota" in message or re.match('pods "[^"]*" not found', message)
    return _kind(error.status not in _REFUSED or bool(passing))(_one_line(f"Kubernetes refuses: {message}"))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes: Airflow's error about the pod hides the one with the reason."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _one_line(text: str) -> str:
    return " ".join(text.split()).removesuffix(":")
