"""The check `aggregate`: a number about all values of a column lies between two bounds."""

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.bounds import Bound, limits_mistakes, limits_of
from maestro_ml.checks.failing_rows import is_pii
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.range import broken_by
from maestro_ml.checks.tolerance import as_number, check_finding, filter_clause, on_error, unchecked_finding, with_where
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.core.wording import against, exact
from maestro_ml.sql.aggregates import Aggregate
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC

MOST_LOOKED_UP = 1_000_000  # values up to which a quantile that passes is looked up, to be shown
HUGE = 1e150  # the squares of larger numbers are no doubles


class AggregateCheck(BaseCheck):
    """The `mean`, `median`, `stddev`, `min`, `max` or `quantile` of the values lies between the bounds.

    They are `min` and `max`, or `above` and `below`, which exclude the bound itself. The quantile is the smallest value
    that at least the share `quantile` of the values do not exceed; `stddev` is that of a sample (n - 1). Missing values
    are left out; without any value the check is violated. For a sum there is `sum_between`.
    """

    accepts: ClassVar = NUMERIC
    why: ClassVar = "The values as a whole have moved: another unit, another population, or some of them are missing."

    check: Literal["aggregate"]
    column: str
    aggregate: Literal["mean", "median", "stddev", "min", "max", "quantile"]
    quantile: Annotated[float, Field(gt=0, lt=1)] | None = None
    min: Bound | None = None
    max: Bound | None = None
    above: Bound | None = None
    below: Bound | None = None

    def mistakes(self) -> Iterator[Mistake]:
        if (self.aggregate == "quantile") != (self.quantile is not None):
            yield Mistake(
                (), "aggregate: quantile needs a share such as quantile: 0.95, and no other aggregate takes one"
            )
        yield from limits_mistakes("an aggregate", limits_of(self))

    def probe(self, rows: WindowRows) -> Probe | Finding:
        kind = rows.dataset.kind(self.column)
        if kind not in (*NUMERIC, "null"):
            return unchecked_finding(self, f"the column is {kind}, not numeric")
        if self.aggregate in ("median", "quantile"):
            return _by_counting(self, rows)
        return {"mean": _mean, "stddev": _stddev}.get(self.aggregate, _extreme)(self, rows.dataset)

    @property
    def title(self) -> str:
        """The aggregate as a person reads it."""
        return {"stddev": "standard deviation", "quantile": f"{exact(self.quantile)} quantile"}.get(
            self.aggregate, self.aggregate
        )


def _mean(check: AggregateCheck, dataset: Columns) -> Probe:
    """Return a probe of the sum and the number of values; of whole numbers and decimals their quotient is exact."""
    value = dataset.whole_sum(check.column) if dataset.kind(check.column) == "integer" else quoted(check.column)
    present = f"NOT {dataset.missing(check.column)}"

    def judge(total: Any, count: int) -> Finding:
        if not count:
            return _judged(check, dataset, None)
        return _judged(check, dataset, total / count if isinstance(total, float) else Fraction(total) / count)

    counted = Aggregate("rows", condition=with_where(check, dataset, present))
    return Probe((f"sum({value}) {filter_clause(check, dataset, present)}", counted), judge, on_error(check), None)


def _stddev(check: AggregateCheck, dataset: Columns) -> Probe:
    column = f"CAST({quoted(check.column)} AS DOUBLE)"
    huge = f"NOT {dataset.missing(check.column)} AND abs({column}) > {HUGE!r}"
    present = f"NOT {dataset.missing(check.column)} AND abs({column}) <= {HUGE!r}"

    def judge(deviation: float | None, too_large: int) -> Finding:
        if too_large:
            return unchecked_finding(check, too_large_for_stddev(too_large))
        return _judged(check, dataset, deviation)

    expressions = (
        f"stddev_samp({column}) {filter_clause(check, dataset, present)}",
        Aggregate("rows", condition=with_where(check, dataset, huge)),
    )
    return Probe(expressions, judge, on_error(check), None)


def too_large_for_stddev(count: int) -> str:
    """Say why there is no standard deviation."""
    return f"{count:,} value{' is' if count == 1 else 's are'} too large for a standard deviation"


