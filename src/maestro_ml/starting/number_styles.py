"""How numbers are written in a table of text: the sign before the decimals, and between groups of three digits."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

Style = tuple[str, str]  # the sign before the decimals; that between thousands, or none
PLAIN: Style = (".", "")
_STYLES: tuple[Style, ...] = ((",", ""), (",", "."), (",", " "), (",", "\u00a0"), (",", "'"))
_STYLES += ((".", ","), (".", " "), (".", "'"))
_HALF = 0.5
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")


def styles_of(columns: Mapping[str, Sequence[str | None]], delimiter: str) -> dict[str, Any]:
    """Return the keys of a CSV source that say how its numbers are written; none where they are as in SQL.

    Args:
        columns: the first texts of each column.
        delimiter: of the fields; where it is a comma, `"1,234"` is read as 1234.
    """
    texts = {name: [text.strip() for text in head if text is not None] for name, head in columns.items()}
    found = {name: style for name, there in texts.items() if (style := _style(there, delimiter)) != PLAIN}
    if not found:
        return {}
    points = {name: [t for t in there if _is(t, PLAIN) and "." in t] for name, there in texts.items()}
    points = {name: there for name, there in points.items() if there and name not in found}
    decimals = {decimal for decimal, _ in found.values()}
    thousands = {sign for _, sign in found.values() if sign}
    if decimals == {","} and all(_GROUPED.fullmatch(text) for there in points.values() for text in there):
        thousands |= {"."} if points else set()
        points = {}
    if len(decimals) == 1 and len(thousands) <= 1 and (decimals == {"."} or not points):
        return _keys((*decimals, *thousands) if thousands else (*decimals, ""))
    return {"columns": {name: _keys(style) for name, style in found.items()}}


def plain(text: str | None, style: Style) -> str | None:
    """Return the text of a number as SQL writes it; another text as it is."""
    if text is None or style == PLAIN or not _is(text.strip(), style):
        return text
    decimal, thousands = style
    return (text.replace(thousands, "") if thousands else text).replace(decimal, ".")


def _keys(style: Sequence[str]) -> dict[str, Any]:
    decimal, thousands = style
    return ({} if decimal == "." else {"decimal": decimal}) | ({"thousands": thousands} if thousands else {})


def _style(texts: Sequence[str], delimiter: str) -> Style:
    """Return the style that reads more of the texts than any before it."""
    best, read = PLAIN, sum(_is(text, PLAIN) for text in texts)
    if read == len(texts) or not any("0" <= text[-1:] <= "9" for text in texts):  # most columns
        return best
    for style in _STYLES:
        count = sum(_is(text, style) for text in texts)
        if count > read and count > _HALF * len(texts) and not (style[0] == "," and _are_groups(texts, delimiter)):
            best, read = style, count
    return best


def _are_groups(texts: Sequence[str], delimiter: str) -> bool:
    """Return whether each comma is before three digits, which in a file with commas means thousands."""
    return delimiter == "," and all("," not in t or re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", t) for t in texts)


def _is(text: str, style: Style) -> bool:
    return _pattern(style).fullmatch(text) is not None


@cache
def _pattern(style: Style) -> re.Pattern[str]:
    decimal, thousands = map(re.escape, style)
    digits = rf"(\d{{1,3}}({thousands}\d{{3}})+|\d+)" if thousands else r"\d+"
    return re.compile(rf"[+-]?({digits}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?")
