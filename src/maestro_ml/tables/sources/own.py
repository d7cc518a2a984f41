"""A source of a project's own: its rows come as Arrow from the class that declares it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.core.errors import DataError, MaestroError
from maestro_ml.core.library_errors import text_of
from maestro_ml.project.table_source import TableSource, Wanted
from maestro_ml.tables.sources.batches import keep_batches
from maestro_ml.tables.sources.parts import columns_read, ranges_read

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project import Window
    from maestro_ml.project.datasets import Dataset


def read_own(
    connection: "DuckDBPyConnection",
    source: TableSource,
    dataset: "Dataset",
    root: Path,
    windows: "Sequence[Window] | None",
    most_rows: int | None = None,
) -> "DuckDBPyRelation":
    """Return the rows that a source of a project's own gives.

    Raises:
        DataError: it raises an error, or gives no Arrow.
    """
    columns = columns_read(dataset)
    wanted = Wanted(columns, dataset.timestamp, ranges_read(dataset, windows), root)
    try:
        return keep_batches(connection, source.open(wanted), source.place, most_rows)
    except MaestroError:
        raise
    except Exception as error:  # whatever the class does
        raise DataError(f"{source.place} cannot be read: {type(error).__name__}: {text_of(error)}") from error
