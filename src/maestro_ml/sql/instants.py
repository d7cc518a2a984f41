"""SQL for the instant a time column holds: exact, whatever the unit, and with the zone that its clock shows.

DuckDB rounds nanoseconds when it casts them to microseconds, so that the last of a day lands in the next; and it cannot
hold times before 1678 or after 2262 as nanoseconds. Here nothing is rounded and nothing overflows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from maestro_ml.sql.types import is_naive, kind_of

if TYPE_CHECKING:
    from maestro_ml.core.window import Window

_WIDEST_OFFSET = timedelta(days=1)  # no timezone is further from UTC
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_FIRST_IN_NS, _LAST_IN_NS = "1677-09-21 00:12:43.145224194", "2262-04-11 23:47:16.854775806"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_NS, _MOST_NS = -(2**63) + 2, 2**63 - 2  # beyond are the infinite ones, and null
_AS_UTC = ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ_NS")
_BEYOND = 10**30  # further from 1970 than any time, in nanoseconds


@dataclass(frozen=True)
class TimeSql:
    """SQL of a time.

    Attributes:
        sql: an expression; it can be repeated.
        stored: its type in DuckDB: of kind timestamp or date.
        zone: what the clock of a time without one shows; its name was checked when the project was loaded.
    """

    sql: str
    stored: str
    zone: str

    @property
    def is_local(self) -> bool:
        """Whether it is a clock's time, an instant only together with the zone."""
        return kind_of(self.stored) == "date" or is_naive(self.stored)

    @property
    def in_nanoseconds(self) -> bool:
        return self.stored.endswith("_NS")

    @property
    def microsecond(self) -> str:
        """The time in whole microseconds, never later than it is: a TIMESTAMP where it is local, else a TIMESTAMPTZ."""
        wider = "TIMESTAMP" if self.is_local else "TIMESTAMPTZ"
        if not self.in_nanoseconds:
            return f"({self.sql}::{wider})"
        count = f"epoch_ns({self.sql})"
        floor = f"{count} // 1000 - (CASE WHEN {count} % 1000 < 0 THEN 1 ELSE 0 END)"
        make = "make_timestamp" if self.is_local else "make_timestamptz"
        return f"coalesce({make}({floor}), {self.sql}::{wider})"  # an infinite time has no number

    @property
    def beyond_microseconds(self) -> str:
        """How many nanoseconds later than `microsecond` a time in nanoseconds is."""
        return f"(epoch_ns({self.sql}) % 1000 + 1000) % 1000"

    @property
    def floor(self) -> str:
        """The instant in whole microseconds, never later than it is, as TIMESTAMPTZ.

        It is in the same windows: their ends are whole microseconds.
        """
        return f"({self.microsecond} AT TIME ZONE '{self.zone}')" if self.is_local else self.microsecond

    def nanoseconds(self, *, local: bool) -> str:
        """Return nanoseconds since 1970 (on its clock, if `local`) as HUGEINT, to compare any time with any other."""
        count = f"epoch_us({self.microsecond if local else self.floor})::HUGEINT * 1000"
        if self.in_nanoseconds:
            count += f" + {self.beyond_microseconds}"
        infinite = f"CASE WHEN {self.sql} > '2000-01-01'::{self.stored} THEN {_BEYOND} ELSE -{_BEYOND} END::HUGEINT"
        return f"(CASE WHEN {self.sql} IS NOT NULL THEN coalesce({count}, {infinite}) END)"


def comparable(*times: TimeSql) -> list[str]:
    """Return SQL for each of the times that compares and sorts as their instants do."""
    # Of two clocks in one zone the later shows the later time, but in an hour that is left out.
    local = all(time.is_local for time in times) and len({time.zone for time in times}) == 1
    if len({time.stored for time in times}) == 1 and (local or not any(time.is_local for time in times)):
        return [time.sql for time in times]
    if any(time.in_nanoseconds for time in times):
        return [time.nanoseconds(local=local) for time in times]
    return [time.microsecond if local else time.floor for time in times]


def within(time: TimeSql, window: "Window") -> str | None:
    """Return SQL that selects the times in a window by the bare column, which is fastest; None if they are not UTC."""
    if time.stored not in _AS_UTC or (time.is_local and time.zone != "UTC"):
        return None
    if not time.in_nanoseconds:
        start, end = (
            f"'{moment.replace(tzinfo=None).isoformat(' ')}'::TIMESTAMP" for moment in (window.start, window.end)
        )
        return f"{time.sql} >= {start} AND {time.sql} < {end}"
    first, last = (max(_nanoseconds(moment), _LEAST_NS) for moment in (window.start, window.end))
    if first > _MOST_NS or last == _LEAST_NS:
        return "FALSE"
    # Inclusive at the end: above the largest finite time there is the infinite one, in no window.
    start, end = (f"make_timestamp_ns({count})" for count in (first, min(last - 1, _MOST_NS)))
    return f"{time.sql} BETWEEN {start}::{time.stored} AND {end}::{time.stored}"


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def around(window: "Window", stored: str) -> tuple[str, str]:
    """Return times of a type, as text, that enclose the window's rows in any zone."""
    first = window.start - min(_WIDEST_OFFSET, window.start - _FIRST)
    last = window.end + min(_WIDEST_OFFSET, _LAST - window.end)
    texts = (moment.replace(tzinfo=None).isoformat(" ") for moment in (first, last))
    earliest, latest = (min(max(t, _FIRST_IN_NS), _LAST_IN_NS) if stored.endswith("_NS") else t for t in texts)
    return earliest, latest
