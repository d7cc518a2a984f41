"""Datasets by window, as DuckDB relations or Arrow batches."""

from maestro_ml.core.errors import DataError, NoEventTime, QueryError
from maestro_ml.tables.local import LocalTable, open_dataset
from maestro_ml.tables.table import Table

__all__ = ["DataError", "LocalTable", "NoEventTime", "QueryError", "Table", "open_dataset"]
