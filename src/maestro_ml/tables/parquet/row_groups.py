"""The row groups of a dataset by event time: which make up a window, and what their footers say of it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import compress, groupby
from operator import attrgetter, or_
from typing import TYPE_CHECKING

from maestro_ml.core.window import Window
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.types import is_naive, kind_of
from maestro_ml.tables.parquet import footers
from maestro_ml.tables.parquet.columns import Run, StoredColumns
from maestro_ml.tables.sources.parquet import ParquetFiles

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class RowGroups:
    """The row groups of Parquet files."""

    connection: "DuckDBPyConnection"
    files: ParquetFiles
    columns: Columns

    @cached_property
    def all(self) -> list[footers.Group]:
        """The row groups by event time; none where that is not certain.

        Raises:
            NoEventTime: there is no event time.
        """
        spec, first_and_last = self.columns.spec, self._times
        # Local time can go back an hour: then the first value is not the first instant.
        shifting = is_naive(self.columns.types[spec.event_column]) and spec.timezone not in (None, "UTC")
        if self.files.many or not self.files.uniform or shifting:
            return []
        if self.files.doubt or spec.event_column in self._partitions:
            return []
        return footers.groups(self.connection, self.files.readable, spec.event_column, *first_and_last)

    def inside(self, window: Window) -> list[footers.Group]:
        """Return the row groups that make up the window; none where one is only partly in it."""
        first, end = footers.microseconds(window.start), footers.microseconds(window.end)
        within = [group.first >= first and group.last < end and not group.untimed for group in self.all]
        outside = [group.last < first or group.first >= end for group in self.all]
        return [*compress(self.all, within)] if all(map(or_, within, outside)) else []

    def are_inside(self, window: Window) -> bool:
        """Return whether every row is in the window."""
        return bool(self.all) and len(self.inside(window)) == len(self.all)

    def statistics(self, window: Window) -> dict[str, footers.ColumnStatistics] | None:
        """Return numbers of the window's columns from the footers; None where they are not of just this window."""
        if not self.inside(window):
            return None
        types = {
            name: kind if (kind := kind_of(stored)) == "integer" else stored
            for name, stored in self.columns.types.items()
            if name in self.columns.spec.columns and name not in self._partitions  # statistics of others are unchecked
        }
        return footers.statistics(
            self.connection, self.files.readable, self.columns.spec.event_column, window, self._times, types
        )

    def stored(self, window: Window) -> StoredColumns | None:
        """Return the window's columns as they are in local files; None where it is not made of whole row groups."""
        groups = self.inside(window)
        if not groups or any("://" in group.file for group in groups):
            return None
        files = groupby(groups, attrgetter("file"))
        runs = [Run(file, tuple(group.number for group in inside)) for file, inside in files]
        return StoredColumns(runs, self._partitions)

    @property
    def _partitions(self) -> frozenset[str]:
        return frozenset(partition.name for partition in self.files.partitions)

    @property
    def _times(self) -> tuple[str, str]:
        stored = self.columns.types.get(self.columns.spec.event_column)
        ends = ("stats_min_value", "stats_max_value")
        first, last = (self.columns.event_time_of(f"TRY_CAST({end} AS {stored})").floor for end in ends)
        return first, last
