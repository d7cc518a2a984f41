"""Datasets by window, as DuckDB relations or Arrow batches."""

from maestro_ml.core.errors import DataError, NoEventTime, QueryError
from maestro_ml.tables.local import OpenDataset, open_dataset

__all__ = ["DataError", "NoEventTime", "OpenDataset", "QueryError", "open_dataset"]
