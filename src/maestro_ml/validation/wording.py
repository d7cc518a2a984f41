"""Numbers as people read them."""

import math

_SMALLEST_SHOWN = 0.0001


def share(part: int, whole: int) -> str:
    """Such as `8,255 of 336,776 (2.45 %)`; a share that is not zero never reads as zero."""
    if not part:
        return f"0 of {whole:,}"
    shown = f"{100 * part / whole:.2f}" if part / whole >= _SMALLEST_SHOWN else "under 0.01"
    return f"{part:,} of {whole:,} ({shown} %)"


def percent(ratio: float) -> str:
    return f"{100 * ratio:.4g} %"


def exact(value: int | float | str | None, absent: str = "none") -> str:
    """Every digit, with separators; a text as it is."""
    if value is None or isinstance(value, str):
        return absent if value is None else value
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:,}"


def number(value: float | None, absent: str = "none") -> str:
    """Up to six digits, with separators."""
    return absent if value is None else f"{value:,.6g}"
