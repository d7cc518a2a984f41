"""What can be compared."""

from maestro_ml.core.errors import DataError
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.types import NUMERIC

COMPARABLE = ({*NUMERIC, "null"}, {"timestamp", "date", "null"})


def column_kind(dataset: Columns, column: str) -> str:
    """Return the kind of a column; raises DataError if it is not there."""
    kind = dataset.kind(column)
    if kind is None:
        raise DataError(f"dataset {dataset.name} has no column {column}")
    return kind
