"""Parquet in place: which files can be read, and whether they agree on their columns."""

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import text_of
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.duckdb import free, read_ahead
from maestro_ml.tables.sources import unions
from maestro_ml.tables.sources.file_names import plain, unpatterned
from maestro_ml.tables.sources.partitions import FILE, Disagreement, disagreeing, with_partitions
from maestro_ml.tables.sources.schema import Columns, Layout, SourceFiles
from maestro_ml.tables.sources.unions import SameLayout

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

PLACE = "__maestro_place"  # our own column: where a row is stored, ascending in stored order
MANY_FILES = 256
SMALL_FILE = 1_000_000  # bytes of a file that is read at once
KEPT_FOOTERS = 8_000_000  # bytes of footers of a few files; they take five to ten times as much memory
ROW_BITS = 40  # a file of more rows than that holds no disk
MOST_COPIED_CELLS = 40_000_000  # of files that are copied into one
COPIED_AT_ONCE = 1_000  # files, of which each that is open takes about 35 kB
# What DuckDB writes to Parquet and reads again as it was; and decimals.
_COPIED = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
    | {"FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS"}
)


@dataclass(frozen=True)
class ParquetFiles(SourceFiles):
    """The Parquet files of a dataset.

    Attributes:
        by_layout: those of each of the `layouts`.
        doubt: why the statistics in their footers are not used.
        copies: few files with the rows of all of them, in their order, which are read instead.
    """

    by_layout: tuple[SameLayout, ...] = ()
    doubt: str | None = None
    copies: tuple[str, ...] = ()

    @property
    def many(self) -> bool:
        """Whether opening the files costs more than reading a column of them."""
        return len(self.readable) > MANY_FILES

    @property
    def read_in_place(self) -> list[str]:
        """The local files that queries read, by their numbers; none where they differ in their columns or are many."""
        if self.copies:
            return [*self.copies]
        is_plain = self.uniform and not self.many and not any("://" in file for file in self.readable)
        return [*map(plain, self.readable)] if is_plain else []

    def relation(self, connection: "DuckDBPyConnection", zone: str | None = None) -> "DuckDBPyRelation":
        """Return all rows; a column that a file lacks is null there.

        Args:
            zone: of times without one, where other files have one.
        """
        rows = self._rows(connection)
        if not self.uniform and (columns := unions.mixed(connection, self.by_layout, self._read)):
            names = ", ".join(map(quoted, rows.columns))
            parts = unions.selects(self.by_layout, columns, zone or "UTC", self._read)
            rows = connection.sql(f"SELECT {names} FROM ({' UNION ALL BY NAME '.join(parts)})")  # noqa: S608
        return with_partitions(rows, self.partitions)

    def placed(self, connection: "DuckDBPyConnection") -> "DuckDBPyRelation | None":
        """Return all rows with PLACE; None where the rows cannot be numbered as they are read."""
        rows = self._rows(connection)
        if {"file_index", "file_row_number"} & {name.lower() for name in rows.columns}:
            return None
        if not self.uniform and unions.mixed(connection, self.by_layout, self._read):
            return None
        place = f"(file_index::BIGINT << {ROW_BITS}) + file_row_number AS {quoted(PLACE)}"
        return with_partitions(self._rows(connection, place), self.partitions)

    def _rows(self, connection: "DuckDBPyConnection", *more: str) -> "DuckDBPyRelation":
        source = self._read(self.readable)
        if self.copies:
            source = f"read_parquet({listed(self.copies)}, can_have_nan = TRUE, hive_partitioning = FALSE)"
        return connection.sql(f"SELECT {', '.join(['*', *more])} FROM {source}")  # noqa: S608

    def gathered(self, connection: "DuckDBPyConnection", folder: Path) -> "ParquetFiles":
        """Return the files with copies of their rows in the folder, where they are many, small and alike.

        Each of many files costs as much to open as thousands of rows to read, in every pass.
        """
        if not self.many or not self.uniform:
            return self
        rows = self._rows(connection)
        exact = all(kind in _COPIED or kind.startswith("DECIMAL(") for kind in map(str, rows.types))
        if not exact:
            return self
        [(count,)] = connection.execute(
            f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({listed(self.readable)})"  # noqa: S608
        ).fetchall()
        if count * len(rows.columns) > MOST_COPIED_CELLS:
            return self
        del rows  # and what it holds of every file
        copies = []
        for start in range(0, len(self.readable), COPIED_AT_ONCE):
            some = replace(self, readable=self.readable[start : start + COPIED_AT_ONCE])
            copies.append(str(folder / f"copy-{uuid4().hex}.parquet"))
            some._rows(connection).write_parquet(copies[-1], compression="uncompressed")
            free(connection)
        return replace(self, copies=tuple(copies))

    def rounded(self, connection: "DuckDBPyConnection", types: dict[str, str]) -> list[tuple[str, str, str, int]]:
        """Return values that the files' common type cannot hold: column, a file, its type there, and how many."""
        return [] if self.uniform else [*unions.rounded(connection, self.by_layout, types, self._read)]

    def _read(self, files: Sequence[str]) -> str:
        # union_by_name opens every file for every query, so only where it changes something. can_have_nan, because
        # statistics leave NaN out: without it DuckDB drops or keeps NaN as they mislead it (duckdb/duckdb#25521).
        # Without hive_partitioning, a folder named `x=1` replaces the column x of the files below it.
        options = (
            f"can_have_nan = TRUE, union_by_name = {'FALSE' if self.uniform else 'TRUE'}, hive_partitioning = FALSE"
        )
        source = f", filename = {literal(FILE)}" if self.partitions else ""
        return f"read_parquet({listed(files)}, {options}{source})"

    def disagreements(self, connection: "DuckDBPyConnection", most: int) -> list[Disagreement]:
        """Return where files hold a partition's column and disagree with their folders: at most `most`."""
        if not self.partitions:
            return []
        within = connection.execute(
            f"SELECT lower(name), list(DISTINCT file_name) FROM parquet_schema({listed(self.readable)}) GROUP BY 1"  # noqa: S608
        )
        files = dict(within.fetchall())
        own = [(partition, sorted(files.get(partition.name.lower(), ()))) for partition in self.partitions]
        found = [
            disagreeing(connection, self._read([*map(unpatterned, here)]), partition, most)
            for partition, here in own
            if here
        ]
        return [row for rows in found for row in rows][:most]


