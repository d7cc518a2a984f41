"""A dataset, opened: its columns as they are, and its rows by window."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import or_
from typing import TYPE_CHECKING, Any

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import values_hidden
from maestro_ml.core.node import format_duration
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import FixedReference, PreviousReference, SeasonReference
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.sql.instants import around, within
from maestro_ml.sql.types import is_naive, kind_of
from maestro_ml.tables.duckdb import SETS, connect, fetch
from maestro_ml.tables.errors import reading
from maestro_ml.tables.parquet import footers
from maestro_ml.tables.parquet.columns import StoredColumns
from maestro_ml.tables.sources.parquet import ParquetFiles
from maestro_ml.tables.sources.scan import located, scan
from maestro_ml.tables.sources.schema import SourceFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


@dataclass(frozen=True)
class OpenDataset(Columns):
    """A dataset and the DuckDB connection its relations live on."""

    name: str
    spec: Dataset
    connection: "DuckDBPyConnection"
    table: "DuckDBPyRelation"
    files: SourceFiles | None = None
    project: Project | None = None
    opened: dict[str, "OpenDataset"] = field(default_factory=dict, compare=False)

    def other(self, name: str) -> "OpenDataset":
        """Another dataset of the project, on the same connection; opened once.

        Raises:
            DataError: it cannot be read.
        """
        if name not in self.opened:
            if self.project is None:
                raise DataError(f"dataset {name} cannot be read: {self.name} was opened without its project")
            spec = self.project.datasets[name]
            with reading(located(self.project, spec.source)):
                table, files = scan(self.connection, self.project, spec)
            self.opened[name] = OpenDataset(name, spec, self.connection, table, files, self.project)
        return self.opened[name]

    @property
    def parquet(self) -> ParquetFiles | None:
        """The files, where they are Parquet."""
        return self.files if isinstance(self.files, ParquetFiles) else None

    @property
    def partitions(self) -> tuple[str, ...]:
        """The columns that are names of folders; footers do not speak of them."""
        return tuple(partition.name for partition in self.files.partitions) if self.files else ()

    @property
    def all_rows(self) -> "DuckDBPyRelation":
        """Every row, whenever it is."""
        return self.table

    def fetch(self, sql: str, memory: str = SETS) -> list[tuple[Any, ...]]:
        """Return the rows of a query (in DuckDB's SQL) that returns few, in as little memory where that is enough."""
        return fetch(self.connection, sql, memory)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in as much memory as there is."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return rows

    def extract(self, window: Window, most: int) -> "OpenDataset":  # noqa: ARG002 - here are all rows
        """Return the dataset in DuckDB with at least the window's rows; of a remote one, a sample of `most`."""
        return self

    @cached_property
    def types(self) -> dict[str, str]:
        """DuckDB's type of every column that is really there."""
        return dict(zip(self.table.columns, map(str, self.table.types), strict=True))

    def rows(self, window: Window, columns: Sequence[str] | None = None) -> "DuckDBPyRelation":
        """Return the rows whose event time lies in the window, lazily.

        Raises:
            NoEventTime: there is no event time.
        """
        inside = self.inside(window)
        relation = self.table if self._all_within(window) else self.table.filter(inside)
        return relation if columns is None else relation.project(", ".join(map(quoted, columns)))

    def inside(self, window: Window) -> str:
        """Return SQL that is true of the window's rows.

        Raises:
            NoEventTime: there is no event time.
        """
        time = self.event_time_of(quoted(self.spec.timestamp))
        if not self.is_elsewhere and (quick := within(time, window)):
            return quick
        inside = f"{time.floor} >= {timestamp_literal(window.start)} AND {time.floor} < {timestamp_literal(window.end)}"
        if self.kind(self.spec.timestamp) == "timestamp":
            # Parquet's statistics prune by the bare column only; the exact comparison stands beside it.
            first, last = (f"'{moment}'::{time.stored}" for moment in around(window, time.stored))
            inside += f" AND {time.sql} BETWEEN {first} AND {last}"
        return inside

    @cached_property
    def groups(self) -> list[footers.Group]:
        """The row groups of Parquet files by event time; none where that is not certain.

        Raises:
            NoEventTime: there is no event time.
        """
        first_and_last = self._footer_times
        # The clock of a timezone can go back an hour: then the first value is not the first instant.
        shifting = is_naive(self.types[self.spec.timestamp]) and self.spec.timezone not in (None, "UTC")
        if self.parquet is None or self.parquet.many or not self.parquet.uniform or shifting:
            return []
        if self.parquet.doubt or self.spec.timestamp in self.partitions:
            return []
        return footers.groups(self.connection, self.parquet.readable, self.spec.timestamp, *first_and_last)

    def statistics(self, window: Window) -> dict[str, footers.ColumnStatistics] | None:
        """Return numbers of the window's columns from the footers; None where they do not tell just this window's."""
        if self.parquet is None or not self._whole_groups(window):
            return None
        types = {
            name: kind if (kind := kind_of(stored)) == "integer" else stored
            for name, stored in self.types.items()
            if name in self.spec.columns and name not in self.partitions  # what footers say of others was not looked at
        }
        return footers.statistics(
            self.connection, self.parquet.readable, self.spec.timestamp, window, self._footer_times, types
        )

    def stored(self, window: Window) -> StoredColumns | None:
        """Return the window's columns as they lie in local files; None where its rows are not just whole row groups."""
        groups = self._whole_groups(window)
        local = groups and not any("://" in group.file for group in groups)
        return StoredColumns(groups, frozenset(self.partitions)) if local else None

    def _whole_groups(self, window: Window) -> list[footers.Group]:
        """Return the row groups that make up the window; none where one lies only partly in it."""
        first, end = footers.microseconds(window.start), footers.microseconds(window.end)
        within = [group.first >= first and group.last < end and not group.untimed for group in self.groups]
        outside = [group.last < first or group.first >= end for group in self.groups]
        return [*compress(self.groups, within)] if all(map(or_, within, outside)) else []

    @property
    def _footer_times(self) -> tuple[str, str]:
        stored, ends = self.types.get(self.spec.timestamp), ("stats_min_value", "stats_max_value")
        first, last = (self.event_time_of(f"TRY_CAST({end} AS {stored})").floor for end in ends)
        return first, last

    def _all_within(self, window: Window) -> bool:
        first, end = footers.microseconds(window.start), footers.microseconds(window.end)
        return bool(self.groups) and all(
            group.first >= first and group.last < end and not group.untimed for group in self.groups
        )

    def reference_window(self, window: Window) -> Window:
        """Return what the window is compared with.

        Raises:
            RequestError: there is no reference, it overlaps the window, or would start before the year 1.
        """
        try:
            return self._reference_window(window)
        except (OverflowError, ValueError):
            raise RequestError(
                f"dataset {self.name}: the reference of {window} would start before the year 1"
            ) from None

    def _reference_window(self, window: Window) -> Window:
        match self.spec.reference:
            case FixedReference(start=start, end=end):
                return Window(start, end)
            case PreviousReference(length=length):
                return window.previous(length)
            case SeasonReference(period=period) if period < window.length:
                raise RequestError(
                    f"dataset {self.name}: the reference is the window {format_duration(period)} earlier, and overlaps "
                    f"a window of {format_duration(window.length)}; give it a longer period or the run a shorter window"
                )
            case SeasonReference(period=period):
                return Window(window.start - period, window.end - period)
            case None:
                raise RequestError(f"dataset {self.name} has no reference")


@contextmanager
def open_dataset(project: Project, name: str) -> Iterator[OpenDataset]:
    """Open a dataset of the project; its relations are valid inside the block.

    Raises:
        DataError: the source cannot be read, now or in the middle of the block.
    """
    spec = project.datasets[name]
    with (
        values_hidden(project.has_personal_columns),
        tempfile.TemporaryDirectory(prefix="maestro-") as spill,
        reading(located(project, spec.source)),
        connect(spill) as connection,
    ):
        table, files = scan(connection, project, spec)
        yield OpenDataset(name, spec, connection, table, files, project)
