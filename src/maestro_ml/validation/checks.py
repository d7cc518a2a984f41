"""The declared quality checks: one function each, from the check to an aggregate and its judgement."""

from typing import Any

from maestro_ml.data import OpenDataset
from maestro_ml.data.identifiers import quoted
from maestro_ml.data.types import Kind
from maestro_ml.project.base import Severity
from maestro_ml.project.checks import AllowedCheck, MissingCheck, RangeCheck, RowsCheck
from maestro_ml.project.datasets import NUMERIC, Column
from maestro_ml.validation.findings import Finding, Number, finding
from maestro_ml.validation.probes import Probe
from maestro_ml.validation.wording import number, percent, share

_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}


def missing(check: MissingCheck, dataset: OpenDataset) -> Probe:
    expression = f"count(*) FILTER ({dataset.missing(check.column)})"
    return _counted(check, check.column, expression, "missing")


def value_range(check: RangeCheck, dataset: OpenDataset) -> Probe:
    """Range, with the smallest and largest value found."""
    column, present = quoted(check.column), f"NOT {dataset.missing(check.column)}"
    bounds = [(f"{column} < ?::DOUBLE", check.min), (f"{column} > ?::DOUBLE", check.max)]
    used = [(sql, bound) for sql, bound in bounds if bound is not None]
    outside = f"count(*) FILTER ({present} AND ({' OR '.join(sql for sql, _ in used)}))"
    limits = f"{number(check.min, 'any')} to {number(check.max, 'any')}"

    def judge(rows: int, count: int, low: float | None, high: float | None) -> Finding:
        found = f"outside {limits}" + ("" if low is None else f" (smallest {number(low)}, largest {number(high)})")
        return _shared(check, check.column, rows, count, found, low=low, high=high, min=check.min, max=check.max)

    extremes = tuple(f"({side}({column}) FILTER ({present}))::DOUBLE" for side in ("min", "max"))
    return Probe((outside, *extremes), judge, tuple(bound for _, bound in used))


def allowed(check: AllowedCheck, dataset: OpenDataset) -> Probe | Finding:
    kind = dataset.kind(check.column) or "other"
    types = _VALUES_OF.get(kind, ())
    strange = [v for v in check.values if not isinstance(v, types) or (isinstance(v, bool) and kind != "boolean")]
    if strange and kind != "null":
        return unchecked(
            check.check, check.severity, check.column, f"the column is {kind}, which cannot be {strange[0]!r}"
        )
    # A hash join, not a list of comparisons: as quick for a thousand values as for two.
    foreign = f"NOT {dataset.missing(check.column)} AND {quoted(check.column)} NOT IN (SELECT unnest(?))"
    return _counted(
        check,
        check.column,
        f"count(*) FILTER ({foreign})",
        f"not among the {len(check.values)} allowed values",
        check.values,
    )


def rows(check: RowsCheck) -> Probe:
    def judge(count: int) -> Finding:
        limit = f"at least {check.min:,}" + ("" if check.max is None else f", at most {check.max:,}")
        violated = count < check.min or (check.max is not None and count > check.max)
        message = f"{count:,} rows in the window ({limit})" if count else f"the window is empty ({limit})"
        return finding(
            "quality", "rows", check.severity, message, violated=violated, rows=count, min=check.min, max=check.max
        )

    return Probe((), judge)


def filled(name: str, column: Column, dataset: OpenDataset) -> Probe:
    """A column of the contract has at least one value."""

    def judge(rows: int, count: int) -> Finding:
        violated = 0 < rows == count
        message = f"no value at all in {rows:,} rows" if violated else f"{share(count, rows)} missing"
        return finding(
            "quality", "all_missing", column.severity, message, violated=violated, column=name, missing=count, rows=rows
        )

    return Probe((f"count(*) FILTER ({dataset.missing(name)})",), judge)


def unchecked(check: str, severity: Severity, column: str, reason: str) -> Finding:
    """The check could not be made; that is no pass."""
    message = f"cannot be checked: {reason}"
    return finding("quality", check, severity, message, violated=True, column=column)


def unusable(check: Any, dataset: OpenDataset) -> Finding | None:
    """Why the columns a check needs cannot serve it, as a finding; None if they can."""
    columns = (check.column,) if hasattr(check, "column") else getattr(check, "columns", ())
    for name in columns:
        kind = dataset.kind(name)
        if kind is None and not dataset.spec.columns[name].required:
            message = "the column is optional, and not there"
            return finding("quality", check.check, check.severity, message, violated=False, column=name)
        if kind is None:
            return unchecked(check.check, check.severity, name, "the column is missing")
        if isinstance(check, RangeCheck) and kind not in (*NUMERIC, "null"):
            return unchecked(check.check, check.severity, name, f"the column is {kind}, not numeric")
    return None


def _counted(check: MissingCheck | AllowedCheck, column: str, expression: str, what: str, *parameters: Any) -> Probe:
    def judge(rows: int, count: int) -> Finding:
        return _shared(check, column, rows, count, what)

    return Probe((expression,), judge, tuple(list(p) for p in parameters))


def _shared(check: Any, column: str, rows: int, count: int, what: str, **numbers: Number) -> Finding:
    """A finding about a count of rows, held against the check's `max_share`."""
    violated = rows > 0 and count / rows > check.max_share
    limit = f"; at most {percent(check.max_share)}" if check.max_share else ""
    return finding(
        "quality",
        check.check,
        check.severity,
        f"{share(count, rows)} {what}{limit}",
        violated=violated,
        column=column,
        count=count,
        rows=rows,
        max_share=check.max_share,
        **numbers,
    )
