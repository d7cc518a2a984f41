"""Formats of dates and times, as in strftime, as regular expressions that every engine has.

A pattern alone decides, not an engine's own reading of dates: 31 April is none, 29 February is one in leap years.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_LONG, _SHORT, _FEBRUARY = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11), (2,)
_LEAP = "0[48]|[2468][048]|[13579][26]"  # two digits of a year that are divided by 4, without 00
_ANY_YEAR = {"Y": r"[0-9]{4}", "y": r"[0-9]{2}"}
_LEAP_YEAR = {
    "Y": rf"(?:[0-9]{{2}}(?:{_LEAP})|(?:{_LEAP}|00)00)",
    "y": rf"(?:{_LEAP}|00)",
}
_PLAIN = {
    "H": "(?:[01][0-9]|2[0-3])",
    "I": "(?:0[1-9]|1[0-2])",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{1,6}",
    "p": "[AaPp][Mm]",
    "z": "(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])",
    "%": "%",
}
_DAYS = {28: "(?:0[1-9]|1[0-9]|2[0-8])", 29: "29", 30: "(?:0[1-9]|[12][0-9]|30)", 31: "(?:0[1-9]|[12][0-9]|3[01])"}
_KNOWN = "%Y %y %m %b %B %d %H %I %M %S %f %p %z %%"
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


def pattern_of(form: str) -> str:
    """Return a pattern that matches exactly the texts in a format, each number with all its digits."""
    return "|".join(f"(?:{pattern})" for pattern in _alternatives(form))


def check_date_format(form: str) -> str:
    """Return the format if its texts can be recognised.

    Raises:
        ValueError: there is no directive in it, an unknown one, or one twice.
    """
    found = _DIRECTIVE.findall(form)
    for directive in found:
        if f"%{directive}" not in _KNOWN.split():
            raise ValueError(f"%{directive} is not a known directive; there are: {_KNOWN}")
    used = [directive for directive in found if directive != "%"]
    if not used:
        raise ValueError(f"a format holds directives, such as %Y-%m-%d; there are: {_KNOWN}")
    for alike in ("Yy", "mbB", "HI", *"dMSfpz"):
        if sum(directive in alike for directive in used) > 1:
            raise ValueError(f"{' and '.join(f'%{directive}' for directive in alike)} may stand once")
    return form


def _alternatives(form: str) -> Iterator[str]:
    """Yield patterns by the length of the month; of a format without a day and a month there is one."""
    if "d" not in _DIRECTIVE.findall(form) or not {*"mbB"} & {*_DIRECTIVE.findall(form)}:
        yield _filled(form, range(1, 13), 31)
        return
    yield _filled(form, _LONG, 31)
    yield _filled(form, _SHORT, 30)
    yield _filled(form, _FEBRUARY, 28)
    yield _filled(form, _FEBRUARY, 29)


def _filled(form: str, months: "tuple[int, ...] | range", days: int) -> str:
    years = _LEAP_YEAR if days == 29 else _ANY_YEAR  # noqa: PLR2004
    names = [_MONTHS[month - 1] for month in months]
    parts = {
        **_PLAIN,
        **years,
        "d": _DAYS[days],
        "m": f"(?:{'|'.join(f'{month:02}' for month in months)})",
        "b": f"(?:{'|'.join(name[:3] for name in names)})",
        "B": f"(?:{'|'.join(names)})",
    }
    texts = _DIRECTIVE.split(form)  # text and directive in turn
    return "".join(parts[text] if index % 2 else _literal(text) for index, text in enumerate(texts))


def _literal(text: str) -> str:
    return "".join(c if c.isalnum() or c == " " or not c.isascii() else f"\\{c}" for c in text)


DateFormat = Annotated[str, AfterValidator(check_date_format)]
