"""The check `missing`: no value is missing."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck, wrong_type
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.listed_values import LISTABLE, Value, foreign_values, in_words, is_listed, unlisted
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_finding, count_probe, on_error, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.core.node import Mistake
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.table import WindowRows
from maestro_ml.sql.types import ColumnType


class MissingCheck(TolerantCheck):
    """No value is missing, nor one of `values`, which mean a missing value, such as `-1` or `N/A`."""

    may_repeat: ClassVar = ("values",)
    compares_values: ClassVar = False
    why: ClassVar = "More values are missing than agreed; imputed values take the place of measured ones."

    check: Literal["missing"]
    column: str
    values: tuple[Value, ...] = ()

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return missing_or_listed(self, rows) if self.values else missing(self, rows.dataset)

    def mistakes(self) -> Iterator[Mistake]:
        yield from super().mistakes()
        if self.ignore_nulls:
            yield Mistake(("ignore_nulls",), "missing values are what a missing check counts")

    def contract_mistakes(self, types: Mapping[str, ColumnType]) -> Iterator[Mistake]:
        yield from super().contract_mistakes(types)
        if self.column not in types or not self.values:
            return
        if types[self.column] not in LISTABLE:
            yield wrong_type("`values` of a missing check", "values", self.column, types[self.column], LISTABLE)
        yield from foreign_values("values", self.column, self.values, types[self.column])


def missing_or_listed(check: MissingCheck, rows: WindowRows) -> Probe | Finding:
    """Return a probe of values that are missing, or stand for one that is."""
    dataset = rows.dataset
    if reason := unlisted(dataset, check.column, check.values):
        return unchecked_finding(check, reason)
    bad = f"{dataset.missing(check.column)} OR {is_listed(rows, check.column, check.values)}"
    return count_probe(check, dataset, bad, f"missing, or {in_words(check.values)}", rows.for_joins)


def missing(check: MissingCheck, dataset: Columns) -> Probe:
    if check.where:
        return count_probe(check, dataset, dataset.missing(check.column), "missing")

    def finding_of(rows: int, count: int) -> Finding:
        return count_finding(check, rows, count, "missing")

    failing = Failing(dataset.missing(check.column), identifying_columns(dataset, check.column))
    return missing_count(dataset, check.column, finding_of, on_error(check), failing)


def missing_count(
    dataset: Columns,
    column: str,
    finding_of: Callable[[int, int], Finding],
    failed: Callable[[Exception], Finding],
    failing: Failing | None,
) -> Probe:
    """Return a probe of how many rows there are and how many are null or NaN there; `finding_of` takes the two."""
    present = Aggregate("present", column)

    def judge(rows: int, values: int, total: float | None = None) -> Finding | Probe:
        return exact if is_nan(total) else finding_of(rows, rows - values)

    def judge_exactly(rows: int, values: int, nan: int) -> Finding:
        return finding_of(rows, rows - values + nan)

    if not dataset.can_be_nan(column):
        return Probe((ROWS, present), judge, failed, failing)
    exact = Probe((ROWS, present, Aggregate("nan", column)), judge_exactly, failed, failing)
    return Probe((ROWS, present, Aggregate("nan_sign", column)), judge, failed, failing)


def is_nan(value: float | None) -> bool:
    return isinstance(value, float) and math.isnan(value)
