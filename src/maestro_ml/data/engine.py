"""DuckDB as everything here uses it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect() -> "DuckDBPyConnection":
    """A database in memory whose times are UTC, whatever the machine's zone."""
    import duckdb

    connection = duckdb.connect()
    # not as config= of connect: DuckDB 2.0 reads that before the extension that knows time zones is there
    connection.execute("SET TimeZone = 'UTC'")
    return connection
