"""Checks as aggregates over rows."""

from collections.abc import Callable
from dataclasses import dataclass

from maestro_ml.checks.failing_rows import Failing
from maestro_ml.core.findings import Finding
from maestro_ml.sql.aggregates import Expression


@dataclass(frozen=True)
class Probe:
    """SQL aggregates over some rows, and what to make of their values.

    An expression is an `Aggregate`, which footers and other checks may have answered already, or SQL.
    `judge` is given the value of each expression and returns a finding, or a probe that looks closer. `failed` turns
    the database's error into a finding. `failing` says which rows to show where the finding is violated; None for a
    check of all rows together, which no single row fails. `source` is SQL for a table to look at in place of the rows.
    """

    expressions: tuple[Expression, ...]
    judge: "Callable[..., Finding | Probe]"
    failed: Callable[[Exception], Finding]
    failing: Failing | None
    source: str | None = None
