"""Thresholds of Soda, in SodaCL and in contracts, as bounds and tolerances of checks."""

import re
from collections.abc import Mapping
from typing import Any

from maestro_ml.importers.bounds import is_number, whole_bounds
from maestro_ml.importers.suite import NoCounterpart

_NUMBER = r"-?\d+(?:\.\d+)?"
_BETWEEN = re.compile(rf"(not )?between\s*([\[(]?)\s*({_NUMBER})\s*%?\s*and\s*({_NUMBER})\s*%?\s*([\])]?)")
_COMPARED = re.compile(rf"(!=|<>|<=|>=|<|>|=)\s*({_NUMBER})\s*%?")
_KEYS = {"<": "below", "<=": "max", ">": "above", ">=": "min"}
_MUST_BE = {
    "must_be_less_than": "below",
    "must_be_less_than_or_equal_to": "max",
    "must_be_less_than_or_equal": "max",
    "must_be_greater_than": "above",
    "must_be_greater_than_or_equal_to": "min",
    "must_be_greater_than_or_equal": "min",
    "less_than": "below",
    "less_than_or_equal": "max",
    "greater_than": "above",
    "greater_than_or_equal": "min",
}
_OPPOSITE = {"below": "min", "max": "above", "above": "max", "min": "below"}


def parsed(text: str) -> dict[str, float]:
    """Return the bounds that a threshold such as `between 1 and 5` or `< 10%` sets."""
    text = text.strip()
    if found := _BETWEEN.fullmatch(text):
        negated, opening, low, high, closing = found.groups()
        if negated:
            raise NoCounterpart(f"a check's numbers lie inside bounds, and these are to be outside: {text}")
        return {"above" if opening == "(" else "min": _number(low), "below" if closing == ")" else "max": _number(high)}
    if found := _COMPARED.fullmatch(text):
        sign, value = found[1], _number(found[2])
        if sign in ("!=", "<>"):
            raise NoCounterpart(f"no check says that a number is not {value:g}")
        return {"min": value, "max": value} if sign == "=" else {_KEYS[sign]: value}
    raise NoCounterpart(f"the threshold {text!r} is no comparison with numbers")


def opposite(text: str) -> dict[str, float]:
    """Return the bounds that hold where a condition such as `> 10`, of a warning or a failure, does not."""
    text = text.removeprefix("when").strip()
    if found := _BETWEEN.fullmatch(text):
        if found[1]:
            return parsed(text.removeprefix("not").strip())
        raise NoCounterpart(f"a check's numbers lie inside bounds, and these are to be outside: {text}")
    if re.fullmatch(r"(!=|<>)\s*" + _NUMBER, text):
        return parsed("= " + text[2:].strip())
    bounds = parsed(text)
    if len(bounds) > 1:
        raise NoCounterpart(f"no check says that a number is not one: {text}")
    return {_OPPOSITE[key]: value for key, value in bounds.items()}


def must_be(keys: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the bounds that the keys `must_be...` of a contract set; None where there are none."""
    found: dict[str, float] = {}
    for key, value in keys.items():
        if key == "must_be":
            found |= {"min": value, "max": value}
        elif key == "must_be_between" and isinstance(value, list):
            found |= {"min": value[0], "max": value[1]}
        elif key == "must_be_between" and isinstance(value, dict):
            found |= must_be(value) or {}
        elif key in _MUST_BE:
            found[_MUST_BE[key]] = value
        elif key.startswith("must_"):
            raise NoCounterpart(f"a check's numbers lie inside bounds, which {key} is not")
    if any(not is_number(value) for value in found.values()):
        raise NoCounterpart(f"a threshold is a number, and this is {found}")
    return found or None


def tolerance(bounds: Mapping[str, float], metric: str) -> dict[str, float]:
    """Return how many rows may fail, or which share, for the bounds of a count or a percentage."""
    bounds = {key: value for key, value in bounds.items() if not (key == "min" and value == 0)}
    if low := [key for key in bounds if key in ("min", "above")]:
        raise NoCounterpart(f"a check says how many rows may fail, not how many must: {low[0]} {bounds[low[0]]:g}")
    if metric == "count":
        most = whole_bounds(bounds)["max"]
        if most < 0:
            raise NoCounterpart("less than none can fail")
        return {"max_count": most} if most else {}
    [(_, value)] = bounds.items()
    return {"max_share": float(f"{value / 100:.12g}")} if value else {}


def is_strict(bounds: Mapping[str, float], metric: str) -> bool:
    """Return whether a percentage must lie below its limit, which a share may reach."""
    return metric == "percent" and bounds.get("below", 0) > 0


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)