def inspect_files(connection: "DuckDBPyConnection", files: Sequence[str]) -> ParquetFiles:
    """Read the schemas of the files.

    Raises:
        DataError: not one of them can be read, because of the names of its columns.
        duckdb.Error: not one of them can be read.
    """
    import duckdb

    if len(files) == 1:
        return replace(_inspected(connection, files, {}), layouts=(), by_layout=())
    try:
        return _inspected(connection, files, {})
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, RuntimeError, UnicodeDecodeError):
        refused = {file: reason for file in files if (reason := _refusal(connection, file))}
        readable = tuple(file for file in files if file not in refused)
        if not readable:
            raise
        return _inspected(connection, readable, refused)


def keep_footers(connection: "DuckDBPyConnection", files: Sequence[str]) -> None:
    """Let DuckDB read footers once, not for every query, where files are many (30 kB each) or footers short."""
    if len(files) > MANY_FILES or _length_of_footers(files) <= KEPT_FOOTERS:
        connection.execute("SET parquet_metadata_cache = TRUE")


def read_small_files_at_once(connection: "DuckDBPyConnection", files: Sequence[str]) -> None:
    """Let scans fetch many small local files whole, not page by page, which takes a fifth of their time."""
    try:
        if len(files) > MANY_FILES and all(Path(plain(name)).stat().st_size <= SMALL_FILE for name in files):
            read_ahead(connection, wanted=True)
    except OSError:  # such as of a bucket, whose files are read ahead anyway
        return


def _length_of_footers(files: Sequence[str]) -> float:
    """Return how many bytes the footers of local files have; infinity where that is not to be had so cheaply."""
    length = 0
    for name in files:
        try:
            with Path(plain(name)).open("rb") as file:
                file.seek(-8, os.SEEK_END)  # the length, and PAR1
                length += int.from_bytes(file.read(4), "little")
        except OSError:
            return math.inf
    return length


def listed(files: Sequence[str]) -> str:
    """Return file names as a SQL list."""
    return f"[{', '.join(map(literal, files))}]"


def _inspected(connection: "DuckDBPyConnection", files: Sequence[str], refused: dict[str, str]) -> ParquetFiles:
    elements = "list((name, duckdb_type, coalesce(num_children, 0)) ORDER BY column_id)"
    rows = connection.execute(
        "SELECT elements, list(file_name ORDER BY file_name) AS files FROM "  # noqa: S608
        f"(SELECT file_name, {elements} AS elements FROM parquet_schema({listed(files)}) GROUP BY file_name) "
        "GROUP BY elements ORDER BY len(files) DESC, files[1]"
    ).fetchall()
    found = tuple(SameLayout(_top_level(elements), tuple(names)) for elements, names in rows)
    by_layout = tuple(each for each in found if not _ambiguous(each.columns))
    ambiguous = {unpatterned(file): why for each in found if (why := _ambiguous(each.columns)) for file in each.files}
    if not by_layout:
        raise DataError(f"{files[0]} cannot be read: {ambiguous[files[0]]}")
    refused, files = refused | ambiguous, [file for file in files if file not in ambiguous]
    layouts = tuple(Layout(columns, names[0], len(names)) for columns, names in by_layout)
    return ParquetFiles(tuple(files), refused, layouts, by_layout=by_layout)


def _ambiguous(columns: Columns) -> str | None:
    """Say which columns differ in case only: SQL does not distinguish them."""
    names = [name for name, _ in columns]
    counts = Counter(name.lower() for name in names)
    twice = [name for name in names if counts[name.lower()] > 1]
    if not twice:
        return None
    return f"its columns {' and '.join(twice)} differ in case only, which SQL does not distinguish; rename one"


def _top_level(elements: list[tuple[str, str | None, int]]) -> Columns:
    """Return the columns themselves, out of a schema's elements in depth-first order."""
    columns, inside = [], 0
    for name, type_, children in elements[1:]:
        if not inside:
            columns.append((name, None if children else type_))
        inside += children - (1 if inside else 0)
    return tuple(columns)


def _refusal(connection: "DuckDBPyConnection", file: str) -> str | None:
    import duckdb

    try:
        connection.execute(f"SELECT count(*) FROM parquet_schema({listed([file])})").fetchall()  # noqa: S608
    except (duckdb.Error, RuntimeError, UnicodeDecodeError) as error:
        return text_of(error)
    return None
