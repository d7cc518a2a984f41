"""What can be compared."""

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.tolerance import unchecked_finding
from maestro_ml.core.errors import DataError
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.types import NUMERIC

_COMPARABLE = ({*NUMERIC, "null"}, {"timestamp", "date", "null"})


def incomparable_columns(check: BaseCheck, *kinds: str | None) -> Finding | None:
    """Return a finding that says why columns of these kinds cannot be compared; None if they can."""
    different = {str(kind) for kind in kinds}
    if len(different - {"null"}) < 2 or any(different <= alike for alike in _COMPARABLE):  # noqa: PLR2004
        return None
    return unchecked_finding(check, f"{' and '.join(sorted(different))} cannot be compared")


def column_kind(dataset: Columns, column: str) -> str:
    """Return the kind of a column; raises DataError if it is not there."""
    kind = dataset.kind(column)
    if kind is None:
        raise DataError(f"dataset {dataset.name} has no column {column}")
    return kind
