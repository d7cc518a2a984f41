"""What a step returns and leaves in the run store."""

from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, SerializeAsAny

from maestro_ml.observability.alerts import Alert
from maestro_ml.observability.metrics import Sample

Outcome = Literal["passed", "failed", "skipped"]


class StepResult(BaseModel):
    """The base of every step's result; a step adds its own fields. `result.json` is this, and its presence says done.

    `failed` means the work was done and the verdict or gate said no; a step that could not do its work raises.
    """

    outcome: Outcome
    summary: str
    metrics: list[Sample] = []
    alerts: list[Alert] = []
    artifacts: dict[str, str] = {}  # name -> URI, for people: reports first


R = TypeVar("R", bound=StepResult)


class StepRecord(BaseModel, Generic[R]):
    """A result with what the runner knows: which step, about what, how long and how much memory."""

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
