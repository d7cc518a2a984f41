"""A window's rows by the Parquet footers, without reading one of them.

Only what is certain: every row group must be wholly inside the window or wholly outside, and have its statistics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.sql.identifiers import literal, timestamp_literal
from maestro_ml.tables.duckdb import fetch
from maestro_ml.tables.sources.parquet import listed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from maestro_ml.project import Window

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Group:
    """A row group: rows, rows without an event time, and the first and last event time (microseconds since 1970).

    It is the `number`-th of its file, from 0.
    """

    file: str
    number: int
    rows: int
    untimed: int
    first: int
    last: int


@dataclass(frozen=True)
class ColumnStatistics:
    """Exact numbers of a column; None where the footers do not hold them. The extremes leave NaN out."""

    rows: int
    nulls: int | None
    nans: int | None
    low: Any
    high: Any


def microseconds(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def groups(connection: "DuckDBPyConnection", files: Sequence[str], column: str, first: str, last: str) -> list[Group]:
    """Return the row groups by event time; none where a footer lacks it, or one cannot be read.

    Args:
        first, last: SQL for the event time from `stats_min_value` and `stats_max_value`.
    """
    rows = _read(
        connection,
        f"SELECT file_name, row_group_id, row_group_num_rows, stats_null_count, epoch_us({first}), epoch_us({last}) "  # noqa: S608
        f"FROM parquet_metadata({listed(files)}) WHERE path_in_schema = {literal(column)} ORDER BY ALL",
    )
    return [] if any(None in row for row in rows) else [Group(*row) for row in rows]


def _read(connection: "DuckDBPyConnection", sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    try:
        return fetch(connection, sql)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (
        duckdb.Error,
        RuntimeError,
        UnicodeDecodeError,
    ):  # a statistic that is no value of its column: the rows may still be read
        return []


def statistics(
    connection: "DuckDBPyConnection",
    files: Sequence[str],
    column: str,
    window: "Window",
    times: tuple[str, str],
    types: dict[str, str],
) -> dict[str, ColumnStatistics]:
    """Return the columns' numbers over the row groups inside the window; `times` are `first` and `last` of `groups`."""
    first, last = times
    low, high = "stats_min_value", "stats_max_value"
    cells = _read(
        connection,
        f"WITH cells AS MATERIALIZED (SELECT * FROM parquet_metadata({listed(files)})), "  # noqa: S608
        f"inside AS (SELECT file_name, row_group_id FROM cells WHERE path_in_schema = {literal(column)} "
        f"AND {first} >= {timestamp_literal(window.start)} AND {last} < {timestamp_literal(window.end)}) "
        "SELECT path_in_schema, count(*) = (SELECT count(*) FROM inside), sum(row_group_num_rows)::BIGINT, "
        "CASE WHEN count(*) = count(stats_null_count) THEN sum(stats_null_count)::BIGINT END, "
        "CASE WHEN count(*) = count(stats_nan_count) THEN sum(stats_nan_count)::BIGINT END, "
        f"bool_and((coalesce(min_is_exact AND max_is_exact, TRUE) AND {low} IS NOT NULL AND {high} IS NOT NULL) "
        "OR coalesce(stats_null_count = row_group_num_rows, FALSE)), "
        f"min(TRY_CAST({low} AS HUGEINT)), max(TRY_CAST({high} AS HUGEINT)), "
        f"min(TRY_CAST({low} AS DOUBLE)), max(TRY_CAST({high} AS DOUBLE)) "
        "FROM cells SEMI JOIN inside USING (file_name, row_group_id) GROUP BY path_in_schema",
    )
    found = {}
    for name, complete, rows, nulls, nans, exact, whole_low, whole_high, low_value, high_value in cells:
        if not complete or name not in types:  # a nested column, or a name that stands for two
            continue
        extremes = {"integer": (whole_low, whole_high), "DOUBLE": (low_value, high_value)}.get(
            types[name], (None, None)
        )
        certain = exact and not any(isinstance(value, float) and value != value for value in extremes)  # noqa: PLR0124
        found[name] = ColumnStatistics(rows, nulls, nans, *(extremes if certain else (None, None)))
    return found
