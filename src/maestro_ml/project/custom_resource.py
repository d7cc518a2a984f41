"""A custom resource that runs a step in the place of a pod: its manifest, as the project file has it."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.node import Mistake, Node
from maestro_ml.project.quantities import LabelKey, LabelValue
from maestro_ml.project.resource_kinds import CONDITION, KINDS, ResourceKind, value_at
from maestro_ml.project.resource_template import PARTS, RUNNING, TEXTS, placeholders

_STATE = re.compile(rf"({CONDITION}|(\.[\w-]+)+=)\S+")


_VERSION = re.compile(r"[a-z0-9.-]+\.[a-z0-9.-]+/v[a-z0-9]+")


def _state(value: str) -> str:
    if not _STATE.fullmatch(value):
        raise ValueError("a state is written like condition=Complete or .status.phase=Done")
    return value


def _api_version(value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise ValueError("the version of a custom resource is written group/version, like ray.io/v1")
    return value


State = Annotated[str, AfterValidator(_state)]
ApiVersion = Annotated[str, AfterValidator(_api_version)]
KindName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
Plural = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$")]


class ResourceMetadata(Node):
    """Labels and annotations of the resource; its name and namespace are Maestro's."""

    labels: dict[LabelKey, LabelValue] = {}
    annotations: dict[LabelKey, str] = {}


class CustomResource(Node):
    """The manifest of a resource whose operator runs the step, with `${...}` where parts of the step's pod go.

    RayJob, TrainJob and SparkApplication are known. Of another kind, `succeeded` and `failed` name the states in which
    it has ended: `condition=TYPE` or `.path=VALUE`.
    """

    api_version: Annotated[ApiVersion, Field(alias="apiVersion")]
    kind: KindName
    metadata: ResourceMetadata = ResourceMetadata.model_construct()
    spec: dict[str, Any]
    plural: Plural | None = None  # its name in URLs; by default the kind in small letters with an s
    succeeded: tuple[State, ...] = ()
    failed: tuple[State, ...] = ()

    @property
    def known(self) -> ResourceKind | None:
        """The kind as Maestro knows it."""
        return next((each for each in KINDS if (each.api_version, each.kind) == (self.api_version, self.kind)), None)

    @property
    def resource_kind(self) -> ResourceKind:
        """The kind, as Maestro or the project file describes it."""
        known = self.known
        if known and not self.succeeded:
            return known
        plural = self.plural or f"{self.kind.lower()}s"
        return ResourceKind(self.api_version, self.kind, plural, self.succeeded, self.failed)

    @property
    def placeholder_names(self) -> set[str]:
        """The placeholders of the manifest."""
        return {name for _, name, _ in placeholders(self.spec)}

    def mistakes(self) -> Iterator[Mistake]:
        """Report a kind whose end is not known, and a manifest that does not run the step."""
        yield from self._mistakes_of_kind()
        for path, name, whole in placeholders(self.spec):
            place = ("spec", *path)
            if name not in PARTS:
                message = f"there is no ${{{name}}}{did_you_mean(name, sorted(PARTS))}"
                yield Mistake(place, f"{message}; $${{{name}}} stands for the text itself")
            elif not whole and name not in TEXTS:
                yield Mistake(place, f"${{{name}}} is more than a text and must be the whole value")
        if not self.placeholder_names & {*RUNNING}:
            choice = ", ".join(f"${{{name}}}" for name in RUNNING)
            yield Mistake(("spec",), f"nothing in it runs the step; it needs one of {choice}")

    def _mistakes_of_kind(self) -> Iterator[Mistake]:
        because = (("apiVersion",),)
        if bool(self.succeeded) != bool(self.failed):
            given, missing = ("succeeded", "failed") if self.succeeded else ("failed", "succeeded")
            yield Mistake((given,), f"`{missing}` is missing: both ends of the resource must be known")
        elif not self.succeeded and not self.known:
            same = next((each for each in KINDS if each.kind == self.kind), None)
            if same:
                yield Mistake(("apiVersion",), f"{self.kind} is known as {same.api_version}", (("kind",),))
                return
            names = [each.kind for each in KINDS]
            message = f"how a {self.kind} ends is not known{did_you_mean(self.kind, names)}"
            yield Mistake(("kind",), f"{message}; of another kind, give `succeeded` and `failed`", because)
        if self.plural and self.known and not self.succeeded:
            yield Mistake(("plural",), f"{self.kind} is known; its plural is {self.known.plural}", (("kind",),))
        copies = value_at(self.known.copies, {"spec": self.spec}) if self.known and self.known.copies else None
        if self.known and copies not in (None, 1):
            place = tuple(str(self.known.copies).strip(".").split("."))
            yield Mistake(place, "each node would run the step; it runs on one")
