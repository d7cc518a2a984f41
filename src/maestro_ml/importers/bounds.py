"""Thresholds of other tools, as the tolerances and bounds of checks."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from maestro_ml.importers.suite import NoCounterpart


def rest_of(share: float) -> float | None:
    """Return the share that may fail where `share` must pass, in decimals as they are written; None for none."""
    rest = 1 - Decimal(str(share))
    if not 0 <= rest <= 1:
        raise NoCounterpart(f"{share} is no share")
    return float(rest) or None


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_time(value: Any) -> bool:
    """Return whether a value is a date or time, or a text in ISO 8601 that is one."""
    if isinstance(value, date):
        return True
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value.strip()))
    except ValueError:
        return False


def whole(value: Any, what: str) -> int:
    """Return a whole number; raises NoCounterpart if it is none."""
    if not is_number(value) or value != int(value):
        raise NoCounterpart(f"{what} {value!r} is no whole number")
    return int(value)


def whole_bounds(bounds: Mapping[str, Any]) -> dict[str, Any]:
    """Return bounds of a whole number as `min` and `max`."""
    found: dict[str, int] = {}
    for key, value in bounds.items():
        if not is_number(value):
            raise NoCounterpart(f"{key} {value!r} is no number")
        if key in ("min", "above"):
            found["min"] = math.ceil(value) if key == "min" else math.floor(value) + 1
        else:
            found["max"] = math.floor(value) if key == "max" else math.ceil(value) - 1
    if not found:
        raise NoCounterpart("it has no bound")
    return found


def plain_bounds(bounds: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return bounds that a check takes that has only `min` and `max`."""
    if strict := [key for key in bounds if key in ("above", "below")]:
        raise NoCounterpart(f"{what} has no strict bounds, and this one has {', '.join(strict)}")
    if not bounds:
        raise NoCounterpart("it has no bound")
    return dict(bounds)
