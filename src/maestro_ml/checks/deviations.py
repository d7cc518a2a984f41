"""The check `deviations`: values lie near the mean."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.aggregate import HUGE, too_large_for_stddev
from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns, is_pii
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import (
    count_finding,
    filter_clause,
    on_error,
    rows_of,
    unchecked_finding,
    with_where,
)
from maestro_ml.core.findings import Finding
from maestro_ml.core.wording import exact, number
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC


class DeviationsCheck(TolerantCheck):
    """Numbers are at most `max` standard deviations (of the sample, n - 1) away from the mean of their column.

    Both are computed over the rows of the check, in the scan of all other checks; the values are counted only if the
    smallest or the largest is too far away. With fewer than two values, none is.
    """

    accepts: ClassVar = NUMERIC
    why: ClassVar = "A value far from all others is usually a typing error, another unit, or a broken sensor."

    check: Literal["deviations"]
    column: str
    max: Annotated[float, Field(gt=0)]

    def probe(self, rows: WindowRows) -> Probe | Finding:
        kind = rows.dataset.kind(self.column)
        if kind not in (*NUMERIC, "null"):
            return unchecked_finding(self, f"the column is {kind}, not numeric")
        return _deviations(self, rows)


def _deviations(check: DeviationsCheck, rows: WindowRows) -> Probe:
    dataset = rows.dataset
    value = f"CAST({quoted(check.column)} AS DOUBLE)"
    present = f"NOT {dataset.missing(check.column)}"
    small = filter_clause(check, dataset, f"{present} AND abs({value}) <= {HUGE!r}")

    def judge(count: int, mean: float | None, spread: float | None, low: Any, high: Any, huge: int) -> Finding | Probe:
        if huge:
            return unchecked_finding(check, too_large_for_stddev(huge))
        if mean is None or not spread:
            return _judged(check, count, 0, "")
        first, last = float(mean) - check.max * float(spread), float(mean) + check.max * float(spread)
        about = f" ({number(float(mean))} ± {number(float(spread))})"
        about = "" if is_pii(dataset, check.column) else about
        if first <= low and high <= last:
            return _judged(check, count, 0, about)
        return _counted(check, rows, f"({value} < {literal(first)} OR {value} > {literal(last)})", about)

    expressions = (
        rows_of(check, dataset),
        f"avg({value}) {small}",
        f"stddev_samp({value}) {small}",
        f"min({value}) {small}",
        f"max({value}) {small}",
        rows_of(check, dataset, f"{present} AND abs({value}) > {HUGE!r}"),
    )
    return Probe(expressions, judge, on_error(check), None)


def _counted(check: DeviationsCheck, rows: WindowRows, far: str, about: str) -> Probe:
    dataset = rows.dataset
    bad = f"NOT {dataset.missing(check.column)} AND {far}"
    failing = Failing(with_where(check, dataset, bad), identifying_columns(dataset, check.column))
    counts = (rows_of(check, dataset), rows_of(check, dataset, bad))
    return Probe(counts, lambda count, found: _judged(check, count, found, about), on_error(check), failing)


def _judged(check: DeviationsCheck, count: int, found: int, about: str) -> Finding:
    what = f"more than {exact(check.max)} standard deviations from the mean{about}"
    return count_finding(check, count, found, what, {"deviations": check.max})
