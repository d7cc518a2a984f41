"""What a validation is about: the rows of a window, and those of the reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from maestro_ml.core.window import stamp
from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.identifiers import quoted, timestamp_literal, view_name
from maestro_ml.tables import OpenDataset
from maestro_ml.tables.duckdb import SCAN, SETS
from maestro_ml.tables.parquet.columns import StoredColumns
from maestro_ml.tables.parquet.footers import ColumnStatistics, microseconds
from maestro_ml.validation.history.runs import NO_HISTORY, History

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_EXTRACT = 50_000  # rows of a window that come here from another engine
_COLUMNS = 1_000  # of one query; PostgreSQL has no more than 1,664
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def aggregates(dataset: OpenDataset, expressions: Sequence[str], source: str, memory: str = SETS) -> dict[str, Any]:
    """The values of SQL aggregates over a table, by their SQL; in one scan (elsewhere, in one a thousand)."""
    wanted = list(dict.fromkeys(["count(*)", *expressions]))  # with it, a constant or a subquery is one value too
    at_once = _COLUMNS if dataset.is_elsewhere else len(wanted)
    values: dict[str, Any] = {}
    for start in range(0, len(wanted), at_once):
        part = wanted[start : start + at_once]
        [found] = dataset.fetch(f"SELECT {', '.join(part)} FROM {source}", memory)  # noqa: S608
        values |= zip(part, found, strict=True)
    return values


@dataclass(frozen=True)
class Rows:
    """All rows of a dataset, and what is known of them."""

    dataset: OpenDataset

    @property
    def rows(self) -> "DuckDBPyRelation":
        return self.dataset.all_rows

    @cached_property
    def view(self) -> str:
        """The rows under a name (quoted) that SQL on the dataset's connection can use."""
        name = view_name(self.dataset.name, *self._identity)
        self.rows.create_view(name, replace=True)
        return quoted(name)

    def in_own_scan(self, scan: str) -> str:
        """The rows for a named scan beside the common one, for what would slow that down; they share it by its name."""
        return f"{self.view} AS {quoted(scan)}"

    @property
    def for_joins(self) -> str | None:
        """The rows for checks that join: apart, unless the files are many and opening them once more costs more."""
        return None if self.dataset.parquet and self.dataset.parquet.many else self.in_own_scan("joins")

    @property
    def is_parquet(self) -> bool:
        """Whether the rows are read from Parquet files."""
        return bool(self.dataset.parquet)

    def all_of(self, dataset: str) -> "Rows":
        """All rows of another dataset; raises DataError if it cannot be read."""
        return Rows(self.dataset.other(dataset))

    @cached_property
    def known(self) -> dict[str, Any]:
        """The values of the aggregates of these rows that are known already, by their SQL."""
        return {}

    def values(self, expressions: Sequence[str]) -> list[Any]:
        """The values of SQL aggregates over the rows; all that are not yet known in one scan."""
        unknown = [e for e in dict.fromkeys(expressions) if e not in self.known]
        if unknown:
            self.known.update(aggregates(self.dataset, unknown, self.view, SCAN))
        return [self.known[expression] for expression in expressions]

    @cached_property
    def count(self) -> int:
        return int(self.values(["count(*)"])[0])

    @property
    def _identity(self) -> tuple[str, ...]:
        return ("all rows",)


