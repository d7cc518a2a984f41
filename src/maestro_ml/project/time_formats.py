"""Formats of dates and times in the project file, as strptime writes them."""

import re

ISO = "iso8601"
_DIRECTIVE = re.compile("%(-?.|$)")
_KNOWN = set("aAbBdfHIjmMnpSyYzZ%") | {"-d", "-H", "-I", "-j", "-m", "-M", "-S", "-y"}
_TIME = set("HIMSfnpzZ") | {"-H", "-I", "-M", "-S"}
_PARTS = (
    ("the day", set("dj") | {"-d", "-j"}),
    ("the month", set("bBmj") | {"-m", "-j"}),
    ("the year", set("yY") | {"-y"}),
)


def check_format(text: str, times: bool) -> str:
    """Return a format that says day, month and year, or month and year only: its first day is meant.

    Raises:
        ValueError: it does not, holds a directive that strptime of DuckDB does not know, or a time of day (`times` is
            false) that a date has not.
    """
    found = _DIRECTIVE.findall(text)
    if unknown := next((each for each in found if each not in _KNOWN), None):
        raise ValueError(
            f"%{unknown} is not part of a format; a format is written like %d/%m/%Y or %Y-%m-%dT%H:%M:%S%z"
        )
    is_month = not _TIME & {*found}
    for what, directives in _PARTS:
        if not directives & {*found} and not (is_month and what == "the day"):
            raise ValueError(f"the format does not say where {what} stands, such as %d/%m/%Y")
    if not times and _TIME & {*found}:
        raise ValueError("a date has no time of day; a format with one is the `timestamp_format`")
    return text
