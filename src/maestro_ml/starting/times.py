"""Which column says when a row happened, and how long the windows of a table can be."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import TIMES
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.rows import all_rows
from maestro_ml.tables import LocalTable

_NAMES = ("timestamp", "time", "at", "date", "datetime", "event_time", "created", "created_at", "day", "ts", "when")
_BIRTH = re.compile(r"birth|(^|_)(dob|born)($|_)|geburt|naissance|nacimiento")  # is of somebody, not of the row
_END = re.compile(r"expir|valid_(to|until)|(^|_)(due|end|until|deadline)($|_)")  # may lie in the future
_LENGTHS = (timedelta(days=365), timedelta(days=91), timedelta(days=30), timedelta(days=7), timedelta(days=1))
_WINDOWS = 4  # that the data should hold
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Times:
    """The column of event times, why it is that one, and the oldest and newest of them."""

    column: Column
    why: str
    oldest: datetime
    newest: datetime

    @property
    def span(self) -> timedelta:
        return self.newest - self.oldest

    @property
    def window(self) -> timedelta:
        """The length of a validation's window: a day, a week, a month ... of which the data hold some; else all."""
        return next((length for length in _LENGTHS if self.span >= _WINDOWS * length), self.whole)

    @property
    def whole(self) -> timedelta:
        """A window that holds all rows, in whole days or hours."""
        unit = _DAY if self.span >= 2 * _DAY else _HOUR
        return unit * (self.span // unit + 1)


def times_of(table: Described, name: str | None) -> Times | None:
    """Return the event times: of the column of this name, or of the one that looks most like it; None for `none`.

    Raises:
        RequestError: there is no such column, or it holds no times.
    """
    if name == "none":
        return None
    possible = [c for c in table.columns if c.type in TIMES and c.filled and c.low != c.high]
    if name is not None:
        column = table.column(name)
        if column not in possible or column is None:
            there = ", ".join([*(c.name for c in possible), "none"])
            raise RequestError(f"--time {name}: no column with times; there are: {there}")
        return _times(column, "it was named")
    possible = [c for c in possible if not _BIRTH.search(c.name.lower())]
    possible = [c for c in possible if not _END.search(c.name.lower())] or possible
    whole = [c for c in possible if not c.missing] or possible
    if not whole:
        return None
    if len(possible) == 1:
        return _times(possible[0], "the only column with times")
    for known in _NAMES:
        for column in whole:
            if column.name.lower() == known:
                return _times(column, f"of {_names(possible)} the one with such a name")
    return _times(whole[0], f"the first of {_names(possible)}; --time names another")


def test_length(table: LocalTable, times: Times) -> timedelta:
    """Return the length of the last part of the data, which holds about a quarter of the rows."""
    cast = f"{quoted(times.column.name)}::TIMESTAMPTZ"
    [(third,)] = all_rows(table).aggregate(f"quantile_disc({cast}, 0.75)").fetchall()
    length = times.newest - _moment(third)
    unit = _DAY if length >= 2 * _DAY else _HOUR if length >= 2 * _HOUR else timedelta(minutes=1)
    return max(unit, unit * (length // unit))


def _times(column: Column, why: str) -> Times:
    return Times(column, why, _moment(column.low), _moment(column.high))


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise RequestError(f"'{value}' is outside the calendar, which runs from year 1 to 9999")


def _names(columns: list[Column]) -> str:
    return ", ".join(column.name for column in columns)
