"""What a step's pod gets: resources, place, queue, volumes, environment; for all steps, one, or a model's."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from maestro_ml.core.node import Mistake, Node, split
from maestro_ml.project.custom_resource import CustomResource
from maestro_ml.project.platform import PROJECT_VARIABLE
from maestro_ml.project.quantities import (
    Cpu,
    FolderPath,
    LabelKey,
    LabelValue,
    Memory,
    ObjectName,
    VariableName,
    amount_of,
)

StepName = Literal[
    "validate",
    "check_features",
    "materialize",
    "verify_online",
    "validate_training",
    "build_features",
    "train",
    "evaluate",
    "register",
    "promote",
]
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
_GIVEN_BY_US = {PROJECT_VARIABLE: "execution.project names the project's folder"}
_OWN_FOLDER = "/etc/maestro"


class Resources(Node):
    """Requests and limits. A limit is by default what is requested; of GPUs both are always the same."""

    cpu: Cpu = "1"
    memory: Memory = "2Gi"
    cpu_limit: Cpu | None = None
    memory_limit: Memory | None = None
    gpus: Annotated[int, Field(ge=0)] = 0
    gpu_resource: LabelKey = "nvidia.com/gpu"  # what the cluster calls them

    def over_limit(self) -> Iterator[tuple[str, str]]:
        """Yield each of `cpu` and `memory` that is more than its limit, and a sentence about it."""
        for name, wanted, limit in (
            ("cpu", self.cpu, self.cpu_limit),
            ("memory", self.memory, self.memory_limit),
        ):
            if limit and amount_of(wanted) > amount_of(limit):
                yield name, f"{name} {wanted} is more than {name}_limit {limit}"


class Toleration(Node):
    """A taint of nodes on which the pod may run: any value of the key without `value`, any effect without `effect`."""

    key: LabelKey | None = None  # by default, every taint
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    seconds: Annotated[int, Field(ge=0)] | None = None  # how long it stays when the taint appears

    def mistakes(self) -> Iterator[Mistake]:
        """Report what Kubernetes would refuse."""
        if self.value is not None and self.key is None:
            yield Mistake(("value",), "a value belongs to a key")
        if self.seconds is not None and self.effect != "NoExecute":
            yield Mistake(("seconds",), "only a taint of the effect NoExecute ends a pod that runs", (("effect",),))


class Volume(Node):
    """A folder of the pod, from one of: a claim, a ConfigMap, a Secret, an empty folder on disk or in memory."""

    path: FolderPath
    claim: ObjectName | None = None
    config_map: ObjectName | None = None
    secret: ObjectName | None = None
    empty: Memory | None = None  # how large it may get
    memory: Memory | None = None  # the same in memory, and counted as such; /dev/shm for workers that share arrays
    read_only: bool | None = None  # by default, ConfigMaps and Secrets are

    def mistakes(self) -> Iterator[Mistake]:
        """Report a folder with no content or two, and one that Maestro uses."""
        kinds = ("claim", "config_map", "secret", "empty", "memory")
        given = [kind for kind in kinds if getattr(self, kind) is not None]
        if len(given) != 1:
            yield Mistake((), f"give one of {', '.join(kinds)}; found {' and '.join(given) or 'none'}")
        if f"{self.path}/".startswith(f"{_OWN_FOLDER}/"):
            yield Mistake(("path",), f"{_OWN_FOLDER} is Maestro's own")
        if self.read_only is False and (self.config_map or self.secret):
            yield Mistake(("read_only",), "a ConfigMap or Secret cannot be written to")


class PodSettings(Node):
    """What a pod gets. What a step or a model leaves out is as in `execution` itself."""

    resources: Resources = Resources.model_construct()
    node_selector: dict[LabelKey, LabelValue] = {}
    tolerations: tuple[Toleration, ...] = ()
    priority_class: ObjectName | None = None
    queue: ObjectName | None = None  # Kueue's LocalQueue in the pod's namespace
    labels: dict[LabelKey, LabelValue] = {}
    environment: dict[VariableName, str] = {}
    volumes: tuple[Volume, ...] = ()
    fs_group: Annotated[int, Field(ge=0)] | None = None  # the group that may write to the pod's volumes
    schedule_timeout_seconds: Annotated[int, Field(ge=1)] | None = None  # how long it may wait for a node
    custom_resource: CustomResource | None = None  # runs the step in the place of a pod

    def mistakes(self) -> Iterator[Mistake]:
        """Report variables that are Maestro's, and folders given twice."""
        for name, instead in _GIVEN_BY_US.items():
            if name in self.environment:
                yield Mistake(("environment", name), instead)
        paths = [volume.path.rstrip("/") for volume in self.volumes]
        for index, path in enumerate(paths):
            if path in paths[:index]:
                yield Mistake(("volumes", index, "path"), f"{path} is given twice")

    def with_settings(self, over: "PodSettings") -> "PodSettings":
        """Return these settings with another's in their place: mappings and resources by key, the rest as a whole."""
        given: dict[str, Any] = {name: getattr(self, name) for name in PodSettings.model_fields}
        for name in over.model_fields_set & given.keys():
            before, value = given[name], getattr(over, name)
            if isinstance(value, Resources):
                value = before.model_copy(update={key: getattr(value, key) for key in value.model_fields_set})
            elif isinstance(value, dict):
                value = before | value
            given[name] = value
        return PodSettings.model_construct(**given)


class _ListToo:
    """Takes a list of names, or a text of them, for a mapping of names to nothing."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_by_name, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"type": "array", "items": {"type": "string"}}, {"type": "string"}]}


def _by_name(value: Any) -> Any:
    names = split(value)
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"'{twice}' is named twice")
        return {name: {} for name in names}
    return value


def _or_empty(value: Any) -> Any:
    return {} if value is None else value


_Settings = Annotated[PodSettings, BeforeValidator(_or_empty)]
PodsByStep = dict[StepName, _Settings]
PodsOrNames = Annotated[PodsByStep, _ListToo()]
