"""The check `rows`: how many rows a window holds."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck, bounds_mistakes
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import check_finding, on_error, rows_of
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import ROWS, Bounded
from maestro_ml.core.wording import between
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.table import WindowRows


class RowsCheck(BaseCheck):
    """The window holds `min` to `max` rows (one bound is enough); without this check, at least one row."""

    needs_own_length: ClassVar = True
    why: ClassVar = "Too few or too many rows usually mean that a load failed, ran twice, or read the wrong time range."

    check: Literal["rows"]
    min: Annotated[int, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=0)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from bounds_mistakes("rows check", self.min, self.max)

    def probe(self, rows: WindowRows) -> Probe:
        return row_count(self, rows.dataset)


def row_count(check: RowsCheck, dataset: Columns, reason: str = "") -> Probe:
    """Return a probe of the number of rows.

    Args:
        reason: why the bounds hold, where the project file does not say so.
    """

    def judge(count: int) -> Finding:
        limit = between(check.min, check.max) + reason
        violated = count < (check.min or 0) or (check.max is not None and count > check.max)
        message = (
            f"{count:,} row{'' if count == 1 else 's'} in the window ({limit})"
            if count
            else f"the window is empty ({limit})"
        )
        result = Bounded(count, check.min, check.max, names=ROWS)
        return check_finding(check, message, result, violated=violated)

    return Probe((rows_of(check, dataset),), judge, on_error(check), None)
