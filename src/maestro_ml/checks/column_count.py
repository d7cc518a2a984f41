"""The check `column_count`: the table has so many columns."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck, bounds_mistakes
from maestro_ml.checks.tolerance import check_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Bounded
from maestro_ml.core.wording import between
from maestro_ml.sql.table import WindowRows


class ColumnCountCheck(BaseCheck):
    """The table has `min` to `max` columns (one bound is enough), including those the contract does not name."""

    why: ClassVar = "A column was added or removed: a reader by position gets the wrong one."

    check: Literal["column_count"]
    min: Annotated[int, Field(ge=1)] | None = None
    max: Annotated[int, Field(ge=1)] | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from bounds_mistakes("column_count check", self.min, self.max)
        if self.where:
            yield Mistake(("where",), "`where` selects rows, and a column_count check reads none")

    def probe(self, rows: WindowRows) -> Finding:
        count = len(rows.dataset.names)
        inside = (self.min or 0) <= count and (self.max is None or count <= self.max)
        message = f"{count:,} column{'' if count == 1 else 's'} ({between(self.min, self.max)})"
        result = Bounded(count, self.min, self.max, names=("columns", "min", "max"))
        return check_finding(self, message, result, violated=not inside)
