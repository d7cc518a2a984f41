"""Quality checks a dataset declares. One class a check; `validation/quality` has one function for each.

Missing is null, or NaN in a floating-point column. Shares are of the window's rows; above `max_share` is a violation.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from maestro_ml.project.base import Node, Severity
from maestro_ml.project.history import HistoryCheck

Share = Annotated[float, Field(ge=0, le=1)]


class _Check(Node):
    severity: Severity = "error"


class MissingCheck(_Check):
    """At most `max_share` of the values are missing."""

    check: Literal["missing"]
    column: str
    max_share: Share = 0.0


class UniqueCheck(_Check):
    """No two rows agree in all of `columns` (missing counts as a value here)."""

    check: Literal["unique"]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    max_share: Share = 0.0


class DuplicateRowsCheck(_Check):
    """At most `max_share` of the rows repeat another in every column."""

    check: Literal["duplicate_rows"]
    max_share: Share = 0.0


class RangeCheck(_Check):
    """Values lie in `[min, max]`; missing ones pass."""

    check: Literal["range"]
    column: str
    min: float | None = None
    max: float | None = None
    max_share: Share = 0.0

    @model_validator(mode="after")
    def _bounds(self) -> "RangeCheck":
        if self.min is None and self.max is None:
            raise ValueError("a range needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class AllowedCheck(_Check):
    """Values are among `values`; missing ones pass."""

    check: Literal["allowed"]
    column: str
    values: Annotated[tuple[str | int | float | bool, ...], Field(min_length=1)]
    max_share: Share = 0.0


class RowsCheck(_Check):
    """The window holds between `min` and `max` rows; without this check, at least one."""

    check: Literal["rows"]
    min: Annotated[int, Field(ge=0)] = 1
    max: int | None = None


Check = Annotated[
    MissingCheck | UniqueCheck | DuplicateRowsCheck | RangeCheck | AllowedCheck | RowsCheck | HistoryCheck,
    Field(discriminator="check"),
]
