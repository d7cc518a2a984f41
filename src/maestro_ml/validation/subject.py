"""What a validation is about: the rows of a window, and those of the reference."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.data import OpenDataset
from maestro_ml.data.identifiers import timestamp_literal
from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.validation.history import NO_HISTORY, History

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Slice:
    """The rows of one window of a dataset."""

    dataset: OpenDataset
    window: Window

    @cached_property
    def rows(self) -> "DuckDBPyRelation":
        """Raises NoEventTime if the window cannot be cut."""
        return self.dataset.rows(self.window)

    @cached_property
    def count(self) -> int:
        [(count,)] = self.rows.aggregate("count(*)").fetchall()
        return int(count)


@dataclass(frozen=True)
class Subject:
    """A dataset in a window, with its reference and earlier runs; `now` decides only what lies in the future."""

    dataset: OpenDataset
    window: Window
    now: datetime
    history: History = NO_HISTORY

    @property
    def spec(self) -> Dataset:
        return self.dataset.spec

    @cached_property
    def current(self) -> Slice:
        return Slice(self.dataset, self.window)

    @cached_property
    def reference(self) -> Slice:
        return Slice(self.dataset, self.dataset.reference_window(self.window))

    @cached_property
    def newest(self) -> datetime | None:
        """The event time of the newest row before the window's end; None if there is no such row."""
        time = self.dataset.event_time
        before_end = self.dataset.table.filter(f"{time} < {timestamp_literal(self.window.end)}")
        for rows in (self.current.rows, before_end):  # nearly always the first, which reads less
            [(microseconds,)] = rows.aggregate(f"epoch_us(max({time})::TIMESTAMPTZ)").fetchall()
            if microseconds is not None:
                return _EPOCH + timedelta(microseconds=microseconds)
        return None

    @property
    def staleness(self) -> timedelta | None:
        """How old the newest row is at the window's end."""
        return self.window.end - self.newest if self.newest else None
