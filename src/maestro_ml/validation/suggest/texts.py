"""The shape of texts, or else their length."""

from typing import TYPE_CHECKING, Any

from maestro_ml.core.wording import number
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.validation.suggest.limits import half_and_twice
from maestro_ml.validation.suggest.shapes import LONGEST, shape_of
from maestro_ml.validation.suggest.suggestion import Suggestion
from maestro_ml.validation.suggest.window import LearntWindow

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_FEWEST_VALUES = 10  # distinct ones; fewer may be alike by chance
_LOOKED_AT = 2_000  # distinct values that a shape is made of
_ROUNDS = 4


def of_text(window: LearntWindow, name: str) -> Suggestion | None:
    """Return a pattern where every value has one evident shape; limits of the length otherwise."""
    described = window.column(name)
    if described.type != "string" or described.pii or window.dataset.types[name] != "VARCHAR":
        return None
    column = quoted(name)
    present = window.window_rows.rows.filter(f"{column} IS NOT NULL")
    pattern = None if window.declares("regex", name) else _pattern(present, column, window.found(name)["distinct"])
    if pattern:
        filled = window.rows - window.found(name)["missing"]
        return Suggestion(
            {"check": "regex", "column": name, "pattern": pattern}, f"all {filled:,} values look like this"
        )
    return _length(present, name)


def _pattern(present: "DuckDBPyRelation", column: str, distinct: int) -> str | None:
    """Return the shape of some of the values, widened by those that do not fit until all do."""
    some = present.filter(f"hash({column}) % {max(1, distinct // _LOOKED_AT)} = 0")
    values = _distinct(some, column)
    if len(values) < _FEWEST_VALUES:
        return None
    for _ in range(_ROUNDS):
        pattern = shape_of(values)
        if pattern is None:
            return None
        strange = _distinct(present.filter(f"NOT regexp_full_match({column}, {literal(pattern)})"), column)
        if not strange:
            return pattern
        values |= strange
    return None


def _distinct(rows: "DuckDBPyRelation", column: str) -> set[str]:
    """Return at most so many of the values, the same in every run; longer ones than a shape may have are cut."""
    cut = rows.project(f"left({column}, {LONGEST + 1}) AS value").distinct().order("value").limit(2 * _LOOKED_AT)
    return {value for (value,) in cut.fetchall()}


def _length(present: "DuckDBPyRelation", name: str) -> Suggestion | None:
    [(shortest, longest)] = present.aggregate(f"min(length({quoted(name)})), max(length({quoted(name)}))").fetchall()
    if not longest:
        return None
    check: dict[str, Any] = {"check": "length", "column": name}
    if shortest:
        check["min"] = 1
    check["max"] = half_and_twice(longest)[1]
    return Suggestion(check, f"{number(shortest)} to {number(longest)} characters in this window")
