"""Wait for a pod to start, and give up early if it cannot."""

import asyncio
import re
import time
from typing import TYPE_CHECKING

from airflow.providers.cncf.kubernetes.utils.pod_manager import PodManager

from maestro_ml.airflow.pod_errors import PodCannotStart

if TYPE_CHECKING:
    from kubernetes.client import models as k8s

# The kubelet's reasons for a container whose Secret, ConfigMap or key is missing; it keeps waiting.
MISSING = ("CreateContainerConfigError", "CreateContainerError")
# A Secret that an operator creates can appear some seconds later.
PATIENCE_SECONDS = 30.0


class PatientPodManager(PodManager):  # type: ignore[misc]
    """Give up on a pod that lacks a Secret or ConfigMap, naming it, without waiting for the startup timeout."""

    async def await_pod_start(
        self, pod: "k8s.V1Pod", schedule_timeout: int = 120, startup_timeout: int = 120, check_interval: int = 1
    ) -> None:
        """Return when the pod runs.

        Raises:
            PodCannotStart: what it names is missing.
        """
        starts = asyncio.create_task(super().await_pod_start(pod, schedule_timeout, startup_timeout, check_interval))
        lacks = asyncio.create_task(self._missing(pod, check_interval))
        done, pending = await asyncio.wait({starts, lacks}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self.stop_watching_events = True
        for task in done:
            task.result()

    def _what_it_lacks(self, pod: "k8s.V1Pod") -> str | None:
        seen = self.read_pod(pod)
        missing = missing_in(seen)
        # What a volume lacks stands in the events only.
        return missing or (missing_volume(self.read_pod_events(pod).items) if is_creating(seen) else None)

    async def _missing(self, pod: "k8s.V1Pod", check_interval: float) -> None:
        since: float | None = None
        while True:
            message = self._what_it_lacks(pod)
            since = None if message is None else since or time.monotonic()
            if since and time.monotonic() - since >= PATIENCE_SECONDS:
                namespace = pod.metadata.namespace
                raise PodCannotStart(f"the pod {pod.metadata.name} in {namespace} cannot start: {message}")
            await asyncio.sleep(check_interval)


def is_creating(pod: "k8s.V1Pod") -> bool:
    """Return whether the kubelet is making the container."""
    states = [status.state for status in pod.status.container_statuses or []]
    return any(state and state.waiting and state.waiting.reason == "ContainerCreating" for state in states)


def missing_volume(events: "list[k8s.CoreV1Event]") -> str | None:
    """Return the last event that says which ConfigMap, Secret or key of a volume does not exist."""
    messages = [str(event.message) for event in events if event.reason == "FailedMount"]
    return next((text for text in reversed(messages) if re.search(r" not found|non-existent", text)), None)


def missing_in(pod: "k8s.V1Pod") -> str | None:
    """Return the kubelet's message about a missing Secret, ConfigMap or key of the pod; None if nothing is missing."""
    for status in pod.status.container_statuses or []:
        waiting = status.state.waiting if status.state else None
        if waiting and waiting.reason in MISSING:
            return str(waiting.message or waiting.reason)
    return None
