"""The half-open time range a run is about."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6})(?:\.(\d{6}))?Z")


@dataclass(frozen=True)
class Window:
    """`[start, end)` in UTC. Taken from the run, never from the wall clock."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs timezone-aware times")
        if self.start >= self.end:
            raise ValueError(f"a window must start before it ends: {self.start.isoformat()} .. {self.end.isoformat()}")
        object.__setattr__(self, "start", _plain(self.start))
        object.__setattr__(self, "end", _plain(self.end))

    @classmethod
    def ending(cls, end: datetime, length: timedelta) -> "Window":
        if end.tzinfo is not None:
            end = _plain(end)  # on a clock that is put back, an hour earlier is not an hour before
        return cls(end - length, end)

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def previous(self, length: timedelta | None = None) -> "Window":
        """Return the window just before this one, of the same length unless another is given."""
        return Window.ending(self.start, length or self.length)

    def __str__(self) -> str:
        """Say it to a person. No identity: `stamp` of both ends is one."""
        shown = "minutes" if not any(end.second or end.microsecond for end in (self.start, self.end)) else "auto"
        start, end = (end.replace(tzinfo=None).isoformat(" ", shown) for end in (self.start, self.end))
        return f"{start} .. {end} UTC"


def stamp(moment: datetime) -> str:
    """Write an instant as a part of a name, such as 2024-01-31T000000Z; microseconds make two instants differ."""
    return f"{_plain(moment).replace(tzinfo=None).isoformat().replace(':', '')}Z"


def stamped(name: str) -> datetime | None:
    """Return the instant whose `stamp` a name starts with; None if it starts with none."""
    found = _STAMP.match(name)
    if not found:
        return None
    try:
        moment = datetime.strptime(found[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.replace(microsecond=int(found[2] or 0))


def _plain(moment: datetime) -> datetime:
    """Return the instant as a standard datetime: Airflow's pendulum times lose their zone in arithmetic."""
    utc = moment.astimezone(UTC)
    return datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC)
