"""The check `sum_between`: the sum of a column lies between two bounds."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal

from maestro_ml.checks.base import BaseCheck, bounds_mistakes
from maestro_ml.checks.bounds import Bound
from maestro_ml.checks.failing_rows import is_pii
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import as_number, check_finding, filter_clause, on_error, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Bounded
from maestro_ml.core.wording import against, between
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC


class SumBetweenCheck(BaseCheck):
    """The values of `column` add up to `min` to `max`, where one bound is enough; without a value the sum is 0."""

    accepts: ClassVar = NUMERIC
    needs_own_length: ClassVar = True
    why: ClassVar = (
        "A total outside its bounds usually means that a load is incomplete, made twice, or in another unit."
    )

    check: Literal["sum_between"]
    column: str
    min: Bound | None = None
    max: Bound | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from bounds_mistakes("sum_between", self.min, self.max)

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return sum_between(self, rows)


def sum_between(check: SumBetweenCheck, rows: WindowRows) -> Probe | Finding:
    """Return a probe of the sum of the values that are there."""
    dataset, kind = rows.dataset, rows.dataset.kind(check.column)
    if kind not in (*NUMERIC, "null"):
        return unchecked_finding(check, f"the column is {kind}, not numeric")
    value = dataset.whole_sum(check.column) if kind == "integer" else quoted(check.column)
    present = filter_clause(check, dataset, f"NOT {dataset.missing(check.column)}")

    def judge(total: Any) -> Finding:
        total = 0 if total is None else total
        low, high = (_as_compared(bound, total) for bound in (check.min, check.max))
        inside = (low is None or low <= total) and (high is None or total <= high)
        hidden = is_pii(dataset, check.column)
        found = "the sum" if hidden else f"the sum is {against(total, check.min, check.max)},"
        result = Bounded(None if hidden else as_number(total), check.min, check.max, names=("sum", "min", "max"))
        message = f"{found} {'is' if hidden else 'which is'} {'' if inside else 'not '}{between(check.min, check.max)}"
        return check_finding(check, message, result, violated=not inside or math.isnan(total))

    return Probe((f"sum({value}) {present}",), judge, on_error(check), None)


def _as_compared(bound: float | None, total: Any) -> Any:
    """Return the bound as its digits say beside a decimal: no double is 0.3."""
    return Decimal(str(bound)) if isinstance(total, Decimal) and bound is not None else bound
