"""Rows that come as Arrow batches: kept in a table of the connection, which spills to disk where memory ends."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.tables.sources.distinct_names import expect_distinct

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def keep_batches(
    connection: "DuckDBPyConnection", rows: Any, place: str, most: int | None = None
) -> "DuckDBPyRelation":
    """Return a table with the rows of an Arrow table or of a reader of batches.

    Args:
        place: where they come from, for messages.
        most: how many rows are taken; None for all.

    Raises:
        DataError: these are none, two columns have one name, or a column has a type that cannot be read.
    """
    reader = _reader(rows, place)
    expect_distinct(reader.schema.names, place)
    expect_readable(connection, reader.schema, place)
    table, limit = f"batches_{uuid4().hex}", "" if most is None else f" LIMIT {most}"
    connection.register(f"{table}_rows", reader)
    try:
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_rows{limit}")  # noqa: S608
    finally:
        connection.unregister(f"{table}_rows")
    return connection.table(table)


def expect_readable(connection: "DuckDBPyConnection", schema: Any, place: str) -> None:
    """Raise DataError if DuckDB has no type for one of the columns."""
    import duckdb
    import pyarrow as pa

    def is_readable(fields: Any) -> bool:
        try:
            connection.from_arrow(pa.schema(fields).empty_table())
        except duckdb.NotSupportedError:
            return False
        return True

    if is_readable(schema):
        return
    for field in schema:
        if not is_readable([field]):
            raise DataError(f"{place} cannot be read: the column {field.name} is {field.type}, which has no type here")


def _reader(rows: Any, place: str) -> Any:
    """Return a reader of batches; raises DataError if it is no Arrow."""
    import pyarrow as pa

    if isinstance(rows, pa.RecordBatchReader):
        return rows
    if isinstance(rows, pa.Table):
        return rows.to_reader()
    found = type(rows).__name__
    raise DataError(f"{place} cannot be read: a pyarrow.Table or a RecordBatchReader is expected, and there is {found}")
