"""The result of a step, as it is returned and kept in the run store."""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, SerializeAsAny

from maestro_ml.observability.alerts import Alert
from maestro_ml.observability.metrics import MetricValue

Outcome = Literal["passed", "failed", "skipped"]


class StepResult(BaseModel, defer_build=True):
    """The base of every step's result, to which a step adds its own fields.

    `failed` means that the step did its work and the verdict is fail; a step that cannot do its work raises. The file
    `result.json` holds the result, and is there only once the step is done.
    """

    outcome: Outcome
    summary: str
    metrics: list[MetricValue] = []
    alerts: list[Alert] = []
    artifacts: dict[str, str] = {}  # name -> URI, for people: reports first


R = TypeVar("R", bound=StepResult)


class StepRecord(BaseModel, Generic[R], defer_build=True):
    """A result with the runner's data: the step, its target and window, the duration and the memory used."""

    step: str
    target: str
    window_start: datetime
    window_end: datetime
    uri: str
    finished_at: datetime
    seconds: float
    peak_mb: float
    version: str
    result: SerializeAsAny[R]
