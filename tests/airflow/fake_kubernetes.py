"""A stand-in for Airflow's Kubernetes hook: custom resources in memory, and an operator that says how each goes on."""

import copy
import json
from types import SimpleNamespace

from kubernetes.client import ApiException

NOBODY = ()


def api_error(status, message="", reason=None):
    """Return the client's exception for an answer of the API server."""
    error = ApiException(status=status, reason=reason)
    error.body = json.dumps({"message": message}) if message else "404 page not found\n"
    return error


class FakeKubernetes:
    """Resources by name, and a log of the requests that change one.

    Args:
        statuses: what the operator writes, one for each time the resource is read; the last one stays. `None` deletes
            the resource; an exception is raised instead of an answer.
        finalizes: how often a deleted resource can still be read.
    """

    def __init__(self, statuses=NOBODY, finalizes=0):
        self.resources, self.requests = {}, []
        self.statuses, self.finalizes = list(statuses), finalizes
        self.pods, self.logs = [], {}
        self.refuses = {}
        self.core_v1_client = SimpleNamespace(list_namespaced_pod=self._pods, read_namespaced_pod_log=self._log)

    def get_namespace(self):
        return None

    def put(self, manifest, **metadata):
        """Leave a resource behind, as an earlier try would."""
        resource = copy.deepcopy(manifest)
        resource["metadata"] |= metadata
        self.resources[resource["metadata"]["name"]] = resource

    def create_custom_object(self, group, version, plural, body, namespace):
        self._refuse("create")
        name = body["metadata"]["name"]
        if name in self.resources:
            raise api_error(409, f'{plural}.{group} "{name}" already exists')
        self.requests.append(("create", f"{group}/{version}/{namespace}/{plural}/{name}"))
        self.put(body)
        return copy.deepcopy(self.resources[name])

    def get_custom_object(self, group, version, plural, name, namespace):
        self._refuse("get")
        if name not in self.resources:
            raise api_error(404, f'{plural}.{group} "{name}" not found')
        resource = self.resources[name]
        if resource["metadata"].get("deletionTimestamp"):
            self.finalizes -= 1
            if self.finalizes < 0:
                del self.resources[name]
                raise api_error(404, f'{plural}.{group} "{name}" not found')
        elif self.statuses:
            status = self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0)
            if isinstance(status, Exception):
                raise status
            if status is None:
                del self.resources[name]
                raise api_error(404, f'{plural}.{group} "{name}" not found')
            resource["status"] = status
        return copy.deepcopy(resource)

    def delete_custom_object(self, group, version, plural, name, namespace, propagation_policy):
        self._refuse("delete")
        if name not in self.resources:
            raise api_error(404, f'{plural}.{group} "{name}" not found')
        self.requests.append(("delete", propagation_policy))
        self.resources[name]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"

    def _refuse(self, verb):
        if verb in self.refuses:
            raise self.refuses[verb]

    def _pods(self, namespace, label_selector):
        self.requests.append(("pods", label_selector))
        return SimpleNamespace(items=self.pods)

    def _log(self, name, namespace, container, tail_lines):
        return self.logs[name, container]
