"""The check `range`: numbers or times lie between two bounds."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.bounds import BoundOrTime, Limit, limits_mistakes, limits_of, shown
from maestro_ml.checks.failing_rows import is_pii
from maestro_ml.checks.missing import is_nan
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import as_number, count_finding, count_probe, unchecked_finding, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.wording import against, exact
from maestro_ml.sql import instants
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.columns import Columns, time_of
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.numbers import at_least, at_most, in_sql
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType


class RangeCheck(TolerantCheck):
    """Values lie between `min` and `max`, or `above` and `below`, which exclude the bound itself.

    Whole numbers and decimals are compared exactly. The bounds of a date or time are written like `2024-01-31` or
    `"2024-01-31 12:00+01:00"`; without an offset they are in the dataset's `timezone`.
    """

    accepts: ClassVar = (*NUMERIC, *TIMES)
    why: ClassVar = "Values outside the range are usually a changed unit, a sentinel such as -999, or a broken sensor."

    check: Literal["range"]
    column: str
    min: BoundOrTime | None = None
    max: BoundOrTime | None = None
    above: BoundOrTime | None = None
    below: BoundOrTime | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from limits_mistakes("a range", limits_of(self))

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return value_range(self, rows.dataset)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        type_ = types.get(self.column)
        for limit in limits_of(self):
            is_time = isinstance(limit.bound, date)
            if type_ in (TIMES if not is_time else NUMERIC):
                what = "a time" if is_time else "a number"
                message = f"column '{self.column}' is {type_}, and {shown(limit.bound)} is {what}"
                yield Mistake((limit.key,), message, (("columns", self.column, "type"),))


def value_range(check: RangeCheck, dataset: Columns) -> Probe | Finding:
    """Return a probe of the values outside the bounds; of numbers, with the smallest and the largest value."""
    kind, limits = dataset.kind(check.column), limits_of(check)
    of_times = any(isinstance(limit.bound, date) for limit in limits)
    if kind not in (*(TIMES if of_times else NUMERIC), "null"):
        return unchecked_finding(check, f"the column is {kind}, not {'a time' if of_times else 'numeric'}")
    return _of_times(check, dataset) if of_times else _of_numbers(check, dataset)


def _of_times(check: RangeCheck, dataset: Columns) -> Probe:
    bad = " OR ".join(_breaks(dataset, check.column, limit) for limit in limits_of(check))
    what = f"are not {limits_of(check).words}"
    return count_probe(check, dataset, f"NOT {dataset.missing(check.column)} AND ({bad})", what)


def _breaks(dataset: Columns, column: str, limit: Limit) -> str:
    bound = limit.bound
    if not isinstance(bound, datetime):
        written, stored = f"DATE '{bound.isoformat()}'", "DATE"  # type: ignore[union-attr]
    else:
        stored = "TIMESTAMPTZ" if bound.tzinfo else "TIMESTAMP"
        written = f"{stored} '{bound.isoformat(' ')}'"
    value, edge = instants.comparable(time_of(dataset, column), TimeSql(written, stored, dataset.zone))
    return f"{value} {limit.broken} {edge}"


def _of_numbers(check: RangeCheck, dataset: Columns) -> Probe:
    limits = limits_of(check)
    in_type = [(limit, _in_type(limit, dataset.sql_type(check.column))) for limit in limits]
    bounds: list[Any] = [limit.bound for limit in limits]
    hidden = is_pii(dataset, check.column)
    is_plain = all(limit.key in ("min", "max") for limit in limits)
    span = f"outside {exact(check.min, 'any')} to {exact(check.max, 'any')}" if is_plain else f"not {limits.words}"  # type: ignore[arg-type]

    def finding_of(rows: int, count: int, low: Any, high: Any) -> Finding:
        low, high = (None, None) if hidden else (_without_sign(low), _without_sign(high))
        ends = "" if low is None else f" (smallest {against(low, *bounds)}, largest {against(high, *bounds)})"
        numbers = {"low": as_number(low), "high": as_number(high), **limits.numbers}
        return count_finding(check, rows, count, f"{span}{ends}", numbers)

    def judge(rows: int, low: Any, high: Any, total: float | None = None) -> Finding | Probe:
        if is_nan(total):  # to DuckDB NaN is the largest number of all
            return exact_probe
        if low is None or all(limit.holds(low if limit.is_low else high, bound) for limit, bound in in_type):
            return finding_of(rows, 0, low, high)
        exact = count_probe(check, dataset, _outside(check, dataset), "")
        return Probe(exact.expressions, lambda n, count: finding_of(n, count, low, high), exact.failed, exact.failing)

    exact_probe = _exact_probe(check, dataset, finding_of)
    nan = (Aggregate("nan_sign", check.column),) if dataset.can_be_nan(check.column) else ()
    if check.where or check.ignore_nulls:
        return exact_probe
    ends = (Aggregate("smallest", check.column), Aggregate("largest", check.column))
    return Probe((ROWS, *ends, *nan), judge, exact_probe.failed, exact_probe.failing)


def _exact_probe(check: RangeCheck, dataset: Columns, finding_of: Any) -> Probe:
    """Count, smallest and largest of the values that are there."""
    present = f"NOT {dataset.missing(check.column)}"
    exact = count_probe(check, dataset, f"{present} AND ({_outside(check, dataset)})", "")
    condition = with_where(check, dataset, present)
    extremes = (Aggregate("smallest", check.column, condition), Aggregate("largest", check.column, condition))
    return Probe((*exact.expressions, *extremes), finding_of, exact.failed, exact.failing)


def _outside(check: RangeCheck, dataset: Columns) -> str:
    """Return SQL that is true of a number outside the bounds."""
    broken = (broken_by(dataset, check.column, limit) for limit in limits_of(check))
    return " OR ".join(condition for condition in broken if condition) or "FALSE"


def broken_by(dataset: Columns, column: str, limit: Limit) -> str | None:
    """Return SQL that is true of a number that breaks a bound; None if none of the column's type can."""
    stored = dataset.sql_type(column)
    bound = _in_type(limit, stored)
    if sql := in_sql(bound, stored):
        return f"{quoted(column)} {limit.broken} {sql}"
    # beyond all that the type can hold
    return f"{quoted(column)} IS NOT NULL" if (bound > 0) == limit.is_low else None


def _in_type(limit: Limit, stored: str) -> Any:
    """Return the bound in the column's type: in another one, the largest values would be rounded."""
    bound: Any = limit.bound
    return at_least(bound, stored) if limit.broken in ("<", ">=") else at_most(bound, stored)


def _without_sign(value: Any) -> Any:
    """Return the value; zero has no sign."""
    return value + 0.0 if isinstance(value, float) else value
