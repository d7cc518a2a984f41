"""Schedules: five cron fields, or one of Airflow's presets."""

import re
from calendar import monthrange
from datetime import date, timedelta

from maestro_ml.core.near_names import did_you_mean

PRESETS = ("@once", "@continuous", "@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly", "@annually")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (  # name, smallest and largest value, names of the values from the smallest
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?")
_SPECIAL = re.compile(r"[lL]|\w+#\w+|\d+[wW]|\?|[hHrR](\(.*\))?|[lL]\d|\d[lL]")  # what only a scheduler understands


def check_schedule(text: str) -> str:
    """Return the schedule, if every field of it can be met.

    Raises:
        ValueError: names the field, and what it may hold.
    """
    if text.startswith("@"):
        if text not in PRESETS:
            raise ValueError(f"no schedule {text}{did_you_mean(text, PRESETS)}")
        return text
    for field, (name, low, high, names) in zip(text.split(), _FIELDS, strict=False):
        for part in field.split(","):
            if not _SPECIAL.fullmatch(part) and not _is_met(part, low, high, names):
                raise ValueError(f"'{part}' is no {name}; it runs from {low} to {high}, as in 1, 1-5, */2 or 1,3")
    if not _has_a_day(text.split()):
        raise ValueError("no month has such a day, so it never occurs")
    return text


def _has_a_day(fields: list[str]) -> bool:
    """Return whether one of the months has one of the days; days of the week occur in every month."""
    _, _, days, months, weekdays = fields
    if not weekdays.startswith("*") or any(_SPECIAL.fullmatch(part) for part in f"{days},{months}".split(",")):
        return True
    lengths = [monthrange(2024, month)[1] for month in _values(months, *_FIELDS[3][1:])]
    return min(_values(days, *_FIELDS[2][1:])) <= max(lengths)


def _is_met(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    match = _PART.fullmatch(part)
    if not match or match[3] == "0":
        return False
    ends = [_value(end, low, names) for end in match.groups()[:2] if end is not None]
    return all(low <= end <= high for end in ends) and (len(ends) < 2 or ends[0] <= ends[1] or bool(names))  # noqa: PLR2004


def _value(text: str, low: int, names: tuple[str, ...]) -> int:
    name = text.lower()[:3]
    return low + names.index(name) if name in names else int(text) if text.isdecimal() and len(text) < 5 else -1  # noqa: PLR2004


_PER_YEAR = {"@hourly": 8760, "@daily": 365, "@weekly": 52, "@monthly": 12, "@quarterly": 4}
_PER_YEAR |= {"@yearly": 1, "@annually": 1}


def runs_per_year(schedule: str | None) -> int | None:
    """Count the runs of a schedule in a year of 365 days that begins on a Monday; None where they cannot be counted."""
    if schedule is None or schedule.startswith("@"):
        return _PER_YEAR.get(schedule or "")
    fields = schedule.split()
    if any(_SPECIAL.fullmatch(part) for field in fields for part in field.split(",")):
        return None
    minutes, hours, days, months, weekdays = (
        _values(field, low, high, names) for field, (_, low, high, names) in zip(fields, _FIELDS, strict=True)
    )
    weekdays = {day % 7 for day in weekdays}
    either = not fields[2].startswith("*") and not fields[4].startswith("*")  # cron then takes days that match one
    first = date(2001, 1, 1)
    dates = 0
    for day in (first + timedelta(days=number) for number in range(365)):
        matches = day.day in days, day.isoweekday() % 7 in weekdays
        dates += day.month in months and (any(matches) if either else all(matches))
    return dates * len(hours) * len(minutes)


def _values(field: str, low: int, high: int, names: tuple[str, ...]) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"'{part}' has not been checked")
        first, last = low, high
        if match[1] is not None:
            first = _value(match[1], low, names)
            # 5/10 is from 5 on
            last = _value(match[2], low, names) if match[2] else high if match[3] else first
        values = range(first, last + 1) if first <= last else (*range(first, high + 1), *range(low, last + 1))
        found |= {value for place, value in enumerate(values) if place % int(match[3] or 1) == 0}
    return found
