"""Rows that come as Arrow batches: kept in a table of the connection, which spills to disk where memory ends."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.tables.sources.distinct_names import expect_distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def keep_batches(connection: "DuckDBPyConnection", rows: Any, place: str) -> "DuckDBPyRelation":
    """Return a table with the rows of an Arrow table or of a reader of batches.

    Args:
        place: where they come from, for messages.

    Raises:
        DataError: these are none, two columns have one name, or a column has a type that cannot be read.
    """
    reader = _reader(rows, place)
    expect_distinct(reader.schema.names, place)
    for field in reader.schema:
        expect_readable(connection, field, place)
    table = f"batches_{uuid4().hex}"
    connection.register(f"{table}_rows", reader)
    try:
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_rows")  # noqa: S608
    finally:
        connection.unregister(f"{table}_rows")
    return connection.table(table)


def expect_readable(connection: "DuckDBPyConnection", field: Any, place: str) -> None:
    """Raise DataError if DuckDB has no type for a column."""
    if not is_readable(connection, field):
        raise DataError(
            f"{place} cannot be read: the column {field.name} is {field.type}, for which there is no type here"
        )


def is_readable(connection: "DuckDBPyConnection", field: Any) -> bool:
    """Return whether DuckDB has a type for a column."""
    import duckdb
    import pyarrow as pa

    try:
        connection.from_arrow(pa.schema([field]).empty_table())
    except duckdb.NotImplementedException:
        return False
    return True


def _reader(rows: Any, place: str) -> Any:
    """Return a reader of batches; raises DataError if it is no Arrow."""
    import pyarrow as pa

    if isinstance(rows, pa.RecordBatchReader):
        return rows
    if isinstance(rows, pa.Table):
        return rows.to_reader()
    found = type(rows).__name__
    raise DataError(f"{place} cannot be read: a pyarrow.Table or a RecordBatchReader is expected, and there is {found}")
