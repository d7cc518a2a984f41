"""Compare keys of two tables by value: keys that no common type holds exactly are refused, never rounded."""

import re
from typing import TYPE_CHECKING

from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.types import kind_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_DIGITS = {
    "TINYINT": 3, "UTINYINT": 3, "SMALLINT": 5, "USMALLINT": 5, "INTEGER": 10, "UINTEGER": 10,
    "BIGINT": 19, "UBIGINT": 20, "HUGEINT": 39,
}  # fmt: skip
# From here on, neighbouring integers share one number.
_EXACT_TO = {"FLOAT": 2**24, "DOUBLE": 2**53}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def common_key(one: str, other: str) -> str | None:
    """Return the DuckDB type that holds the keys of both types exactly, if inexact_keys() finds none; None without one.

    Two kinds of timestamp have TIMESTAMP_NS in common.
    """
    kinds = {one, other} - {'"NULL"'}
    if one == other or '"NULL"' in (one, other):
        return next(iter(kinds), "BIGINT")
    if {"timestamp"} == {kind_of(kind) for kind in kinds}:
        return "TIMESTAMP_NS"
    if kinds <= {*_EXACT_TO}:
        return "DOUBLE"
    if kinds <= {*_DIGITS, *_EXACT_TO}:
        return "HUGEINT"
    if any(kind in _EXACT_TO for kind in kinds):
        return None
    return _common_decimal(kinds)


def _common_decimal(kinds: set[str]) -> str | None:
    whole, scale = 0, 0
    for kind in kinds:
        if match := _DECIMAL.fullmatch(kind):
            precision, places = map(int, match.groups())
            whole, scale = max(whole, precision - places), max(scale, places)
        elif kind in _DIGITS:
            whole = max(whole, _DIGITS[kind])
        else:
            return None
    return f"DECIMAL({whole + scale},{scale})" if whole + scale <= 38 else None  # noqa: PLR2004 - DuckDB's widest


def key_sql(name: str, stored: str, common: str) -> str:
    """Return SQL for the key `name` in the common type; NaN becomes NULL."""
    if common == "TIMESTAMP_NS" and stored != '"NULL"':
        return TimeSql(name, stored, "UTC").nanoseconds(local=False)
    if stored in _EXACT_TO:
        return f"CASE WHEN NOT isnan({name}) THEN {name} END::{common}"
    return name if stored == common else f"{name}::{common}"


def inexact_keys(rows: "DuckDBPyRelation", name: str, stored: str, common: str) -> str | None:
    """Return the end of a sentence on what is wrong with floating-point keys; None if nothing is."""
    if stored not in _EXACT_TO:
        return None
    exact = _EXACT_TO[stored]
    large, broken = f"NOT isnan({name}) AND abs({name}) >= {exact}", f"NOT isnan({name}) AND {name} <> trunc({name})"
    [(too_large, parts)] = rows.aggregate(
        f"coalesce(bool_or({large}), false), coalesce(bool_or({broken}), false)"
    ).fetchall()
    if too_large:
        return f"holds keys of {exact:,} and more, where several keys are one number"
    return "holds keys with a fraction" if parts and common != "DOUBLE" else None
