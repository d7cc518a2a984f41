"""Checks of the values of one column."""

import math
from typing import Any

from maestro_ml.data import OpenDataset
from maestro_ml.data.identifiers import literal, quoted
from maestro_ml.data.types import Kind
from maestro_ml.project.checks import AllowedCheck, LengthCheck, MissingCheck, RangeCheck, RegexCheck
from maestro_ml.project.datasets import NUMERIC
from maestro_ml.validation.checks.counted import as_number, counted, counting, failed, kept, unchecked
from maestro_ml.validation.findings import Finding
from maestro_ml.validation.probes import Probe
from maestro_ml.validation.samples import is_pii
from maestro_ml.validation.subject import Rows
from maestro_ml.validation.wording import number

_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}


def missing(check: MissingCheck, dataset: OpenDataset) -> Probe:
    if check.where:
        return counting(check, dataset, dataset.missing(check.column), "missing")

    def judge(rows: int, *absent: int) -> Finding:
        return counted(check, rows, rows - absent[0] + sum(absent[1:]), "missing")

    expressions = ("count(*)", *present_counts(dataset, check.column))
    return Probe(expressions, judge, failed(check, dataset))


def present_counts(dataset: OpenDataset, column: str) -> tuple[str, ...]:
    """SQL for how many values are not null and, of a floating-point column, how many are NaN."""
    name = quoted(column)
    return (f"count({name})", *((dataset.nan_count(column),) if dataset.can_be_nan(column) else ()))


def value_range(check: RangeCheck, dataset: OpenDataset) -> Probe | Finding:
    """Range, with the smallest and largest value found.

    The extremes answer for all rows where they lie inside; only where they do not, rows are counted.
    """
    kind = dataset.kind(check.column)
    if kind not in (*NUMERIC, "null"):
        return unchecked(check, f"the column is {kind}, not numeric")
    column = quoted(check.column)
    bad = f"NOT {dataset.missing(check.column)} AND ({' OR '.join(_outside(check, column, kind))})"
    limits = f"{number(check.min, 'any')} to {number(check.max, 'any')}"
    hidden = is_pii(dataset, check.column)

    def told(rows: int, count: int, low: Any, high: Any) -> Finding:
        low, high = (None, None) if hidden else (as_number(low), as_number(high))
        found = f"outside {limits}" + ("" if low is None else f" (smallest {number(low)}, largest {number(high)})")
        return counted(check, rows, count, found, low=low, high=high, min=check.min, max=check.max)

    def judge(rows: int, low: Any, high: Any, nan: int = 0) -> Finding | Probe:
        inside = not nan and (low is None or (_above(check.min, low) and _above(high, check.max)))
        return told(rows, 0, low, high) if inside else closer

    present = kept(check, dataset, f"NOT {dataset.missing(check.column)}")
    exact = counting(check, dataset, bad, "")
    closer = Probe(
        (*exact.expressions, f"min({column}) {present}", f"max({column}) {present}"),
        told,
        exact.failed,
        None,
        exact.failing,
    )
    if check.where:
        return closer
    nan = (dataset.nan_count(check.column),) if dataset.can_be_nan(check.column) else ()
    return Probe(("count(*)", f"min({column})", f"max({column})", *nan), judge, exact.failed)


def _above(low: Any, high: Any) -> bool:
    return low is None or high is None or bool(low <= high)


def _outside(check: RangeCheck, column: str, kind: Kind | None) -> list[str]:
    low, high = check.min, check.max
    if kind == "integer":  # compared as whole numbers: as floating-point ones the largest would be rounded
        low = math.ceil(low) if low is not None else None
        high = math.floor(high) if high is not None else None
    bounds = (("<", low), (">", high))
    return [f"{column} {sign} {literal(bound)}" for sign, bound in bounds if bound is not None]


def allowed(check: AllowedCheck, rows: Rows) -> Probe | Finding:
    dataset = rows.dataset
    kind = dataset.kind(check.column) or "other"
    types = _VALUES_OF.get(kind, ())
    strange = [v for v in check.values if not isinstance(v, types) or (isinstance(v, bool) and kind != "boolean")]
    if strange and kind != "null":
        return unchecked(check, f"the column is {kind}, which cannot be {strange[0]!r}")
    # A hash join, not a list of comparisons: as quick for a thousand values as for two; in a scan of its own, so that
    # the other columns need not pass through the join.
    values = ", ".join(map(literal, check.values))
    foreign = f"NOT {dataset.missing(check.column)} AND {quoted(check.column)} NOT IN (SELECT unnest([{values}]))"
    return counting(check, dataset, foreign, f"not among the {len(check.values)} allowed values", rows.view)


def regex(check: RegexCheck, dataset: OpenDataset) -> Probe | Finding:
    bad = f"NOT regexp_full_match({quoted(check.column)}, {literal(check.pattern)})"
    return _of_text(check, dataset, bad, f"do not match {check.pattern}")


def length(check: LengthCheck, dataset: OpenDataset) -> Probe | Finding:
    characters = f"length({quoted(check.column)})"
    bounds = (("<", check.min), (">", check.max))
    bad = " OR ".join(f"{characters} {sign} {bound}" for sign, bound in bounds if bound is not None)
    limits = f"{check.min or 0:,} to {'any' if check.max is None else format(check.max, ',')}"
    return _of_text(check, dataset, bad, f"do not have {limits} characters")


def _of_text(check: RegexCheck | LengthCheck, dataset: OpenDataset, bad: str, what: str) -> Probe | Finding:
    kind = dataset.kind(check.column)
    if kind == "null":
        return counting(check, dataset, "FALSE", what)
    return (
        counting(check, dataset, bad, what) if kind == "string" else unchecked(check, f"the column is {kind}, not text")
    )
