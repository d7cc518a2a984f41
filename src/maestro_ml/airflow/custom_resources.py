"""Create a custom resource, watch it until it has ended, and delete it."""

import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

from maestro_ml.airflow.resource_manifest import DIGEST
from maestro_ml.project.resource_kinds import ResourceKind

if TYPE_CHECKING:
    from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook

POLL_SECONDS = 5.0
# How long Kubernetes may be unreachable before the task gives up a resource that it watches.
_RETRY_SECONDS = 300.0
_DELETION_SECONDS = 600.0
_NOT_FOUND, _CONFLICT, _FORBIDDEN, _TOO_MANY, _SERVER = 404, 409, 403, 429, 500
_LOG_LINES = 50
_LOGGED_PODS = 5

log = logging.getLogger(__name__)


class CustomResourceRun:
    """One resource from its creation to its deletion.

    Another try of the same task finds a resource that its worker left behind by its name: one that is as it would be
    created is watched further, any other is replaced.

    Args:
        hook: Airflow's, with the client.
        kind: how a resource of the kind ends.
        manifest: what to create.
        start_seconds: how long it may have no status.
    """

    def __init__(
        self, hook: "KubernetesHook", kind: ResourceKind, manifest: dict[str, Any], start_seconds: float
    ) -> None:
        self.hook = hook
        self.kind = kind
        self.manifest = manifest
        self.start_seconds = start_seconds
        self.name: str = manifest["metadata"]["name"]
        self.namespace: str = manifest["metadata"].get("namespace") or hook.get_namespace() or "default"
        self._place = {
            "group": kind.group,
            "version": kind.version,
            "plural": kind.plural,
            "namespace": self.namespace,
        }

    def run(self) -> None:
        """Return once the resource says that it is done; it is deleted however this ends.

        Raises:
            AirflowFailException: Kubernetes refuses it, and would again.
            AirflowException: it failed, is gone, or nothing works on it.
        """
        try:
            self._watch(self._found() or self._created())
        except BaseException:
            self._log_pods()
            raise
        finally:
            self.delete()

    def delete(self) -> None:
        """Delete the resource, and with it its pods."""
        try:
            # Foreground: the name is free only when the pods are gone, so no other try runs beside them.
            self.hook.delete_custom_object(name=self.name, propagation_policy="Foreground", **self._place)
        except (ApiException, HTTPError) as error:
            if getattr(error, "status", None) != _NOT_FOUND:
                log.warning("%s could not be deleted: %s", self, _message(error))

    def __str__(self) -> str:
        return f"the {self.kind.kind} {self.name} in {self.namespace}"

    def _get(self) -> Mapping[str, Any] | None:
        try:
            return self.hook.get_custom_object(name=self.name, **self._place)  # type: ignore[no-any-return]
        except ApiException as error:
            if error.status == _NOT_FOUND:
                return None
            raise self._refused(error) from error

    def _found(self) -> Mapping[str, Any] | None:
        """Return the resource of an earlier try that can be watched further; None once there is none."""
        before = self._get()
        if before is None:
            return None
        metadata = before["metadata"]
        same = (metadata.get("annotations") or {}).get(DIGEST) == self.manifest["metadata"]["annotations"][DIGEST]
        if same and not self.kind.has_failed(before) and not metadata.get("deletionTimestamp"):
            log.info("%s of an earlier try is watched further", self)
            return before
        if not metadata.get("deletionTimestamp"):
            log.info("%s of an earlier try is replaced", self)
            self.delete()
        self._wait_until_gone()
        return None

    def _wait_until_gone(self) -> None:
        began = time.monotonic()
        while self._get() is not None:
            if time.monotonic() - began > _DELETION_SECONDS:
                raise AirflowException(f"{self} of an earlier try is still being deleted; see its finalizers and pods")
            time.sleep(POLL_SECONDS)

    def _created(self) -> Mapping[str, Any]:
        try:
            created: Mapping[str, Any] = self.hook.create_custom_object(body=self.manifest, **self._place)
        except ApiException as error:
            if error.status == _CONFLICT and (found := self._get()) is not None:
                return found  # the request was sent twice
            raise self._refused(error) from error
        selector = self.kind.pods.format(name=self.name)
        log.info("created %s; its logs: kubectl -n %s logs -l %s --tail=-1", self, self.namespace, selector)
        return created

    def _refused(self, error: ApiException) -> AirflowException:
        api = f"{self.kind.plural}.{self.kind.group}"
        if error.status == _NOT_FOUND and "namespaces" not in str(error.body):
            version = self.kind.version
            return AirflowFailException(
                f"Kubernetes has no {self.kind.kind} of {self.kind.group}/{version}; install its operator"
            )
        if error.status == _FORBIDDEN and "quota" not in str(error.body):
            hint = f"; with Maestro's chart, training.customResources: [{api}] allows it"
            return AirflowFailException(f"Kubernetes refuses: {_message(error)}{hint}")
        raise error

    def _watch(self, resource: Mapping[str, Any]) -> None:
        began, shown = time.monotonic(), ""
        while True:
            if (state := self.kind.state(resource)) != shown:
                log.info("%s: %s", self, state or "no status yet")
                shown = state
            if self.kind.has_failed(resource):
                reason = " ".join(self.kind.reason(resource).split())
                raise AirflowException(f"{self} failed: {reason or 'it does not say why'}")
            if self.kind.has_succeeded(resource):
                return
            if resource["metadata"].get("deletionTimestamp"):
                raise AirflowException(f"{self} was deleted while it ran")
            if not resource.get("status") and time.monotonic() - began > self.start_seconds:
                raise AirflowException(
                    f"{self} has no status after {self.start_seconds:.0f} s; does its operator run and watch here?"
                )
            time.sleep(POLL_SECONDS)
            resource = self._seen()

    def _seen(self) -> Mapping[str, Any]:
        """Return the resource as it is, also where Kubernetes does not answer for a while."""
        began = time.monotonic()
        while True:
            try:
                found = self._get()
            except (ApiException, HTTPError) as error:
                status = getattr(error, "status", None) or _SERVER
                if (status < _SERVER and status != _TOO_MANY) or time.monotonic() - began > _RETRY_SECONDS:
                    raise
                log.warning("Kubernetes does not answer: %s", _message(error))
                time.sleep(POLL_SECONDS)
                continue
            if found is None:
                raise AirflowException(f"{self} was deleted while it ran")
            return found

    def _log_pods(self) -> None:
        """Write the last lines of the resource's pods into the task's log: they are deleted with it."""
        selector = self.kind.pods.format(name=self.name)
        try:
            client = self.hook.core_v1_client
            for pod in client.list_namespaced_pod(self.namespace, label_selector=selector).items[:_LOGGED_PODS]:
                name, container = pod.metadata.name, pod.spec.containers[0].name
                text = client.read_namespaced_pod_log(name, self.namespace, container=container, tail_lines=_LOG_LINES)
                log.info("the last lines of %s:\n%s", name, text)
        except (ApiException, HTTPError) as error:
            log.info("the logs of the pods with %s could not be read: %s", selector, _message(error))


def _message(error: Exception) -> str:
    try:
        return str(json.loads(error.body)["message"])  # type: ignore[attr-defined]
    except (AttributeError, TypeError, ValueError, KeyError):
        return " ".join(str(getattr(error, "reason", None) or error).split())
