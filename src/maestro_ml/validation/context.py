"""What a validation is about: the rows of a window, and those of the reference."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import SnapshotReference, reference_window
from maestro_ml.sql.aggregates import ROWS, Aggregate, Expression
from maestro_ml.sql.identifiers import timestamp_literal
from maestro_ml.tables import Table
from maestro_ml.tables.parquet.footers import microseconds
from maestro_ml.validation.history.runs import NO_HISTORY, History
from maestro_ml.validation.rows import CountedRows, Rows, WindowRows, window_rows

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        elif (counter := self.dataset.time_counter) and (times := counter.count(self.window.end, self.latest)):
            rows = CountedRows(self.dataset, counter, self.latest)
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
        """Measure what the checks need of all rows, in one scan; with the rows of both sides, if these are some."""
        expressions: list[Expression] = [ROWS, self.untimed, self.future, self._newest]
        sides = self._uncounted_sides
        inside = [Aggregate("rows", condition=self.dataset.inside(side.window)) for side in sides if side.window]
        counts = self.everything.values([*expressions, *inside])[len(expressions) :]
        for side, rows in zip(sides, counts, strict=True):
            side.known[ROWS] = rows

    @property
    def _uncounted_sides(self) -> "list[WindowRows]":
        """The window and the reference, where their rows are not known yet and are some of the files' rows."""
        if not self.dataset.parquet:
            return []
        sides = [self.current, self.reference] if self.spec.reference else [self.current]
        return [side for side in sides if side.dataset is self.dataset and side.window and ROWS not in side.known]

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