@dataclass(frozen=True)
class WindowRows(Rows):
    """The rows of one window of a dataset."""

    window: Window

    @cached_property
    def rows(self) -> "DuckDBPyRelation":
        """Raises NoEventTime if the window cannot be cut."""
        return self.dataset.rows(self.window)

    def same_window_of(self, dataset: str) -> "WindowRows":
        """The rows of another dataset in the same window; raises DataError if it cannot be read."""
        return WindowRows(self.dataset.other(dataset), self.window)

    @cached_property
    def stored(self) -> StoredColumns | None:
        """The columns as they lie in files, where that is quicker than asking for the rows."""
        return self.dataset.stored(self.window)

    @cached_property
    def in_footers(self) -> dict[str, ColumnStatistics]:
        """What the footers tell of the columns."""
        return self.dataset.statistics(self.window) or {}

    @cached_property
    def known(self) -> dict[str, Any]:
        """What the footers tell, by its SQL."""
        known: dict[str, Any] = {}
        for name, column in self.in_footers.items():
            sql = quoted(name)
            values = {
                f"count({sql})": None if column.nulls is None else column.rows - column.nulls,
                f"min({sql})": column.low,
                f"max({sql})": column.high,
                self.dataset.nan_count(name): column.nans,
            }
            known |= {"count(*)": column.rows} | {sql: value for sql, value in values.items() if value is not None}
        return known

    @cached_property
    def extract(self) -> "WindowRows":
        """These rows in DuckDB: themselves or, where another engine has them, at most some ten thousand of them."""
        if not self.dataset.is_elsewhere:
            return self
        anomalies, drift = self.dataset.spec.anomalies, self.dataset.spec.drift
        wanted = [anomalies.sample, anomalies.window_sample] if anomalies else []
        wanted += [drift.classifier.sample] if drift and drift.classifier else []
        return WindowRows(self.dataset.extract(self.window, max([_EXTRACT, *wanted])), self.window)

    @property
    def _identity(self) -> tuple[str, ...]:
        return (stamp(self.window.start), stamp(self.window.end))


@dataclass(frozen=True)
class ValidationContext:
    """A dataset in a window, with its reference and earlier runs; `now` decides only what lies in the future."""

    dataset: OpenDataset
    window: Window
    now: datetime
    history: History = NO_HISTORY

    @property
    def spec(self) -> Dataset:
        return self.dataset.spec

    @cached_property
    def current(self) -> WindowRows:
        return WindowRows(self.dataset, self.window)

    @cached_property
    def everything(self) -> Rows:
        """All rows, whenever they are; what the footers say of their times is known."""
        rows = Rows(self.dataset)
        groups = self.dataset.groups
        if groups:
            end, latest = microseconds(self.window.end), microseconds(self.latest)
            rows.known["count(*)"] = sum(group.rows for group in groups)
            rows.known[self.untimed] = sum(group.untimed for group in groups)
            if all(group.last <= latest for group in groups):
                rows.known[self.future] = 0
            if not any(group.first < end <= group.last for group in groups):
                rows.known[self._newest] = max((group.last for group in groups if group.last < end), default=None)
        return rows

    @property
    def latest(self) -> datetime:
        """Later rows lie in the future."""
        return max(self.now, self.window.end)

    @property
    def untimed(self) -> str:
        """SQL for how many rows have no event time."""
        return f"count(*) FILTER (WHERE {self.dataset.event_time} IS NULL)"

    @property
    def future(self) -> str:
        """SQL for how many rows lie in the future."""
        return f"count(*) FILTER (WHERE {self.dataset.event_time} > {timestamp_literal(self.latest)})"

    @property
    def _newest(self) -> str:
        time = self.dataset.event_time
        return f"epoch_us(max({time}) FILTER (WHERE {time} < {timestamp_literal(self.window.end)}))"

    def measure_times(self) -> None:
        """Measure in one scan what is asked of all rows."""
        self.everything.values(["count(*)", self.untimed, self.future, self._newest])

    @cached_property
    def reference(self) -> WindowRows:
        return WindowRows(self.dataset, self.dataset.reference_window(self.window))

    @cached_property
    def newest(self) -> datetime | None:
        """The event time of the newest row before the window's end; None if there is none since the year 1."""
        [found] = self.everything.values([self._newest])
        try:
            return None if found is None else _EPOCH + timedelta(microseconds=found)
        except OverflowError:
            return None

    @property
    def staleness(self) -> timedelta | None:
        """How old the newest row is at the window's end."""
        return self.window.end - self.newest if self.newest else None
