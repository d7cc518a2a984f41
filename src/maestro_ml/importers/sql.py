"""Predicates, written for maestro.yaml from parts of another tool's check."""

import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from maestro_ml.importers.suite import NoCounterpart
from maestro_ml.sql.identifiers import literal, quoted

_SIGNS = {"min": ">=", "above": ">", "max": "<=", "below": "<"}


def value_sql(value: Any) -> str:
    """Return a value as it stands in a predicate."""
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"{'TIMESTAMP' if isinstance(value, datetime) else 'DATE'} '{value.isoformat()}'"
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str | int):
        return literal(value)
    raise NoCounterpart(f"{json.dumps(value, default=str)} is no number, text or truth value")


def values_sql(values: Iterable[Any]) -> str:
    return ", ".join(value_sql(value) for value in values)


def bounds_sql(expression: str, bounds: dict[str, Any]) -> str:
    """Return that an expression lies between bounds; a text in ISO 8601 is compared as a text."""
    parts = (f"{expression} {_SIGNS[key]} {value_sql(value)}" for key, value in bounds.items())
    return " AND ".join(parts)


def all_of(*conditions: str | None) -> str | None:
    """Return that all conditions hold; None where there are none."""
    given = [condition for condition in conditions if condition]
    if len(given) < 2:  # noqa: PLR2004
        return given[0] if given else None
    return " AND ".join(f"({condition})" for condition in given)


def any_present(columns: Iterable[str]) -> str:
    return " OR ".join(f"{quoted(name)} IS NOT NULL" for name in columns)


def all_present(columns: Iterable[str]) -> str:
    return " AND ".join(f"{quoted(name)} IS NOT NULL" for name in columns)


def matches(column: str, pattern: str) -> str:
    """Return that a part of a text matches a pattern."""
    return f"regexp_matches({quoted(column)}, {literal(pattern)})"


def whole_text(pattern: str) -> str:
    """Return the pattern for whole texts that matches where this one matches a part of them."""
    is_one = "|" not in pattern
    start, end = is_one and pattern.startswith("^"), is_one and pattern.endswith("$") and not pattern.endswith(r"\$")
    core = pattern.removeprefix("^") if start else pattern
    core = core.removesuffix("$") if end else core
    core = core if is_one and "(?" not in core else f"(?:{core})"
    return f"{'' if start else '(?s:.*)'}{core}{'' if end else '(?s:.*)'}"
