"""Missing values, ranges, and the few values a text column takes."""

from typing import Any

from maestro_ml.core.wording import number, plural, share
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import NUMERIC
from maestro_ml.validation.suggest.limits import bounds, tolerated_share
from maestro_ml.validation.suggest.suggestion import Suggestion
from maestro_ml.validation.suggest.window import ENVIRONMENT, LearntWindow

_MOST_VALUES, _ROWS_A_VALUE = 20, 10  # a list of allowed values needs that many rows for each
_MOST_NUMBERS = 10  # whole numbers that may be codes or marks; more are a measurement


def missing(window: LearntWindow, name: str) -> Suggestion | None:
    count, stored = window.found(name)["missing"], window.dataset.types[name]
    if count == window.rows:
        window.notes.append(f"{name!r} holds no value in this window")
        return None
    if not count and not window.column(name).nullable and stored not in ("FLOAT", "DOUBLE"):
        return None  # `nullable: false` says it
    check: dict[str, Any] = {"check": "missing", "column": name}
    if count:
        check["max_share"] = tolerated_share(count / window.rows)
    return Suggestion(check, f"{share(count, window.rows)} missing")


def value_range(window: LearntWindow, name: str) -> Suggestion | None:
    column, values, kind = window.column(name), window.found(name), window.kind(name)
    if column.type not in NUMERIC or kind not in NUMERIC or column.pii or values["low"] is None:
        return None
    if name in window.spec.keys or window.looks_unique(name):
        return None  # a number that names a row has no range
    if values.get("plus_infinity") or values.get("minus_infinity"):
        window.notes.append(f"{name!r} holds infinities: no range is proposed")
        return None
    low, high = bounds(values["low"], values["high"], whole=kind == "integer")
    found = f"{number(values['low'])} to {number(values['high'])} in this window"
    return Suggestion({"check": "range", "column": name, "min": low, "max": high}, found)


def allowed_numbers(window: LearntWindow, name: str) -> Suggestion | None:
    """Return the list of a column's whole numbers, where they are few and follow each other, as 0 and 1 do.

    In a column of type number only 0 and 1 are marks; others are measurements.
    """
    column, values = window.column(name), window.found(name)
    low, high = values.get("low"), values.get("high")
    kind = window.kind(name)
    if kind not in NUMERIC or column.type not in NUMERIC or column.pii or low is None:
        return None
    filled = window.rows - values["missing"]
    is_flag = (low, high) == (0, 1)
    if kind == "number" and not is_flag:
        return None
    if not is_flag and not (0 < high - low < _MOST_NUMBERS and filled >= _ROWS_A_VALUE * (high - low + 1)):
        return None
    if name in window.spec.keys or window.looks_unique(name):
        return None
    present = window.window_rows.rows.filter(f"NOT {window.dataset.missing(name)}")
    distinct = present.project(quoted(name)).distinct().limit(int(high - low) + 2)
    found = [value for (value,) in distinct.fetchall()]
    listed = sorted(int(value) for value in found)
    if len(listed) != high - low + 1 or any(value != int(value) for value in found):
        return None  # a gap: not all values have been seen; or a number between two
    return Suggestion(
        {"check": "allowed", "column": name, "values": listed},
        f"{plural(len(listed), 'value')} in {plural(filled, 'row')}",
    )


def allowed(window: LearntWindow, name: str) -> Suggestion | None:
    column, values = window.column(name), window.found(name)
    few = window.kind(name) == column.type == "string" and values["distinct"] <= 2 * _MOST_VALUES
    if not few or column.pii:
        return None
    present = window.window_rows.rows.filter(f"{quoted(name)} IS NOT NULL")
    texts = present.project(f"{quoted(name)}::VARCHAR AS value").distinct().order("value").limit(_MOST_VALUES + 1)
    listed = [value for (value,) in texts.fetchall()]
    filled = window.rows - values["missing"]
    if not listed or len(listed) > _MOST_VALUES or filled < _ROWS_A_VALUE * len(listed):
        return None
    if any(ENVIRONMENT in value for value in listed):
        window.notes.append(f"{name!r} holds {ENVIRONMENT}...}}: no list of values is proposed")
        return None
    return Suggestion(
        {"check": "allowed", "column": name, "values": listed},
        f"{plural(len(listed), 'value')} in {plural(filled, 'row')}",
    )
