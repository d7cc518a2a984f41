"""Whether the statistics in Parquet footers can be believed: by who wrote them, and by a look at some of the pages."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.duckdb import ALWAYS_DISABLED
from maestro_ml.tables.parquet.writers import doubtful_types
from maestro_ml.tables.sources.file_names import short, unpatterned

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What is looked at, at most: enough for the whole of a small table, a tenth of a second of a large one.
COMPARED_VALUES = 2_000_000
_FILES = 64
_TINY = 50_000  # rows of a row group of which all columns are looked at together: each group costs a query
_NEIGHBOURS = 8  # tiny row groups that are chosen together: each range of rows is compared with every row group
_COLUMNS_AT_ONCE = 20  # however many a table has
# Every optimizer of DuckDB that skips rows, or answers, by statistics; or fails by one that is no value of its column.
_BY_STATISTICS = (
    "filter_pushdown",
    "join_filter_pushdown",
    "join_order",
    "late_materialization",
    "partial_aggregate_pushdown",
    "row_group_pruner",
    "top_n",
)


@dataclass(frozen=True)
class _Chunk:
    """A column in a row group by the footer; the extremes as text."""

    file: str
    group: int
    start: int
    rows: int
    column: str
    type: str
    low: str | None
    high: str | None
    nulls: int | None
    nans: int | None
    groups: int  # of the file


def ignore_statistics(connection: "DuckDBPyConnection") -> None:
    """Let DuckDB read the rows of every table instead of trusting statistics."""
    _disable(connection, (*ALWAYS_DISABLED, *_BY_STATISTICS))


def reason_for_doubt(connection: "DuckDBPyConnection", files: Sequence[str], columns: Sequence[str]) -> str | None:
    """Say why statistics of these columns cannot be believed; None where they can.

    Every value of a small table is held against them, of a large one some row groups, of each program that wrote files.

    Args:
        files: as DuckDB names them; they can be read.
        columns: the first one is looked at first.
    """
    import duckdb

    try:
        writers = _writers(connection, files)
        chosen, complete = chosen_chunks(connection, _some(writers), columns)
        with _skipping_by_position(connection):
            for chunk, pages in _in_pages(connection, chosen):
                if not _agree(chunk, pages):
                    writer = _writer(writers, chunk.file)
                    return f"statistics of {short(chunk.file)} (written by {writer}) disagree with its pages"
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, RuntimeError, UnicodeDecodeError):
        return "statistics of a file cannot be read"
    complete = complete and sum(map(len, writers.values())) <= _FILES
    return None if complete else _doubtful_writer(writers, chosen)


def _writers(connection: "DuckDBPyConnection", files: Sequence[str]) -> dict[str | None, list[str]]:
    names = ", ".join(map(literal, files))
    rows = connection.execute(
        f"SELECT created_by, list(file_name ORDER BY hash(file_name)) FROM parquet_file_metadata([{names}]) GROUP BY 1"  # noqa: S608
    ).fetchall()
    return dict(rows)


def _some(writers: dict[str | None, list[str]]) -> list[str]:
    """Choose some files, one of each writer (of the first of very many)."""
    first = [files[0] for files in writers.values()][:_FILES]
    others = [file for files in writers.values() for file in files[1:]]
    return [*first, *others[: _FILES - len(first)]]


def _writer(writers: dict[str | None, list[str]], file: str) -> str:
    return next((name for name, files in writers.items() if file in files), None) or "an unnamed program"


def _doubtful_writer(writers: dict[str | None, list[str]], chunks: Sequence[_Chunk]) -> str | None:
    types = {chunk.type for chunk in chunks}
    for name in writers:
        if doubtful_types(name) & types:
            return f"statistics of files written by {name or 'an unnamed program'} can be wrong"
    return None


def chosen_chunks(
    connection: "DuckDBPyConnection", files: Sequence[str], columns: Sequence[str]
) -> tuple[list[_Chunk], bool]:
    """Return column chunks, of each column in turn, while the budget lasts; and whether these are all."""
    names, wanted = ", ".join(map(literal, map(unpatterned, files))), ", ".join(map(literal, columns))
    first = literal(columns[0])
    rows = connection.execute(
        "WITH chunks AS (SELECT file_name, row_group_id, row_group_num_rows AS rows, path_in_schema AS name, type, "  # noqa: S608
        "coalesce(stats_min_value, stats_min) AS low, coalesce(stats_max_value, stats_max) AS high, stats_null_count, "
        "stats_nan_count, "
        "sum(rows) OVER (PARTITION BY file_name, name ORDER BY row_group_id)::BIGINT - rows AS start, "
        "count(*) OVER (PARTITION BY file_name, name) AS groups, "
        f"row_number() OVER (PARTITION BY name ORDER BY CASE WHEN rows < {_TINY} "
        f"THEN hash(file_name, row_group_id // {_NEIGHBOURS}, '') "
        "ELSE hash(file_name, row_group_id, name) END, row_group_id) AS turn "
        f"FROM parquet_metadata([{names}]) WHERE name IN ({wanted})) "
        "SELECT file_name, row_group_id, start, rows, name, type, low, high, stats_null_count, stats_nan_count, "
        "groups, count(*) OVER () FROM chunks "
        f"QUALIFY sum(rows) OVER (ORDER BY turn, name <> {first}, hash(name)) <= {COMPARED_VALUES} "
        f"OR (turn = 1 AND name = {first})"
    ).fetchall()
    chunks = [_Chunk(*row[:-1]) for row in rows]
    return chunks, not rows or len(chunks) == rows[0][-1]


@dataclass(frozen=True)
class _Pages:
    """What the pages of a column chunk hold; the extremes, without NaN, as text of the type DuckDB reads."""

    present: int
    nans: int | None
    low: str | None
    high: str | None
    type: str


def _in_pages(connection: "DuckDBPyConnection", chunks: Sequence[_Chunk]) -> Iterator[tuple[_Chunk, _Pages]]:
    by_group: dict[tuple[str, int], list[_Chunk]] = defaultdict(list)
    for chunk in chunks:
        by_group[chunk.file, chunk.group].append(chunk)
    # One query for all groups with the same columns: each costs milliseconds, and more of a file of many row groups.
    alike: dict[tuple[str, frozenset[tuple[str, str]]], list[list[_Chunk]]] = defaultdict(list)
    for together in by_group.values():
        together.sort(key=attrgetter("column"))
        file = together[0].file if together[0].groups > 1 else ""
        alike[file, frozenset((chunk.column, chunk.type) for chunk in together)].append(together)
    for groups in alike.values():
        for start in range(0, len(groups[0]), _COLUMNS_AT_ONCE):
            yield from _in_columns(connection, [group[start : start + _COLUMNS_AT_ONCE] for group in groups])


def _in_columns(connection: "DuckDBPyConnection", groups: Sequence[list[_Chunk]]) -> Iterator[tuple[_Chunk, _Pages]]:
    """Read the same columns of several row groups: those of one file, or of files that have only one each."""
    first = [group[0] for group in groups]
    names = ", ".join(map(literal, dict.fromkeys(unpatterned(chunk.file) for chunk in first)))
    source = f"read_parquet([{names}], hive_partitioning = FALSE, filename = TRUE, file_row_number = TRUE)"
    where, part = "", "0"
    if first[0].groups > 1:
        where = f" WHERE {' OR '.join(f'({rows})' for rows in _ranges(first))}"
        numbers = (f"WHEN {_within(each.start, each.start + each.rows)} THEN {each.group}" for each in first)
        part = f"CASE {' '.join(numbers)} END"
    rows = connection.execute(
        f"SELECT filename, {part} AS part, {', '.join(map(_numbers, groups[0]))} FROM {source}{where} GROUP BY 1, 2"  # noqa: S608
    ).fetchall()
    chunks = {(group[0].file, group[0].group): group for group in groups}
    for file, number, *found in rows:
        yield from ((chunk, _Pages(*found[5 * i : 5 * i + 5])) for i, chunk in enumerate(chunks[file, number]))


def _ranges(chunks: Sequence[_Chunk]) -> list[str]:
    """Return SQL for the rows of the chunks, one condition for those that lie beside each other."""
    ends: dict[int, int] = {}  # of each range, by its start
    last = -1
    for chunk in sorted(chunks, key=attrgetter("start")):
        if not ends or ends[last] != chunk.start:
            last = chunk.start
        ends[last] = chunk.start + chunk.rows
    return [_within(start, end) for start, end in ends.items()]


def _within(start: int, end: int) -> str:
    return f"file_row_number >= {start} AND file_row_number < {end}"


def _numbers(chunk: _Chunk) -> str:
    name, is_floating = quoted(chunk.column), chunk.type in ("FLOAT", "DOUBLE")
    # no FILTER: for each one DuckDB holds a vector of every column of the query, in each thread
    number = f"CASE WHEN NOT isnan({name}) THEN {name} END" if is_floating else name
    nans = f"count(CASE WHEN isnan({name}) THEN 1 END)" if is_floating else "NULL"
    low, high = f"min({number})", f"max({number})"
    return f"count({name}), {nans}, {low}::VARCHAR, {high}::VARCHAR, typeof({low})"


def _agree(chunk: _Chunk, pages: _Pages) -> bool:
    if chunk.nulls not in (None, chunk.rows - pages.present):
        return False
    if pages.nans is not None and chunk.nans not in (None, pages.nans):
        return False
    if pages.type == "BLOB":
        return True
    if pages.type == "VARCHAR":
        return _bound(chunk, pages)
    return _same(chunk.low, pages.low) and _same(chunk.high, pages.high)


def _same(stated: str | None, found: str | None) -> bool:
    return stated is None or stated == found or {stated, found} == {"0.0", "-0.0"}


def _bound(chunk: _Chunk, pages: _Pages) -> bool:
    """Return whether the footer's extremes of text, which may be cut off, hold in the order of bytes."""
    if pages.low is None or pages.high is None:
        return chunk.low is None and chunk.high is None
    low, high = chunk.low or "", chunk.high or pages.high
    return low.encode() <= pages.low.encode() and (pages.high.encode() <= high.encode() or pages.high.startswith(high))


@contextmanager
def _skipping_by_position(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Skip row groups by the position of rows alone, and read the footer of each file once for all queries."""
    [(before, kept)] = connection.execute(
        "SELECT current_setting('disabled_optimizers'), current_setting('parquet_metadata_cache')"
    ).fetchall()
    _disable(connection, ALWAYS_DISABLED)
    connection.execute("SET parquet_metadata_cache = TRUE")
    try:
        yield
    finally:
        _disable(connection, before.split(","))
        connection.execute(f"SET parquet_metadata_cache = {kept}")


def _disable(connection: "DuckDBPyConnection", optimizers: Sequence[str]) -> None:
    connection.execute(f"SET disabled_optimizers = {literal(','.join(optimizers))}")
