"""DuckDB as everything here uses it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(spill: str | None = None) -> "DuckDBPyConnection":
    """A database in memory whose times are UTC, whatever the machine's zone.

    Args:
        spill: a folder for what memory cannot hold.
    """
    import duckdb

    # Extensions are never fetched: buckets are read through fsspec.
    config = {"autoinstall_known_extensions": "false"} | ({"temp_directory": spill} if spill else {})
    connection = duckdb.connect(config=config)
    # not as config= of connect: DuckDB 2.0 reads that before the extension that knows time zones is there
    connection.execute("SET TimeZone = 'UTC'")
    return connection
