"""One function a kind of source: the whole table as a DuckDB relation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from maestro_ml.data.csv_source import load_csv
from maestro_ml.data.errors import reading
from maestro_ml.data.files import find_files
from maestro_ml.data.sql_source import read_sql
from maestro_ml.project.sources import CsvSource, ParquetSource, Source, SqlSource

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from maestro_ml.project import Project
    from maestro_ml.project.datasets import Dataset


def scan(connection: "DuckDBPyConnection", project: "Project", dataset: "Dataset") -> "DuckDBPyRelation":
    """The source's table.

    Raises:
        DataError: there is nothing there, or it cannot be read as what it is said to be.
    """
    match dataset.source:
        case ParquetSource(path=path):
            return read_parquet(connection, project.locate(path))
        case CsvSource(path=path, delimiter=delimiter):
            uri = project.locate(path)
            with reading(uri):
                return load_csv(connection, find_files(connection, uri, ".csv"), delimiter, dataset)
        case SqlSource() as source:
            return connection.from_arrow(read_sql(source, project.root))


def read_parquet(
    connection: "DuckDBPyConnection", uri: str, storage_options: Mapping[str, Any] | None = None
) -> "DuckDBPyRelation":
    """Parquet where it lies, read when and as far as needed; `storage_options` are those of its fsspec filesystem.

    Raises:
        DataError: there is none, or it is not Parquet.
    """
    files = find_files(connection, uri, ".parquet", storage_options)
    with reading(uri):
        return connection.read_parquet(files, union_by_name=len(files) > 1)


def located(project: "Project", source: Source) -> str:
    """Where a source lies, for a person; without a password."""
    return f"table {source.table}" if isinstance(source, SqlSource) else project.locate(source.path)
