"""Checks against the runs before: is this window like the ones that came in so far?

The limits are median +- `factor` times the scaled MAD (1.4826 * median absolute deviation: the standard deviation's
robust estimate, Rousseeuw and Croux, 1993) of the last `runs` runs with a window of the same length. Fewer than
`min_runs` such runs are no violation; the finding says so.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import Check
from maestro_ml.core.node import Mistake, Severity


class HistoryCheck(Check):
    """A check against earlier runs."""

    needs_own_length: ClassVar = True

    severity: Severity = "warn"
    runs: Annotated[int, Field(ge=3, le=500)] = 30
    min_runs: Annotated[int, Field(ge=3)] = 7
    factor: Annotated[float, Field(gt=0)] = 4.0
    min_change: Annotated[float, Field(ge=0)] = 0.0
    season: Literal["none", "weekday"] = "none"  # weekday: only runs that ended on the same day of the week (UTC)

    def mistakes(self) -> Iterator[Mistake]:
        if self.min_runs > self.runs:
            yield Mistake((), f"min_runs {self.min_runs} is above runs {self.runs}: there would never be enough")


class RowCountHistoryCheck(HistoryCheck):
    """The number of rows is like that of [earlier runs](validation.md#history).

    A change below `min_change` of the median is ignored.
    """

    why: ClassVar = "Earlier runs brought another number of rows: a load is incomplete, or was made twice."

    check: Literal["row_count_history"]
    min_change: Annotated[float, Field(ge=0)] = 0.05


class NullRateHistoryCheck(HistoryCheck):
    """The share of missing values is like that of [earlier runs](validation.md#history).

    A change below `min_change` (a share) is ignored.
    """

    why: ClassVar = "The column is emptier, or fuller, than it used to be: something upstream changed."

    check: Literal["null_rate_history"]
    column: str
    min_change: Annotated[float, Field(ge=0, le=1)] = 0.01
