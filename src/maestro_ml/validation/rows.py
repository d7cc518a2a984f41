"""Rows of a dataset, and what is known of them: all of them, those of a window, here or in another engine."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from maestro_ml.project import Window
from maestro_ml.sql.aggregates import ROWS, Aggregate, Expression
from maestro_ml.sql.identifiers import quoted, view_name
from maestro_ml.tables import LocalTable, Table
from maestro_ml.tables.parquet.columns import StoredColumns
from maestro_ml.tables.parquet.footers import ColumnStatistics
from maestro_ml.tables.remote import RemoteTable
from maestro_ml.tables.table import TimeCounter
from maestro_ml.validation.sample import Sample

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

EXTRACT_ROWS = 50_000  # rows of a window that come here from another engine


def aggregates(
    table: Table, run: Callable[[str], list[tuple[Any, ...]]], expressions: Sequence[Expression], source: str
) -> dict[Expression, Any]:
    """Measure aggregates over a source, in as few queries as the engine allows.

    Args:
        run: the table's `fetch` or `scan`.
    """
    wanted = list(dict.fromkeys([ROWS, *expressions]))  # with it, a constant or a subquery is one value too
    at_once = table.dialect.max_columns or len(wanted)
    values: dict[Expression, Any] = {}
    for start in range(0, len(wanted), at_once):
        part = wanted[start : start + at_once]
        selected = (each if isinstance(each, str) else each.sql(table.dialect) for each in part)
        [found] = run(f"SELECT {', '.join(selected)} FROM {source}")  # noqa: S608
        values |= zip(part, found, strict=True)
    return values


@dataclass(frozen=True)
class Rows:
    """All rows of a dataset, and what is known of them."""

    dataset: Table

    @cached_property
    def view(self) -> str:
        """The rows under a name (quoted) that SQL over the dataset can use; raises NoEventTime as the window does."""
        name = self.dataset.view_of(None)
        self.dataset.create_view(name)
        return quoted(name)

    def in_own_scan(self, scan: str) -> str:
        """Return the rows for a named scan beside the common one, for what would slow that down; a name is one scan."""
        return f"{self.view} AS {quoted(scan)}"

    @property
    def for_joins(self) -> str | None:
        """The rows for joins: in a scan of their own, unless the files are many and opening them again costs more."""
        files = self.dataset.parquet
        return None if files and files.many and not files.copies else self.in_own_scan("joins")

    @property
    def has_dictionaries(self) -> bool:
        """Whether a function of a text runs once per distinct value, not once per row."""
        return self.dataset.has_dictionaries

    def all_of(self, dataset: str) -> "Rows":
        """Return all rows of another dataset; raises DataError if it cannot be read."""
        return Rows(self.dataset.other(dataset))

    @cached_property
    def known(self) -> dict[Expression, Any]:
        """The values of the aggregates of these rows that are known already."""
        return {}

    def values(self, expressions: Sequence[Expression]) -> list[Any]:
        """Return the values of aggregates over the rows; all that are not yet known in one scan."""
        unknown = [e for e in dict.fromkeys(expressions) if e not in self.known]
        if unknown:
            self.known.update(aggregates(self.dataset, self.dataset.scan, unknown, self.view))
        return [self.known[expression] for expression in expressions]

    @cached_property
    def count(self) -> int:
        return int(self.values([ROWS])[0])


@dataclass(frozen=True)
class WindowRows(Rows):
    """The rows of one window of a dataset; without a window, all of them."""

    window: Window | None

    def __str__(self) -> str:
        """Say which rows they are, to a person."""
        return str(self.window) if self.window else f"all of {self.dataset.name}"

    @cached_property
    def view(self) -> str:
        name = self.dataset.view_of(self.window)
        self.dataset.create_view(name, self.window)
        return quoted(name)

    @property
    @abstractmethod
    def extract(self) -> "LocalRows":
        """These rows in DuckDB: themselves or, where another engine has them, at most some ten thousand of them."""

    def same_window_of(self, dataset: str) -> "WindowRows":
        """Return the rows of another dataset in the same window; raises DataError if it cannot be read."""
        other = self.dataset.other(dataset)
        return window_rows(other, other.window_of(self.window) if self.window else None)

    @cached_property
    def in_footers(self) -> dict[str, ColumnStatistics]:
        """What the footers say of the columns."""
        return {}

    @cached_property
    def known(self) -> dict[Expression, Any]:
        """The values that the footers hold."""
        known: dict[Expression, Any] = {}
        for name, column in self.in_footers.items():
            known[ROWS] = column.rows
            known[Aggregate("present", name)] = None if column.nulls is None else column.rows - column.nulls
            known[Aggregate("smallest", name)] = column.low
            known[Aggregate("largest", name)] = column.high
            known[Aggregate("nan", name)] = column.nans
        return {aggregate: value for aggregate, value in known.items() if value is not None}


@dataclass(frozen=True)
class LocalRows(WindowRows):
    """The rows of a window in DuckDB."""

    dataset: LocalTable

    @property
    def extract(self) -> "LocalRows":
        return self

    @cached_property
    def samples(self) -> dict[int, Sample]:
        """The samples of the rows that were taken already, by their seeds."""
        return {}

    @cached_property
    def column_counts(self) -> dict[str, dict[str, Any]]:
        """What was counted already of the columns, by their names."""
        return {}

    @cached_property
    def rows(self) -> "DuckDBPyRelation":
        """The rows as a relation; raises NoEventTime if there is no event time."""
        return self.dataset.rows(self.window)

    @cached_property
    def stored(self) -> StoredColumns | None:
        """The columns as they are in files, where that is faster than a query."""
        groups = self.dataset.row_groups
        return groups.stored(self.window) if groups and self.window else None

    @cached_property
    def in_footers(self) -> dict[str, ColumnStatistics]:
        """What the footers say of the columns."""
        groups = self.dataset.row_groups
        return (groups.statistics(self.window) if groups and self.window else None) or {}


@dataclass(frozen=True)
class RemoteRows(WindowRows):
    """The rows of a window in another engine."""

    dataset: RemoteTable

    @cached_property
    def extract(self) -> LocalRows:
        anomalies, drift = self.dataset.spec.anomalies, self.dataset.spec.drift
        wanted = [anomalies.sample, anomalies.window_sample] if anomalies else []
        wanted += [drift.classifier.sample] if drift and drift.classifier else []
        return LocalRows(self.dataset.extract(self.window, max([EXTRACT_ROWS, *wanted])), self.window)


def window_rows(table: Table, window: Window | None) -> WindowRows:
    """Return the rows of a table in a window (None: all of its rows)."""
    if isinstance(table, RemoteTable):
        return RemoteRows(table, window)
    assert isinstance(table, LocalTable)
    return LocalRows(table, window)


@dataclass(frozen=True)
class CountedRows(Rows):
    """All rows, as their database counted them; the view has only a few, of those in no window."""

    counter: TimeCounter
    latest: datetime

    @cached_property
    def view(self) -> str:
        name = view_name(self.dataset.name, "in no window")
        self.counter.create_view_of_strays(name, self.latest)
        return quoted(name)
