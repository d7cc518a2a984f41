"""DuckDB as everything here uses it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")
SETS = "120MB"
SCAN = "220MB"  # with less, a scan reads the pages of a row group more than once

# It lets statistics answer for rows. Those of Parquet can be wrong, and DuckDB's own maximum is NaN where one may be.
ALWAYS_DISABLED = ("statistics_propagation",)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(spill: str | None = None) -> "DuckDBPyConnection":
    """Open a database in memory whose times are UTC, whatever the machine's zone.

    Args:
        spill: a folder for what memory cannot hold.
    """
    import duckdb

    # Extensions are never fetched: buckets are read through fsspec.
    config = {"autoinstall_known_extensions": "false"} | ({"temp_directory": spill} if spill else {})
    connection = duckdb.connect(config=config)
    # not as config= of connect: DuckDB 2.0 reads that before the extension that knows time zones is there
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET disabled_optimizers = '{','.join(ALWAYS_DISABLED)}'")
    # Python handles a signal between two tasks only, and a row group is one task, as long as the whole query.
    connection.execute("SET scheduler_process_partial = true")
    read_ahead(connection, wanted=False)
    return connection


def read_ahead(connection: "DuckDBPyConnection", *, wanted: bool) -> None:
    """Let scans fetch whole row groups before they decode them, which only pays where each request takes long.

    From a disk it costs the memory of all columns of a row group in each thread, and some time.
    """
    connection.execute(f"SET disable_parquet_prefetching = {not wanted}")


@contextmanager
def limited(connection: "DuckDBPyConnection", memory: str) -> Iterator[None]:
    """Let queries have so much memory; what they leave behind is freed afterwards."""
    try:
        connection.execute(f"SET memory_limit = '{memory}'")
        yield
    finally:
        connection.execute("RESET memory_limit")


def free(connection: "DuckDBPyConnection") -> None:
    """Give the memory of earlier queries back to the system."""
    with limited(connection, SETS):
        pass


def fetch(connection: "DuckDBPyConnection", sql: str, memory: str = SETS) -> list[tuple[Any, ...]]:
    """Run a query that returns few rows, in little memory if that is enough: what does not fit is spilled."""
    rows: list[tuple[Any, ...]] = in_little_memory(connection, lambda: connection.execute(sql).fetchall(), memory)
    return rows


def in_little_memory(connection: "DuckDBPyConnection", run: Callable[[], T], memory: str = SCAN) -> T:
    """Run a query in so much memory, or where that is not enough in as much as there is."""
    import duckdb

    try:
        with limited(connection, memory):
            return run()
    except duckdb.OutOfMemoryException:  # a row group of a wide table alone can be more
        return run()
