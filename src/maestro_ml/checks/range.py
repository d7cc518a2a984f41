"""The check `range`: numbers lie between two bounds."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from maestro_ml.checks.base import TolerantCheck, bounds_mistakes
from maestro_ml.checks.failing_rows import is_pii
from maestro_ml.checks.missing import is_nan
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import as_number, count_finding, count_probe, unchecked_finding, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.wording import against, exact
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.numbers import at_least, at_most, in_sql
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC


def _as_written(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    number = validated(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else number


# A whole number stays one: as a floating-point number the largest would be rounded.
Bound = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]


class RangeCheck(TolerantCheck):
    """Numbers lie in `[min, max]`; whole numbers and decimals are compared exactly."""

    accepts: ClassVar = NUMERIC
    why: ClassVar = "Values outside the range are usually a changed unit, a sentinel such as -999, or a broken sensor."

    check: Literal["range"]
    column: str
    min: Bound | None = None
    max: Bound | None = None

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        yield from bounds_mistakes("range", self.min, self.max)

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return value_range(self, rows.dataset)


def value_range(check: RangeCheck, dataset: Columns) -> Probe | Finding:
    """Range, with the smallest and largest value found."""
    kind = dataset.kind(check.column)
    if kind not in (*NUMERIC, "null"):
        return unchecked_finding(check, f"the column is {kind}, not numeric")
    limits = _limits(check, dataset)
    wanted = f"{exact(check.min, 'any')} to {exact(check.max, 'any')}"
    hidden, bounds = is_pii(dataset, check.column), (check.min, check.max)

    def finding_of(rows: int, count: int, low: Any, high: Any) -> Finding:
        low, high = (None, None) if hidden else (_without_sign(low), _without_sign(high))
        ends = "" if low is None else f" (smallest {against(low, *bounds)}, largest {against(high, *bounds)})"
        found = f"outside {wanted}{ends}"
        numbers = {"low": as_number(low), "high": as_number(high), "min": check.min, "max": check.max}
        return count_finding(check, rows, count, found, numbers)

    def judge(rows: int, low: Any, high: Any, total: float | None = None) -> Finding | Probe:
        if is_nan(total) or is_nan(high):  # to DuckDB NaN is the largest number of all
            return exact_probe
        if low is None or (_at_most(limits[0], low) and _at_most(high, limits[1])):
            return finding_of(rows, 0, low, high)
        exact = count_probe(check, dataset, _outside(check, dataset), "")
        return Probe(exact.expressions, lambda n, count: finding_of(n, count, low, high), exact.failed, exact.failing)

    exact_probe = _exact_probe(check, dataset, finding_of)
    nan = (Aggregate("nan_sign", check.column),) if dataset.can_be_nan(check.column) else ()
    if check.where:
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
    column, stored = quoted(check.column), dataset.sql_type(check.column)
    low, high = _limits(check, dataset)
    conditions = []
    for sign, limit in (("<", low), (">", high)):
        if limit is None:
            continue
        if sql := in_sql(limit, stored):
            conditions.append(f"{column} {sign} {sql}")
        elif (limit > 0) == (sign == "<"):  # beyond all that the type can hold
            conditions.append(f"{column} IS NOT NULL")
    return " OR ".join(conditions) or "FALSE"


def _limits(check: RangeCheck, dataset: Columns) -> tuple[Any, Any]:
    """Return the bounds in the column's type: in another one, the largest values would be rounded."""
    stored = dataset.sql_type(check.column)
    return (
        None if check.min is None else at_least(check.min, stored),
        None if check.max is None else at_most(check.max, stored),
    )


def _without_sign(value: Any) -> Any:
    """Return the value; zero has no sign."""
    return value + 0.0 if isinstance(value, float) else value


def _at_most(low: Any, high: Any) -> bool:
    return low is None or high is None or bool(low <= high)
