"""The check `reconcile`: an aggregate against the same of another dataset."""

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from maestro_ml.checks.base import BaseCheck, wrong_type
from maestro_ml.checks.comparable import column_kind
from maestro_ml.checks.failing_rows import is_pii
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import as_number, check_finding, on_error, rows_of, unchecked_finding, with_where
from maestro_ml.core.errors import DataError
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.core.results import Result
from maestro_ml.core.wording import numbers, percent_against, percent_limit
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import NUMERIC, ColumnType


class ReconcileCheck(BaseCheck):
    """An aggregate of the window's rows agrees with that of another dataset in the same window.

    The aggregate is `rows`, `sum`, `min`, `max`, `mean` or `distinct`. The two may differ by `tolerance` times the
    other dataset's value. `other_column` is `column` by default; `where` applies to this dataset only.
    """

    why: ClassVar = "Two tables about the same thing disagree: one of them is incomplete, or counts twice."

    check: Literal["reconcile"]
    dataset: str
    aggregate: Literal["rows", "sum", "min", "max", "mean", "distinct"] = "rows"
    column: str | None = None
    other_column: str | None = None
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    def mistakes(self) -> Iterator[Mistake]:
        if (self.aggregate == "rows") != (self.column is None):
            yield Mistake((), "every aggregate but rows needs a column, and rows takes none")

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return reconcile(self, rows)

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        needs_numbers = self.column in types and self.aggregate != "distinct"
        if self.column and needs_numbers and types[self.column] not in NUMERIC:
            what = f"the {self.aggregate} of a reconcile check"
            yield wrong_type(what, "column", self.column, types[self.column], NUMERIC)


_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "sum": lambda column: f"sum({column})",
    "min": lambda column: f"min({column})",
    "max": lambda column: f"max({column})",
    "mean": lambda column: f"avg({column})",
    "distinct": lambda column: f"count(DISTINCT {column})",
}


def reconcile(check: ReconcileCheck, rows: WindowRows) -> Probe | Finding:
    """Return a probe of an aggregate here against the same in another dataset, in the same window."""
    column, foreign = check.column, check.other_column or check.column
    try:
        other = rows.same_window_of(check.dataset)
        there = _aggregate(check, other.dataset, foreign, "")
        source = other.view
    except DataError as error:
        return unchecked_finding(check, str(error))
    kinds = {str(side.kind(name)) for side, name in ((rows.dataset, column), (other.dataset, foreign)) if name}
    if check.aggregate != "distinct" and not kinds <= {*NUMERIC, "null"}:
        return unchecked_finding(check, f"{check.aggregate} of {' and '.join(sorted(kinds))} cannot be compared")
    here = (
        _aggregate(check, rows.dataset, column, with_where(check, rows.dataset))
        if column
        else rows_of(check, rows.dataset)
    )
    what = f"{check.aggregate} of {column}" if column else "rows"
    hidden = any(is_pii(side, name) for side, name in ((rows.dataset, column), (other.dataset, foreign)) if name)

    def judge(value: Any, expected: Any) -> Finding:
        violated = not values_agree(value, expected, check.tolerance)
        value, expected = _as_compared(value, expected)
        found, other_found = numbers(value, expected)
        message = (
            f"{what} {'differs from' if violated else 'agrees with'} that of {check.dataset}"
            if hidden
            else f"{what} is {found}, in {check.dataset} {other_found}"
        )
        limit = "" if not check.tolerance else _difference(value, expected, check.tolerance, hidden=hidden)
        measured = {} if hidden else {"value": as_number(value), "expected": as_number(expected)}
        result = Result(details={"tolerance": check.tolerance, **measured})
        return check_finding(check, message + limit, result, violated=violated)

    return Probe((here, f"(SELECT {there} FROM {source})"), judge, on_error(check), None)  # noqa: S608


def _aggregate(check: ReconcileCheck, dataset: Columns, column: str | None, where: str) -> str:
    if column is None:
        return "count(*)"
    column_kind(dataset, column)
    conditions = [f"({where})"] if where else []
    conditions.append(f"NOT {dataset.missing(column)}")
    sums_whole_numbers = check.aggregate == "sum" and dataset.kind(column) == "integer"
    value = dataset.whole_sum(column) if sums_whole_numbers else quoted(column)
    return f"{_FUNCTIONS[check.aggregate](value)} FILTER (WHERE {' AND '.join(conditions)})"


def _difference(value: Any, expected: Any, tolerance: float, *, hidden: bool) -> str:
    """Describe the difference between the two, and the limit."""
    limit = f"at most {percent_limit(tolerance)} apart"
    if hidden or not value or not expected or not (math.isfinite(value) and math.isfinite(expected)):
        return f"; {limit}"
    difference = abs(Fraction(value) - Fraction(expected)) / abs(Fraction(expected))
    return f"; {percent_against(float(difference), tolerance)} apart, {limit}" if difference else f"; {limit}"


def _as_compared(value: Any, expected: Any) -> tuple[Any, Any]:
    """Return both as they are compared: a decimal beside a float is what a float makes of it."""
    if isinstance(value, float) or isinstance(expected, float):
        value, expected = (float(side) if isinstance(side, Decimal) else side for side in (value, expected))
    return value, expected


def values_agree(value: Any, expected: Any, tolerance: float) -> bool:
    if value is None or expected is None:
        return value is expected
    value, expected = _as_compared(value, expected)
    if not tolerance or not (math.isfinite(value) and math.isfinite(expected)):
        return bool(value == expected)
    # As fractions, and the tolerance as it is written: 0.29 of 100 is 29.
    return abs(Fraction(value) - Fraction(expected)) <= Fraction(str(tolerance)) * abs(Fraction(expected))
