"""A dataset that is open, wherever its rows are."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from maestro_ml.core.errors import DataError
from maestro_ml.core.window import stamp
from maestro_ml.project import Project, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import SnapshotReference
from maestro_ml.project.source_kinds import Source
from maestro_ml.project.sources import ParquetSource
from maestro_ml.project.table_source import TableSource
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import view_name
from maestro_ml.tables.parquet.row_groups import RowGroups
from maestro_ml.tables.sources.parquet import ParquetFiles
from maestro_ml.tables.sources.schema import SourceFiles
from maestro_ml.tables.sources.times import Times
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class TimeCounter(Protocol):
    """A database that counts the event times of all rows of a table."""

    def count(self, end: datetime, latest: datetime) -> Times | None:
        """Return the counts; None where the database cannot compare the times.

        Args:
            end: the newest row before it is found.
            latest: rows after it are counted.
        """

    def create_view_of_strays(self, name: str, latest: datetime) -> None:
        """Let queries read a few rows without a time, and a few later than `latest`."""


@dataclass(frozen=True)
class Table(Columns):
    """What a validation needs of a dataset: its columns, and SQL over its rows.

    Attributes:
        connection: DuckDB in this process, which reads footers and holds extracts; the rows may be in another engine.
        files: the files behind the table, where there are any.
        declared_times: how columns were read whose contract says how times are written.
        stored_names: all columns in their order, where some beyond the contract were not read.
        others: datasets of the project that were opened beside it, by name.
    """

    spec: Dataset
    connection: "DuckDBPyConnection"
    files: SourceFiles | None = field(default=None, kw_only=True)
    project: Project | None = field(default=None, kw_only=True)
    declared_times: Mapping[str, TypedText] = field(default_factory=dict, kw_only=True)
    stored_names: tuple[str, ...] = field(default=(), kw_only=True)
    others: "dict[str, Table]" = field(default_factory=dict, compare=False, kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, also of those that were not read."""
        return self.stored_names or tuple(self.types)

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns beyond the contract that were not read."""
        return tuple(name for name in self.stored_names if name not in self.types)

    def window_of(self, window: Window) -> Window | None:
        """Return the window; None, for all rows, where they have no event time."""
        return window if self.spec.timestamp else None

    def view_of(self, window: Window | None) -> str:
        """Return the name of the view of a window's rows, or of all rows."""
        return view_name(self.name, *((stamp(window.start), stamp(window.end)) if window else ("all rows",)))

    def snapshot(self, reference: SnapshotReference) -> "Table":
        """Open the same table as it was earlier; raises DataError if it cannot be read."""
        name = f"{self.name} ({reference.place})"
        if name not in self.others:
            if self.project is None:
                raise DataError(f"{name} cannot be read: {self.name} was opened without its project")
            spec = self.spec.model_copy(update={"source": self._source_at(reference)})
            datasets = {**self.project.datasets, name: spec}
            self.others[name] = self.open_beside(self.project.model_copy(update={"datasets": datasets}), name)
        return self.others[name]

    def _source_at(self, reference: SnapshotReference) -> Source:
        source = self.spec.source
        if isinstance(source, TableSource):  # gives Arrow, and what is kept of it is Parquet
            return ParquetSource(kind="parquet", path=reference.path or "")
        place = {"path": reference.path} if reference.path else {"table": reference.table}
        return source.model_copy(update=place)

    @abstractmethod
    def create_view(self, name: str, window: Window | None = None) -> None:
        """Let queries read the rows (of a window) by a name.

        Raises:
            NoEventTime: there is no event time to select a window by.
        """

    @abstractmethod
    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query (in DuckDB's SQL) that returns few rows, in as little memory as is enough."""

    @abstractmethod
    def scan(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query as `fetch` does, which reads all rows once."""

    @abstractmethod
    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query, in as much memory as there is."""

    @abstractmethod
    def open_beside(self, project: Project, name: str) -> "Table":
        """Open another dataset of the project, so that one query can read both; raises DataError if it cannot."""

    def other(self, name: str) -> "Table":
        """Return another dataset of the project, opened once.

        Raises:
            DataError: it cannot be read.
        """
        if name not in self.others:
            if self.project is None:
                raise DataError(f"dataset {name} cannot be read: {self.name} was opened without its project")
            self.others[name] = self.open_beside(self.project, name)
        return self.others[name]

    @property
    def time_counter(self) -> TimeCounter | None:
        """What counts the event times of all rows, where a database does that instead of sending them."""
        return None

    def reading(self, column: str) -> TypedText | None:
        """Return how a column's values were read, where that was not as they are stored."""
        return self.declared_times.get(column) or (self.files.readings.get(column) if self.files else None)

    @property
    def parquet(self) -> ParquetFiles | None:
        """The files, where they are Parquet."""
        return self.files if isinstance(self.files, ParquetFiles) else None

    @property
    def partitions(self) -> tuple[str, ...]:
        """The columns that are names of folders; they are not in the footers."""
        return tuple(partition.name for partition in self.files.partitions) if self.files else ()

    @property
    def row_groups(self) -> RowGroups | None:
        """The row groups of Parquet files, where their footers answer for rows."""
        return None

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows, which were left out because no more were wanted."""
        return False

    @property
    def has_dictionaries(self) -> bool:
        """Whether a function of a text runs once per distinct value, not once per row."""
        return False
