"""Numbers as people read them. Two numbers that differ read differently, however close they are."""

import math
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from maestro_ml.core.node import format_duration

_SMALLEST_SHOWN = 0.0001
_PLAIN = 1e15  # larger numbers are shown with an exponent
_WHOLE = 1e22  # larger doubles are shown with an exponent where every digit counts
_SIX = 1e6
_DOUBLE = 17  # digits distinguish all doubles

Numeric = int | float | Decimal


def plural(count: int, word: str) -> str:
    """Write a count of things, such as `1 check` or `1,204 checks`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """Write a share, such as `8,255 of 336,776 (2.45 %)`; a share that is not zero never reads as zero."""
    if not part:
        return f"0 of {whole:,}"
    shown = f"{100 * part / whole:.2f}" if part / whole >= _SMALLEST_SHOWN else "under 0.01"
    return f"{part:,} of {whole:,} ({shown} %)"


def share_against(part: int, whole: int, limit: float) -> str:
    """Return the same, with the digits that say on which side of a limit (a share) it is."""
    if not part or part / whole < _SMALLEST_SHOWN <= limit:
        return share(part, whole)
    return f"{part:,} of {whole:,} ({percent_against(part / whole, limit, '.2f')})"


def percent(ratio: float) -> str:
    return f"{100 * ratio:.4g} %"


def percent_limit(ratio: float) -> str:
    """Return a limit as it was given, every digit of it."""
    return f"{format(_hundredfold(ratio).normalize(), 'f')} %"


def percent_against(ratio: float, limit: float, form: str = ".4g") -> str:
    """Return a share in per cent, with the digits that say on which side of a limit it is."""
    bound = _hundredfold(limit)
    for shown in _longer(100 * ratio, form):
        if _order(_read(shown), bound) == _order(ratio, limit):
            return f"{shown} %"
    return percent_limit(ratio)


def number(value: Numeric | None, absent: str = "none") -> str:
    """Write a number with six digits, a whole one below 10^15 with all of them, and with separators."""
    if value is None:
        return absent
    size: Any = abs(value)
    return f"{value:,.0f}" if _SIX <= size < _PLAIN else f"{value:,.6g}"


def numbers(*values: Numeric | None, absent: str = "none") -> list[str]:
    """Write numbers beside each other, short, but with enough digits that different ones read differently."""
    different = len(set(values))

    def shown(form: Callable[[Numeric], str]) -> list[str]:
        return [absent if value is None else form(value) for value in values]

    forms: list[Callable[[Numeric], str]] = [number]
    forms += [lambda value, digits=digits: f"{value:,.{digits}g}" for digits in (9, 12, _DOUBLE)]  # type: ignore[misc]
    for form in forms:
        texts = shown(form)
        if len(set(texts)) == different:
            return texts
    return shown(exact)


def percents(*ratios: float) -> list[str]:
    """Write shares in per cent beside each other, as `numbers` does."""
    for digits in (4, 6, 9, 12):
        texts = [f"{100 * ratio:.{digits}g} %" for ratio in ratios]
        if len(set(texts)) == len(set(ratios)):
            return texts
    return [percent_limit(ratio) for ratio in ratios]


def between(low: Numeric | None, high: Numeric | None) -> str:
    """Write bounds as they were given: `at least 3`, `at most 5`, or `at least 3, at most 5`."""
    bounds = (("at least", low), ("at most", high))
    return ", ".join(f"{word} {exact(bound)}" for word, bound in bounds if bound is not None)


def against(value: Numeric, *limits: Numeric | None, form: str = ".6g") -> str:
    """Return a number with the digits that say on which side of each limit it is.

    Args:
        form: how it is shown where that is enough, such as `.4f`; limits are shown by `exact`.
    """
    bounds = [limit for limit in limits if limit is not None]
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value:,{form}}"
    forms = [number(value)] if form == ".6g" else []
    for shown in (*forms, *_longer(value, form)):
        there = _read(shown)
        if all(_order(there, _read(exact(bound))) == _order(value, bound) for bound in bounds):
            return shown
    return exact(value)


def exact(value: Numeric | str | None, absent: str = "none") -> str:
    """Write every digit, with separators; return a text as it is."""
    if value is None or isinstance(value, str):
        return absent if value is None else value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return f"{value:,.0f}"
    return f"{value:,}"


def duration_against(value: timedelta, limit: timedelta) -> str:
    """Return a duration in whole seconds, with parts of them where these decide."""
    short = format_duration(value) or "0s"
    fraction = value.microseconds
    if not fraction or value == limit or short != format_duration(limit):
        return short
    seconds = f"{value.seconds % 60}.{fraction:06}".rstrip("0")
    minutes = format_duration(timedelta(days=value.days, seconds=value.seconds // 60 * 60))
    return f"{minutes} {seconds}s".strip()


def _longer(value: Numeric, form: str) -> list[str]:
    """Return the number in a form such as `.4f`, and with more and more digits."""
    first, kind = int(form[1:-1]), form[-1]
    return [f"{value:,.{digits}{kind}}" for digits in range(first, max(first, _DOUBLE) + 1)]


def _read(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("∞", "Infinity"))


def _hundredfold(ratio: float) -> Decimal:
    return Decimal(str(ratio)).scaleb(2)


def _order(value: Numeric, bound: Numeric) -> int:
    return (value > bound) - (value < bound)
