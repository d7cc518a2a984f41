"""The check `missing`: no value is missing."""

import math
from collections.abc import Callable
from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_finding, count_probe, on_error
from maestro_ml.core.findings import Finding
from maestro_ml.sql.aggregates import ROWS, Aggregate
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.table import WindowRows


class MissingCheck(TolerantCheck):
    """No value is missing."""

    compares_values: ClassVar = False
    why: ClassVar = "More values are missing than agreed; imputed values take the place of measured ones."

    check: Literal["missing"]
    column: str

    def probe(self, rows: WindowRows) -> Probe:
        return missing(self, rows.dataset)


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