def _extreme(check: AggregateCheck, dataset: Columns) -> Probe:
    """Return a probe of the smallest or the largest value: of all rows, footers may know it."""
    present = f"NOT {dataset.missing(check.column)}" if dataset.can_be_nan(check.column) else ""
    kind: Literal["smallest", "largest"] = "smallest" if check.aggregate == "min" else "largest"
    extreme = Aggregate(kind, check.column, with_where(check, dataset, present))
    return Probe((extreme,), lambda value: _judged(check, dataset, value), on_error(check), None)


def _by_counting(check: AggregateCheck, rows: WindowRows) -> Probe:
    """Return a probe of how many values break each bound: that says on which side of it a quantile is.

    So nothing is sorted or kept of many rows, on any engine; the quantile itself is looked up of fewer, where it breaks
    a bound, and where a bound lies between the two values whose mean the median of an even number is.
    """
    dataset, limits = rows.dataset, limits_of(check)
    present = f"NOT {dataset.missing(check.column)}"

    def counted(condition: str) -> Aggregate:
        return Aggregate("rows", condition=with_where(check, dataset, f"{present} AND ({condition})"))

    def judge(count: int, *breaking: int) -> Finding | Probe:
        if not count:
            return _judged(check, dataset, None)
        ranks = _ranks(check, count)
        inside = all(
            broken < rank if limit.is_low else broken < count - rank + 1
            for limit, broken in zip(limits, breaking, strict=True)
            for rank in ranks
        )
        numbers = {limit.key: broken for limit, broken in zip(limits, breaking, strict=True)}
        if not inside or count <= MOST_LOOKED_UP:
            return _at_ranks(check, rows, ranks)
        result = Result(
            details={"values": count, **{f"beyond_{key}": n for key, n in numbers.items()}, **limits.numbers}
        )
        beyond = " and ".join(f"{n:,} beyond {key}" for key, n in numbers.items())
        return check_finding(
            check, f"the {check.title} is {limits.words}: of {count:,} values {beyond}", result, violated=False
        )

    conditions = (broken_by(dataset, check.column, limit) or "FALSE" for limit in limits)
    return Probe((counted("TRUE"), *map(counted, conditions)), judge, on_error(check), None)


def _ranks(check: AggregateCheck, count: int) -> tuple[int, ...]:
    """Return the places, from 1, of the values that make the quantile or the median."""
    if check.quantile is None:
        return tuple(dict.fromkeys(((count + 1) // 2, count // 2 + 1)))
    return (math.ceil(Fraction(str(check.quantile)) * count),)


def _at_ranks(check: AggregateCheck, rows: WindowRows, ranks: tuple[int, ...]) -> Probe:
    dataset, column = rows.dataset, quoted(check.column)
    condition = with_where(check, dataset, f"NOT {dataset.missing(check.column)}")
    expressions = tuple(
        f"(SELECT {column} FROM {rows.view} WHERE {condition} ORDER BY {column} LIMIT 1 OFFSET {rank - 1})"  # noqa: S608
        for rank in ranks
    )

    def judge(*values: Any) -> Finding:
        if len(values) == 1 or values[0] == values[-1]:
            return _judged(check, dataset, values[0])
        first, last = (value if isinstance(value, float) else Fraction(value) for value in values)
        return _judged(check, dataset, first / 2 + last / 2)

    return Probe(expressions, judge, on_error(check), None)


def _judged(check: AggregateCheck, dataset: Columns, value: Any) -> Finding:
    limits = limits_of(check)
    hidden = is_pii(dataset, check.column)
    number = float(value) if isinstance(value, Fraction) else as_number(value)
    result = Result(details={"value": None if hidden else number, **limits.numbers})
    if value is None:
        needed = "fewer than two values" if check.aggregate == "stddev" else "no value"
        return check_finding(check, f"there is no {check.title} of {needed}", result, violated=True)
    inside = limits.are_kept_by(value)
    bounds: list[Any] = [limit.bound for limit in limits]
    found = "is" if hidden else f"is {against(_shortest(value), *bounds)}, which is"
    message = f"the {check.title} {found} {'' if inside else 'not '}{limits.words}"
    return check_finding(check, message, result, violated=not inside)


def _shortest(value: Any) -> int | float | Decimal:
    """Return a fraction as a number that has a form: whole, or to 30 digits."""
    if not isinstance(value, Fraction):
        return value  # type: ignore[no-any-return]
    whole = value.denominator == 1
    return value.numerator if whole else Decimal(value.numerator) / Decimal(value.denominator)
