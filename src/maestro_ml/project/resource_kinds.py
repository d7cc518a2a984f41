"""The kinds of custom resources that Maestro knows: how each says that it has ended, and which pods are its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONDITION = "condition="


@dataclass(frozen=True)
class ResourceKind:
    """A kind of resource.

    Attributes:
        api_version: its group and version.
        kind: its name.
        plural: its name in URLs and in roles.
        succeeded: what its status says once it is done: `condition=TYPE` or `.path=VALUE`, any of them.
        failed: what it says once it never will be.
        reasons: where its status says why.
        pods: the labels of its pods, where `{name}` is the resource's name.
        copies: how many pods run the command, where the manifest says so; a step runs in one.
    """

    api_version: str
    kind: str
    plural: str
    succeeded: tuple[str, ...]
    failed: tuple[str, ...]
    reasons: tuple[str, ...] = (".status.reason", ".status.message")
    pods: str = "maestro/resource={name}"
    copies: str | None = None

    @property
    def group(self) -> str:
        """The group of its API."""
        return self.api_version.partition("/")[0]

    @property
    def version(self) -> str:
        """The version of its API."""
        return self.api_version.partition("/")[2]

    def has_succeeded(self, resource: Mapping[str, Any]) -> bool:
        """Return whether a resource of this kind is done."""
        return any(holds(state, resource) for state in self.succeeded)

    def has_failed(self, resource: Mapping[str, Any]) -> bool:
        """Return whether a resource of this kind has ended otherwise."""
        return any(holds(state, resource) for state in self.failed)

    def state(self, resource: Mapping[str, Any]) -> str:
        """Return in a few words how far a resource of this kind is."""
        paths = dict.fromkeys(state.partition("=")[0] for state in (*self.succeeded, *self.failed))
        found = [value_at(path, resource) for path in paths if not path.startswith(CONDITION.rstrip("="))]
        holding = [each.get("type") for each in _conditions(resource) if each.get("status") == "True"]
        return ", ".join(str(each) for each in (*found, *holding) if each not in (None, ""))

    def reason(self, resource: Mapping[str, Any]) -> str:
        """Return what the resource says about its end."""
        conditions = [state.removeprefix(CONDITION) for state in self.failed if state.startswith(CONDITION)]
        found = [value_at(path, resource) for path in self.reasons]
        for condition in _conditions(resource):
            if condition.get("type") in conditions and condition.get("status") == "True":
                found += [condition.get("reason"), condition.get("message")]
        return ": ".join(str(each) for each in found if each)


KINDS = (
    ResourceKind(
        api_version="ray.io/v1",
        kind="RayJob",
        plural="rayjobs",
        succeeded=(".status.jobDeploymentStatus=Complete",),
        # A job that somebody stopped is complete too.
        failed=(
            ".status.jobDeploymentStatus=Failed",
            ".status.jobDeploymentStatus=ValidationFailed",
            ".status.jobStatus=STOPPED",
        ),
        pods="ray.io/originated-from-cr-name={name}",
    ),
    ResourceKind(
        api_version="trainer.kubeflow.org/v1alpha1",
        kind="TrainJob",
        plural="trainjobs",
        succeeded=("condition=Complete",),
        failed=("condition=Failed",),
        pods="jobset.sigs.k8s.io/jobset-name={name}",
        copies=".spec.trainer.numNodes",
    ),
    ResourceKind(
        api_version="sparkoperator.k8s.io/v1beta2",
        kind="SparkApplication",
        plural="sparkapplications",
        succeeded=(".status.applicationState.state=COMPLETED",),
        # SUBMISSION_FAILED and FAILING pass on to FAILED, or to another try by its restartPolicy.
        failed=(".status.applicationState.state=FAILED",),
        reasons=(".status.applicationState.errorMessage",),
        pods="sparkoperator.k8s.io/app-name={name}",
    ),
)


def holds(state: str, resource: Mapping[str, Any]) -> bool:
    """Return whether a resource is in a state, written `condition=TYPE` or `.path=VALUE`."""
    if state.startswith(CONDITION):
        wanted = state.removeprefix(CONDITION)
        return any(each.get("type") == wanted and each.get("status") == "True" for each in _conditions(resource))
    path, _, value = state.partition("=")
    found = value_at(path, resource)
    # as YAML and kubectl write it
    return (str(found).lower() if isinstance(found, bool) else str(found)) == value


def value_at(path: str, resource: Mapping[str, Any]) -> Any:
    """Return the value at a path such as `.status.phase`; None if there is none."""
    here: Any = resource
    for key in path.removeprefix(".").split("."):
        here = here.get(key) if isinstance(here, Mapping) else None
    return here


def _conditions(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return (resource.get("status") or {}).get("conditions") or []
