"""Checks against another dataset of the project."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.references import ReferencesCheck
from maestro_ml.core.findings import Finding
from maestro_ml.core.wording import numbers, percent_against, percent_limit
from maestro_ml.sql.columns import comparable
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import NUMERIC
from maestro_ml.tables import DataError, OpenDataset
from maestro_ml.validation.checks.counted import as_number, counting, failed, quality, total, unchecked, with_where
from maestro_ml.validation.checks.rows import COMPARABLE
from maestro_ml.validation.context import Rows, Slice
from maestro_ml.validation.failing_rows import is_pii
from maestro_ml.validation.probes import Probe

_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "sum": lambda column: f"sum({column})",
    "min": lambda column: f"min({column})",
    "max": lambda column: f"max({column})",
    "mean": lambda column: f"avg({column})",
    "distinct": lambda column: f"count(DISTINCT {column})",
}


def references(check: ReferencesCheck, rows: Slice) -> Probe | Finding:
    """Values that stand in no row of another dataset's column."""
    dataset = rows.dataset
    try:
        other = Rows(dataset.other(check.dataset))
        kinds = {str(dataset.kind(check.column)), str(_kind(other.dataset, check.key))}
    except DataError as error:
        return unchecked(check, str(error))
    if len(kinds - {"null"}) > 1 and not any(kinds <= alike for alike in COMPARABLE):
        return unchecked(check, f"{' and '.join(sorted(kinds))} cannot be compared")
    value, key = comparable((dataset, check.column), (other.dataset, check.key))
    known = f"SELECT {key} FROM {other.view} WHERE NOT {other.dataset.missing(check.key)}"  # noqa: S608
    bad = f"NOT {dataset.missing(check.column)} AND {value} NOT IN ({known})"
    return counting(check, dataset, bad, f"not in {check.key} of {check.dataset}", rows.for_joins)


def reconcile(check: ReconcileCheck, rows: Slice) -> Probe | Finding:
    """An aggregate here against the same in another dataset, in the same window."""
    column, foreign = check.column, check.other_column or check.column
    try:
        other = Slice(rows.dataset.other(check.dataset), rows.window)
        there = _aggregate(check, other.dataset, foreign, "")
        source = other.view
    except DataError as error:
        return unchecked(check, str(error))
    kinds = {str(side.kind(name)) for side, name in ((rows.dataset, column), (other.dataset, foreign)) if name}
    if check.aggregate != "distinct" and not kinds <= {*NUMERIC, "null"}:
        return unchecked(check, f"{check.aggregate} of {' and '.join(sorted(kinds))} cannot be compared")
    here = (
        _aggregate(check, rows.dataset, column, with_where(check, rows.dataset))
        if column
        else total(check, rows.dataset)
    )
    what = f"{check.aggregate} of {column}" if column else "rows"
    hidden = any(is_pii(side, name) for side, name in ((rows.dataset, column), (other.dataset, foreign)) if name)

    def judge(value: Any, expected: Any) -> Finding:
        violated = not _agree(value, expected, check.tolerance)
        value, expected = _alike(value, expected)
        found, other_found = numbers(value, expected)
        told = (
            f"{what} {'differs from' if violated else 'agrees with'} that of {check.dataset}"
            if hidden
            else f"{what} is {found}, in {check.dataset} {other_found}"
        )
        limit = "" if not check.tolerance else _apart(value, expected, check.tolerance, hidden=hidden)
        measured = {} if hidden else {"value": as_number(value), "expected": as_number(expected)}
        return quality(check, told + limit, violated=violated, tolerance=check.tolerance, **measured)

    return Probe((here, f"(SELECT {there} FROM {source})"), judge, failed(check))  # noqa: S608


def _aggregate(check: ReconcileCheck, dataset: OpenDataset, column: str | None, where: str) -> str:
    if column is None:
        return "count(*)"
    _kind(dataset, column)
    conditions = [f"({where})"] if where else []
    conditions.append(f"NOT {dataset.missing(column)}")
    # DuckDB adds up whole numbers in 128 bits by itself; elsewhere a sum of the largest would be an error.
    wide = check.aggregate == "sum" and dataset.is_elsewhere and dataset.kind(column) == "integer"
    value = f"{quoted(column)}::HUGEINT" if wide else quoted(column)
    return f"{_FUNCTIONS[check.aggregate](value)} FILTER (WHERE {' AND '.join(conditions)})"


def _kind(dataset: OpenDataset, column: str) -> str:
    kind = dataset.kind(column)
    if kind is None:
        raise DataError(f"dataset {dataset.name} has no column {column}")
    return kind


def _apart(value: Any, expected: Any, tolerance: float, *, hidden: bool) -> str:
    """Describe the difference between the two, and the limit."""
    limit = f"at most {percent_limit(tolerance)} apart"
    if hidden or not value or not expected or not (math.isfinite(value) and math.isfinite(expected)):
        return f"; {limit}"
    difference = abs(Fraction(value) - Fraction(expected)) / abs(Fraction(expected))
    return f"; {percent_against(float(difference), tolerance)} apart, {limit}" if difference else f"; {limit}"


def _alike(value: Any, expected: Any) -> tuple[Any, Any]:
    """Both as they are compared: a decimal beside a float is what a float makes of it."""
    if isinstance(value, float) or isinstance(expected, float):
        value, expected = (float(side) if isinstance(side, Decimal) else side for side in (value, expected))
    return value, expected


def _agree(value: Any, expected: Any, tolerance: float) -> bool:
    if value is None or expected is None:
        return value is expected
    value, expected = _alike(value, expected)
    if not tolerance or not (math.isfinite(value) and math.isfinite(expected)):
        return bool(value == expected)
    # As fractions, and the tolerance as it is written: 0.29 of 100 is 29.
    return abs(Fraction(value) - Fraction(expected)) <= Fraction(str(tolerance)) * abs(Fraction(expected))
