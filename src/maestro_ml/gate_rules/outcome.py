"""What a rule found."""

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.results import Number


class SliceOutcome(BaseModel):
    """The metric on the rows of one slice, and the interval it lies in."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    column: str
    value: str
    rows: int
    measured: float | None  # None: not defined for these rows
    low: float | None = None
    high: float | None = None
    p_value: float | None = None  # as corrected for the number of slices; None: too few rows to judge
    passed: bool


class RuleOutcome(BaseModel):
    """One rule's outcome with its numbers; only a required rule can reject."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    name: str
    limit: float | None = None
    required: bool = True
    passed: bool
    message: str = ""
    metric: str | None = None
    numbers: dict[str, Number] = {}
    slices: tuple[SliceOutcome, ...] = ()
