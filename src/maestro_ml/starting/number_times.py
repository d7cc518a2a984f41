"""Whole numbers and texts that are times: milliseconds since 1970, 20240131, Jan 31, 2024."""

import re
from datetime import UTC, datetime
from typing import Any

from maestro_ml.sql.types import ColumnType

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_WORDS = frozenset({"at", "date", "datetime", "time", "timestamp", "ts", "epoch", "when", "day", "created", "updated"})
_OLDEST, _NEWEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp(), datetime(2050, 1, 1, tzinfo=UTC).timestamp()
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_YEARS = (1000, 2999)
# months, and dates with the name of a month, which the readings of a CSV file leave out
_MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%m.%Y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
_WITH_NAMES = ("%b %d %Y", "%b %d, %Y", "%B %d %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")


def sounds_like_a_time(name: str) -> bool:
    """Return whether one of the words of a name, such as `event_ts` or `createdAt`, is of times."""
    return any(part.lower() in _WORDS for part in _PARTS.findall(name))


def time_of_numbers(name: str, low: int, high: int) -> tuple[ColumnType, dict[str, str]] | None:
    """Return the type and the keys that read a column's whole numbers as times; None where they are numbers."""
    if not sounds_like_a_time(name):
        return None
    for unit, many in _UNITS.items():
        if _OLDEST * many <= low and high <= _NEWEST * many:
            return "timestamp", {"unit": unit}
    if _is_a_day(low) and _is_a_day(high):
        return "date", {"format": "%Y%m%d"}
    return None


def formats_with_months(low: object, high: object) -> tuple[str, ...]:
    """Return the formats, of months and of dates with the name of a month, that read two texts."""
    return tuple(form for form in (*_WITH_NAMES, *_MONTHS) if _reads(form, low) and _reads(form, high))


def are_years(low: Any, high: Any) -> bool:
    """Return whether numbers can be years."""
    return isinstance(low, int) and isinstance(high, int) and _YEARS[0] <= low and high <= _YEARS[1]


def _is_a_day(number: int) -> bool:
    try:
        datetime.strptime(str(number), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return len(str(number)) == len("20240131")


def _reads(form: str, text: object) -> bool:
    try:
        datetime.strptime(str(text), form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
