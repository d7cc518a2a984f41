"""Schedules: five cron fields, or one of Airflow's presets."""

import re

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
            raise ValueError(f"no schedule {text}; known: {', '.join(PRESETS)}")
        return text
    for field, (name, low, high, names) in zip(text.split(), _FIELDS, strict=False):
        for part in field.split(","):
            if not _SPECIAL.fullmatch(part) and not _is_met(part, low, high, names):
                raise ValueError(f"'{part}' is no {name}; it runs from {low} to {high}, as in 1, 1-5, */2 or 1,3")
    return text


def _is_met(part: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    match = _PART.fullmatch(part)
    if not match or match[3] == "0":
        return False
    ends = [_value(end, low, names) for end in match.groups()[:2] if end is not None]
    return all(low <= end <= high for end in ends) and (len(ends) < 2 or ends[0] <= ends[1] or bool(names))  # noqa: PLR2004


def _value(text: str, low: int, names: tuple[str, ...]) -> int:
    name = text.lower()[:3]
    return low + names.index(name) if name in names else int(text) if text.isdecimal() and len(text) < 5 else -1  # noqa: PLR2004
