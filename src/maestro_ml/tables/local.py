"""A dataset in DuckDB, in this process."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import values_hidden
from maestro_ml.project import Project, Window
from maestro_ml.project.sources import IcebergSource, SqlSource
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.instants import within
from maestro_ml.tables.duckdb import SCAN, connect, fetch
from maestro_ml.tables.errors import reading
from maestro_ml.tables.parquet.row_groups import RowGroups
from maestro_ml.tables.sources.declared_times import read_declared_times
from maestro_ml.tables.sources.parquet import PLACE
from maestro_ml.tables.sources.scan import located, scan
from maestro_ml.tables.table import Table, TimeCounter
from maestro_ml.tables.time_counters import DatabaseTimes, IcebergTimes, ReadTimes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


@dataclass(frozen=True)
class LocalTable(Table):
    """A dataset on its DuckDB connection.

    Attributes:
        relation: all of its rows, which are read when they are needed.
        is_cut: there are more rows, which were left out because no more were wanted.
    """

    relation: "DuckDBPyRelation"
    is_cut: bool = field(default=False, kw_only=True)

    @cached_property
    def types(self) -> dict[str, str]:
        """DuckDB's type of every column that is really there."""
        return dict(zip(self.relation.columns, map(str, self.relation.types), strict=True))

    @cached_property
    def row_groups(self) -> RowGroups | None:
        """The row groups of Parquet files, where their footers answer for rows."""
        if not self.parquet or not self.spec.timestamp or self.declared_times:
            return None
        return RowGroups(self.connection, self.parquet, self)

    @property
    def has_dictionaries(self) -> bool:
        """Whether a function of a text runs once per distinct value: Parquet dictionary-encodes texts."""
        return bool(self.parquet)

    def create_view(self, name: str, window: Window | None = None) -> None:
        self.rows(window).create_view(name, replace=True)

    def rows(self, window: Window | None, columns: Sequence[str] | None = None) -> "DuckDBPyRelation":
        """Return the rows whose event time is in the window (None: all rows), lazily.

        Raises:
            NoEventTime: there is no event time.
        """
        relation = self.relation if window is None else self._inside(window)
        return relation if columns is None else relation.project(", ".join(map(quoted, columns)))

    def _inside(self, window: Window) -> "DuckDBPyRelation":
        inside = self.inside(window)
        all_inside = self.row_groups and self.row_groups.are_inside(window)
        return self.relation if all_inside else self.relation.filter(inside)

    def placed_rows(self, window: Window | None) -> "DuckDBPyRelation":
        """Return rows as `rows` does, with PLACE: a whole number that is the same in every run."""
        return self._placed if window is None else self._placed.filter(self.inside(window))

    @cached_property
    def _placed(self) -> "DuckDBPyRelation":
        if self._placed_in_files is not None:
            return self._placed_in_files
        return self.relation.project(f"*, row_number() OVER () AS {quoted(PLACE)}")  # its values are read differently

    @cached_property
    def _placed_in_files(self) -> "DuckDBPyRelation | None":
        placed = self.parquet.placed(self.connection) if self.parquet else None
        if placed is None:
            return None
        stored = zip(placed.columns, map(str, placed.types), strict=True)
        return placed if {**self.types, PLACE: "BIGINT"} == dict(stored) else None

    @property
    def numbered_files(self) -> list[str] | None:
        """Local files whose numbers PLACE holds, where all have the same columns; None where it holds none, or many."""
        names = self.parquet.read_in_place if self.parquet else []
        return names if names and self._placed_in_files is not None else None

    def inside(self, window: Window) -> str:
        """Return SQL that is true of the window's rows, of the bare column where that is enough."""
        return within(self.event_time_of(quoted(self.spec.event_column)), window) or super().inside(window)

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return fetch(self.connection, sql)

    def scan(self, sql: str) -> list[tuple[Any, ...]]:
        return fetch(self.connection, sql, SCAN)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return rows

    def open_beside(self, project: Project, name: str) -> "LocalTable":
        spec = project.datasets[name]
        with reading(located(project, spec.source)):
            return _opened(self.connection, project, name)


@contextmanager
def open_dataset(
    project: Project,
    name: str,
    windows: Sequence[Window] | None = None,
    *,
    many_passes: bool = False,
    most_rows: int | None = None,
) -> Iterator[LocalTable]:
    """Open a dataset of the project in DuckDB; its relations are valid inside the block.

    Args:
        windows: what will be read; rows of others in a database are fetched only on request. None: all rows.
        many_passes: whether its rows will be read again and again; many small files are copied into one then.
        most_rows: take no more than the first so many rows, of all times. None: all rows.

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
        if most_rows is None:
            yield _opened(connection, project, name, windows, Path(spill) if many_passes else None)
        else:
            yield _first_rows(connection, project, name, most_rows)


def _opened(
    connection: "DuckDBPyConnection",
    project: Project,
    name: str,
    windows: Sequence[Window] | None = None,
    folder: Path | None = None,
) -> LocalTable:
    spec = project.datasets[name]
    found = scan(connection, project, spec, windows, folder)
    relation, times = read_declared_times(connection, found.relation, spec, located(project, spec.source))
    spec = spec.completed(dict(zip(relation.columns, map(str, relation.types), strict=True)))
    shared: dict[str, Any] = {"project": project, "declared_times": times, "stored_names": found.names}
    if found.is_partial and windows is not None:
        return PartialTable(name, spec, connection, relation, windows=tuple(windows), **shared)
    return LocalTable(name, spec, connection, relation, files=found.files, **shared)


def _first_rows(connection: "DuckDBPyConnection", project: Project, name: str, most: int) -> LocalTable:
    spec = project.datasets[name]
    found = scan(connection, project, spec, most_rows=most + 1)  # one more shows that there are others
    rows = f"first_{uuid4().hex}"
    found.relation.limit(most + 1).create(rows)
    is_cut = len(connection.table(rows)) > most
    relation, times = read_declared_times(
        connection, connection.table(rows).limit(most), spec, located(project, spec.source)
    )
    return LocalTable(
        name,
        spec.completed(dict(zip(relation.columns, map(str, relation.types), strict=True))),
        connection,
        relation,
        is_cut=is_cut,
        project=project,
        files=found.files.without_footers() if found.files else None,  # those of Parquet speak of all rows
        declared_times=times,
        stored_names=found.names,
    )


@dataclass(frozen=True)
class PartialTable(LocalTable):
    """A table that is read in parts: `relation` holds the rows of some windows; all are read where they are needed."""

    windows: tuple[Window, ...] = field(kw_only=True)

    @cached_property
    def _whole(self) -> LocalTable:
        if self.project is None:
            raise DataError(f"dataset {self.name} was opened without its project")
        return self.open_beside(self.project, self.name)

    def rows(self, window: Window | None, columns: Sequence[str] | None = None) -> "DuckDBPyRelation":
        is_here = window and any(each.start <= window.start and window.end <= each.end for each in self.windows)
        return super().rows(window, columns) if is_here else self._whole.rows(window, columns)

    @property
    def time_counter(self) -> TimeCounter | None:
        if self.project is None:
            return None
        if isinstance(self.spec.source, SqlSource):
            return DatabaseTimes(self.connection, self.project, self.spec)
        return IcebergTimes(self) if isinstance(self.spec.source, IcebergSource) else ReadTimes(self)
