"""The half-open time range a run is about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


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
        return cls(end - length, end)

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def previous(self, length: timedelta | None = None) -> "Window":
        """The window just before this one, of the same length unless another is given."""
        return Window.ending(self.start, length or self.length)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} .. {self.end:%Y-%m-%d %H:%M} UTC"


def _plain(moment: datetime) -> datetime:
    """The same instant as the standard library's datetime: Airflow's pendulum times lose their zone in arithmetic."""
    return datetime.fromtimestamp(moment.timestamp(), UTC)
