"""What a validation is about: the rows of a window, and those of the reference."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import SnapshotReference, reference_window
from maestro_ml.sql.aggregates import ROWS, Aggregate, Expression
from maestro_ml.sql.identifiers import quoted, timestamp_literal, view_name
from maestro_ml.tables import LocalTable, Table
from maestro_ml.tables.parquet.columns import StoredColumns
from maestro_ml.tables.parquet.footers import ColumnStatistics, microseconds
from maestro_ml.tables.remote import RemoteTable
from maestro_ml.validation.history.runs import NO_HISTORY, History
from maestro_ml.validation.sample import Sample

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_EXTRACT = 50_000  # rows of a window that come here from another engine
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        """The rows for a named scan beside the common one, for what would slow that down; they share it by its name."""
        return f"{self.view} AS {quoted(scan)}"

    @property
    def for_joins(self) -> str | None:
        """The rows for joins: in a scan of their own, unless the files are many and opening them again costs more."""
        return None if self.dataset.parquet and self.dataset.parquet.many else self.in_own_scan("joins")

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
        return LocalRows(self.dataset.extract(self.window, max([_EXTRACT, *wanted])), self.window)


def window_rows(table: Table, window: Window | None) -> WindowRows:
    """Return the rows of a table in a window (None: all of its rows)."""
    if isinstance(table, RemoteTable):
        return RemoteRows(table, window)
    assert isinstance(table, LocalTable)
    return LocalRows(table, window)


@dataclass(frozen=True)
class CountedRows(Rows):
    """All rows, as their database counted them; the view has only a few, of those in no window."""

    latest: datetime

    @cached_property
    def view(self) -> str:
        name = view_name(self.dataset.name, "in no window")
        self.dataset.create_view_of_strays(name, self.latest)
        return quoted(name)


def windows_read(spec: Dataset, name: str, window: Window) -> list[Window] | None:
    """Return the windows a validation looks at; None for all rows."""
    if spec.timestamp is None:
        return None
    if spec.reference is None or isinstance(spec.reference, SnapshotReference):
        return [window]
    return [window, reference_window(name, spec.reference, window)]


@dataclass(frozen=True)
class ValidationContext:
    """A dataset in a window, with its reference and earlier runs; `now` decides only what lies in the future."""

    dataset: Table
    window: Window
    now: datetime
    history: History = NO_HISTORY

    @property
    def spec(self) -> Dataset:
        return self.dataset.spec

    @cached_property
    def current(self) -> WindowRows:
        return window_rows(self.dataset, self.dataset.window_of(self.window))

    @cached_property
    def everything(self) -> Rows:
        """All rows, whenever they are; what the footers say of their times is known."""
        rows = Rows(self.dataset)
        groups = self.dataset.row_groups.all if self.dataset.row_groups else []
        if groups:
            end, latest = microseconds(self.window.end), microseconds(self.latest)
            rows.known[ROWS] = sum(group.rows for group in groups)
            rows.known[self.untimed] = sum(group.untimed for group in groups)
            if all(group.last <= latest for group in groups):
                rows.known[self.future] = 0
            if not any(group.first < end <= group.last for group in groups):
                rows.known[self._newest] = max((group.last for group in groups if group.last < end), default=None)
        elif times := self.dataset.times(self.window.end, self.latest):
            rows = CountedRows(self.dataset, self.latest)
            rows.known.update({ROWS: times.rows, self.untimed: times.untimed, self.future: times.future})
            rows.known[self._newest] = microseconds(times.newest) if times.newest else None
        return rows

    @property
    def latest(self) -> datetime:
        """Later rows lie in the future."""
        return max(self.now, self.window.end)

    @property
    def untimed(self) -> Aggregate:
        """How many rows have no event time."""
        return Aggregate("rows", condition=f"{self.dataset.event_time} IS NULL")

    @property
    def future(self) -> Aggregate:
        """How many rows lie in the future."""
        return Aggregate("rows", condition=f"{self.dataset.event_time} > {timestamp_literal(self.latest)}")

    @property
    def _newest(self) -> str:
        time = self.dataset.event_time
        return f"epoch_us(max({time}) FILTER (WHERE {time} < {timestamp_literal(self.window.end)}))"

    def measure_times(self) -> None:
        """Measure what the checks need of all rows, in one scan."""
        self.everything.values([ROWS, self.untimed, self.future, self._newest])

    @cached_property
    def reference(self) -> WindowRows:
        declared = self.spec.reference
        if isinstance(declared, SnapshotReference):
            return window_rows(self.dataset.snapshot(declared), None)
        return window_rows(self.dataset, reference_window(self.dataset.name, declared, self.window))

    @cached_property
    def newest(self) -> datetime | None:
        """The event time of the newest row before the window's end; None if there is none since the year 1."""
        if self.spec.timestamp is None:
            return None
        [found] = self.everything.values([self._newest])
        try:
            return None if found is None else _EPOCH + timedelta(microseconds=found)
        except OverflowError:
            return None

    @property
    def staleness(self) -> timedelta | None:
        """How old the newest row is at the window's end."""
        return self.window.end - self.newest if self.newest else None
