"""When the rows of a table begin and end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from maestro_ml.project import Window
from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.tables.table import Table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Extent:
    """The event times of the oldest and the newest row, in whole microseconds."""

    oldest: datetime
    newest: datetime

    @property
    def end(self) -> datetime:
        """The end of the windows whose last row is the newest."""
        return self.newest + _TICK

    def advice(self, window: Window) -> str:
        """Say where the rows are, for a person whose window has none."""
        said = f"the data run from {self.oldest:%Y-%m-%d %H:%M} to {self.newest:%Y-%m-%d %H:%M} UTC"
        if self.oldest < window.end <= self.newest:
            return said
        day = (self.newest + timedelta(days=1)).date()
        return f"{said}: try --at latest, or --at {day}"


def extent_of(table: Table, now: datetime) -> Extent | None:
    """Find when the rows begin and end; None if no row has a time. Rows of the future count where there are no others.

    Raises:
        NoEventTime: there is no event time.
    """
    counter = table.time_counter
    if counter and (times := counter.count(now + _TICK, now)):
        if times.newest is None and times.oldest:
            times = counter.count(_LAST, now)
        return Extent(times.oldest, times.newest) if times and times.oldest and times.newest else None
    time = table.event_time
    name = table.view_of(None)
    table.create_view(name)
    finite = f"{time} >= {timestamp_literal(_FIRST)} AND {time} <= {timestamp_literal(_LAST)}"
    past = f"{finite} AND {time} <= {timestamp_literal(now)}"
    wanted = (("min", finite), ("max", past), ("max", finite))
    ends = (f"epoch_us({end}({time}) FILTER (WHERE {rows}))" for end, rows in wanted)
    [(first, past_last, last)] = table.scan(f"SELECT {', '.join(ends)} FROM {quoted(name)}")  # noqa: S608
    if first is None:
        return None
    newest = last if past_last is None else past_last
    return Extent(_EPOCH + timedelta(microseconds=int(first)), _EPOCH + timedelta(microseconds=int(newest)))


def where_rows_are(table: Table, window: Window, now: datetime) -> str:
    """Return advice for a window without rows, after a semicolon; nothing where there is none to give."""
    spec = table.spec
    if spec.timestamp is None or spec.hides(spec.timestamp):
        return ""
    extent = extent_of(table, now)
    return f"; {extent.advice(window)}" if extent else "; no row has an event time"
