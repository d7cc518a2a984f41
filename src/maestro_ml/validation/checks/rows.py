"""Checks of whole rows."""

from maestro_ml.checks.compare import CompareCheck
from maestro_ml.checks.predicate import PredicateCheck
from maestro_ml.checks.rows import RowsCheck
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.wording import between, share
from maestro_ml.project.datasets import Column
from maestro_ml.sql.columns import comparable
from maestro_ml.sql.types import NUMERIC
from maestro_ml.tables import OpenDataset
from maestro_ml.validation.checks.counted import counting, failed, quality, total, unchecked
from maestro_ml.validation.checks.values import missing_count
from maestro_ml.validation.probes import Probe

_OPERATORS = {"<": "<", "<=": "<=", "==": "=", "!=": "<>", ">=": ">=", ">": ">"}
COMPARABLE = ({*NUMERIC, "null"}, {"timestamp", "date", "null"})


def rows(check: RowsCheck, dataset: OpenDataset, reason: str = "") -> Probe:
    """The number of rows.

    Args:
        reason: why the bounds hold, where the project file does not say so.
    """

    def judge(count: int) -> Finding:
        limit = between(check.min, check.max) + reason
        violated = count < (check.min or 0) or (check.max is not None and count > check.max)
        message = f"{count:,} rows in the window ({limit})" if count else f"the window is empty ({limit})"
        return quality(check, message, violated=violated, rows=count, min=check.min, max=check.max)

    return Probe((total(check, dataset),), judge, failed(check))


def predicate(check: PredicateCheck, dataset: OpenDataset) -> Probe:
    return counting(check, dataset, f"({dataset.predicate(check.sql)}) IS FALSE", f"are not {check.sql}")


def compare(check: CompareCheck, dataset: OpenDataset) -> Probe | Finding:
    """Two columns of each row; a row in which one is missing passes."""
    kinds = {str(dataset.kind(name)) for name in (check.left, check.right)}
    if len(kinds - {"null"}) > 1 and not any(kinds <= alike for alike in COMPARABLE):
        return unchecked(check, f"{' and '.join(sorted(kinds))} cannot be compared")
    left, right = comparable((dataset, check.left), (dataset, check.right))
    present = " AND ".join(f"NOT {dataset.missing(name)}" for name in (check.left, check.right))
    bad = f"{present} AND NOT ({left} {_OPERATORS[check.operator]} {right})"
    return counting(check, dataset, bad, f"do not have {check.left} {check.operator} {check.right}")


def filled(name: str, column: Column, dataset: OpenDataset) -> Probe:
    """A column of the contract has at least one value."""

    def told(message: str, *, violated: bool, **numbers: int) -> Finding:
        return finding("quality", "all_missing", column.severity, message, violated=violated, column=name, **numbers)

    def judge(rows: int, missing: int) -> Finding:
        violated = 0 < rows == missing
        message = f"no value at all in {rows:,} rows" if violated else f"{share(missing, rows)} missing"
        return told(message, violated=violated, missing=missing, rows=rows)

    def refused(error: Exception) -> Finding:
        return told(f"could not be checked: {type(error).__name__}", violated=True)

    return missing_count(dataset, name, judge, refused)
