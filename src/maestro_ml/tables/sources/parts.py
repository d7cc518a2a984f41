"""Which columns and rows a source needs to give, where it can leave others out."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maestro_ml.checks.base import BaseCheck
from maestro_ml.core.window import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.patterns import is_pattern

MARGIN = timedelta(days=2)  # more than clocks differ
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def columns_read(dataset: Dataset) -> tuple[str, ...] | None:
    """Return the columns that the contract, a check, drift or anomalies name; None for all."""
    if reads_everything(dataset) or any(map(is_pattern, dataset.columns)):
        return None
    return tuple(dict.fromkeys((*dataset.columns, *dataset.used_columns())))


def reads_everything(dataset: Dataset) -> bool:
    """Return whether all columns are needed: there is no contract, or a check compares whole rows."""
    checks = (check for check in dataset.checks if isinstance(check, BaseCheck))
    return not dataset.columns or any(check.reads_every_column for check in checks)


def is_read(dataset: Dataset) -> Callable[[str], bool]:
    """Return what says of a column's name whether the contract, a check, drift or anomalies name it."""
    named = {name.lower() for name in (*dataset.columns, *dataset.used_columns())}
    return lambda name: name.lower() in named or dataset.column(name) is not None


def ranges_read(dataset: Dataset, windows: Sequence[Window] | None) -> tuple[tuple[datetime, datetime], ...] | None:
    """Return the times around windows of which rows are needed, in order and without overlaps; None for all rows."""
    if windows is None or dataset.timestamp is None:
        return None
    ranges: list[tuple[datetime, datetime]] = []
    for window in sorted(windows, key=lambda each: each.start):
        start, end = around(window)
        if ranges and start <= ranges[-1][1]:
            start, end = ranges[-1][0], max(end, ranges[-1][1])
            ranges.pop()
        ranges.append((start, end))
    return tuple(ranges)


def around(window: Window) -> tuple[datetime, datetime]:
    """Return the times around a window that its rows have by any clock."""
    return max(window.start, FIRST + MARGIN) - MARGIN, min(window.end, LAST - MARGIN) + MARGIN


def clock(moment: datetime, kind: str, zone: str) -> Any:
    """Return a moment as a column of this kind has it: an instant, a date, or the time of the zone's clock."""
    match kind:
        case "instant":
            return moment
        case "date":
            return _local(moment, zone).date()
        case _:
            return _local(moment, zone)


def last_before(end: datetime, kind: str, zone: str) -> Any:
    """Return the last value before a moment; a date's time is midnight."""
    tick = timedelta(microseconds=1)
    return (_local(end, zone) - tick).date() if kind == "date" else clock(end, kind, zone) - tick


def instant(value: Any, zone: str) -> datetime | None:
    """Return what a column has, as an instant; raises ValueError if it is no time."""
    if value is None:
        return None
    if not isinstance(value, date):  # such as text, where a driver has no other way to write the year 0
        raise ValueError(f"{value!r} is no time")  # noqa: TRY004 - the database is to blame, not the caller
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
