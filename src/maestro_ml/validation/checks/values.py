"""Checks of the values of one column."""

import math
from collections.abc import Callable

from maestro_ml.checks.allowed import AllowedCheck
from maestro_ml.checks.length import LengthCheck
from maestro_ml.checks.missing import MissingCheck
from maestro_ml.checks.regex import RegexCheck
from maestro_ml.core.findings import Finding
from maestro_ml.core.wording import between
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.numbers import among
from maestro_ml.sql.types import NUMERIC, Kind
from maestro_ml.tables import OpenDataset
from maestro_ml.validation.checks.counted import counted, counting, failed, unchecked
from maestro_ml.validation.context import Rows
from maestro_ml.validation.failing_rows import Failing, telling
from maestro_ml.validation.probes import Probe

_FEW = 16  # values it is no loss to compare one by one where a file has no dictionary
_VALUES_OF: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
}


def missing(check: MissingCheck, dataset: OpenDataset) -> Probe:
    if check.where:
        return counting(check, dataset, dataset.missing(check.column), "missing")

    def told(rows: int, count: int) -> Finding:
        return counted(check, rows, count, "missing")

    failing = Failing(dataset.missing(check.column), telling(dataset, check.column))
    return missing_count(dataset, check.column, told, failed(check), failing)


def missing_count(
    dataset: OpenDataset,
    column: str,
    told: Callable[[int, int], Finding],
    failed: Callable[[Exception], Finding],
    failing: Failing | None = None,
) -> Probe:
    """A probe of how many rows there are and in how many the column is null or NaN; `told` judges the two."""
    present = f"count({quoted(column)})"

    def judge(rows: int, values: int, total: float | None = None) -> Finding | Probe:
        return exact if is_nan(total) else told(rows, rows - values)

    def judge_exactly(rows: int, values: int, nan: int) -> Finding:
        return told(rows, rows - values + nan)

    if not dataset.can_be_nan(column):
        return Probe(("count(*)", present), judge, failed, None, failing)
    exact = Probe(("count(*)", present, dataset.nan_count(column)), judge_exactly, failed, None, failing)
    return Probe(("count(*)", present, dataset.nan_sign(column)), judge, failed, None, failing)


def is_nan(value: float | None) -> bool:
    return isinstance(value, float) and math.isnan(value)


def allowed(check: AllowedCheck, rows: Rows) -> Probe | Finding:
    dataset = rows.dataset
    kind = dataset.kind(check.column) or "other"
    types = _VALUES_OF.get(kind, ())
    strange = [v for v in check.values if not isinstance(v, types) or (isinstance(v, bool) and kind != "boolean")]
    if strange and kind != "null":
        return unchecked(check, f"the column is {kind}, which cannot be {strange[0]!r}")
    column = quoted(check.column)
    listed = _among(check, dataset) if kind in NUMERIC else [*map(literal, check.values)]
    values = f"[{', '.join(listed)}]"
    if not listed:
        foreign = "TRUE"
    elif kind == "string" and dataset.parquet and not dataset.is_elsewhere and len(check.values) <= _FEW:
        # Of texts, Parquet has a dictionary: the function is asked once for each text in it, not once for each row.
        foreign = f"list_position({values}, {column}) IS NULL"
    else:  # A hash join, not a list of comparisons: as quick for a thousand values as for two.
        foreign = f"{column} NOT IN (SELECT unnest({values}))"
    # In a scan of its own, so that the other columns need not pass through the join.
    return counting(
        check,
        dataset,
        f"NOT {dataset.missing(check.column)} AND {foreign}",
        f"not among the {len(check.values)} allowed values",
        rows.for_joins,
    )


def _among(check: AllowedCheck, dataset: OpenDataset) -> list[str]:
    numbers = [value for value in check.values if not isinstance(value, str)]
    return among(numbers, dataset.sql_type(check.column))


def regex(check: RegexCheck, dataset: OpenDataset) -> Probe | Finding:
    bad = f"NOT regexp_full_match({quoted(check.column)}, {literal(check.pattern)})"
    return _of_text(check, dataset, bad, f"do not match {check.pattern}")


def length(check: LengthCheck, dataset: OpenDataset) -> Probe | Finding:
    characters = f"length({quoted(check.column)})"
    bounds = (("<", check.min), (">", check.max))
    bad = " OR ".join(f"{characters} {sign} {bound}" for sign, bound in bounds if bound is not None)
    return _of_text(check, dataset, bad, f"do not have {between(check.min, check.max)} characters")


def _of_text(check: RegexCheck | LengthCheck, dataset: OpenDataset, bad: str, what: str) -> Probe | Finding:
    kind = dataset.kind(check.column)
    if kind == "null":
        return counting(check, dataset, "FALSE", what)
    return (
        counting(check, dataset, bad, what) if kind == "string" else unchecked(check, f"the column is {kind}, not text")
    )
