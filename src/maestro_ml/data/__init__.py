"""Datasets by window, as DuckDB relations or Arrow batches."""

from maestro_ml.data.dataset import OpenDataset, open_dataset
from maestro_ml.data.errors import DataError, NoEventTime, QueryError

__all__ = ["DataError", "NoEventTime", "OpenDataset", "QueryError", "open_dataset"]
