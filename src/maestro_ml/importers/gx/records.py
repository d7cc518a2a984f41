"""Expectations about several columns of a row."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.sql import all_of, all_present, any_present, value_sql
from maestro_ml.importers.suite import Mapped, NoCounterpart
from maestro_ml.sql.identifiers import quoted

_ONE_BY_ONE = "with `mostly`, each row of a repeated key fails there; here all but the first do"
_KEPT = {
    "both_values_are_missing": any_present,
    "all_values_are_missing": any_present,
    "either_value_is_missing": all_present,
    "any_value_is_missing": all_present,
    "neither": None,
    "never": None,
}


def _kept(e: Expectation, columns: Sequence[str], default: str) -> str | None:
    """Return which rows count, by what a row misses."""
    rule = e.value("ignore_row_if", default)
    if rule not in _KEPT:
        raise NoCounterpart(f"ignore_row_if {rule!r} is not known")
    kept = _KEPT[rule]
    return kept(columns) if kept else None


def _holds(e: Expectation, columns: Sequence[str], sql: str, default: str) -> Mapped:
    """Return a predicate that a row of which a value is missing does not fulfil."""
    return e.of_rows("predicate", where=_kept(e, columns, default), sql=f"coalesce({sql}, FALSE)")


def _pair(e: Expectation) -> list[str]:
    return [str(e.needed("column_A")), str(e.needed("column_B"))]


def _compared(e: Expectation, operator: str) -> Mapped:
    left, right = _pair(e)
    if e.value("ignore_row_if") == "either_value_is_missing":
        return e.of_values("compare", left=left, operator=operator, right=right)
    sign = "=" if operator == "==" else operator
    return _holds(e, (left, right), f"{quoted(left)} {sign} {quoted(right)}", "both_values_are_missing")


def greater(e: Expectation) -> Mapped:
    if e.value("parse_strings_as_datetimes") or e.value("allow_cross_type_comparisons"):
        raise NoCounterpart("values are compared in the types they have")
    return _compared(e, ">=" if e.value("or_equal") else ">")


def equal(e: Expectation) -> Mapped:
    return _compared(e, "==")


def pairs_in_set(e: Expectation) -> Mapped:
    columns = _pair(e)
    pairs = e.needed("value_pairs_set")
    parts = (all_of(*map(_is, map(quoted, columns), pair)) for pair in pairs)
    where = _kept(e, columns, "both_values_are_missing")
    return e.of_rows("predicate", where=where, sql=" OR ".join(f"({part})" for part in parts))


def _is(column: str, value: Any) -> str:
    return f"{column} IS NOT DISTINCT FROM {value_sql(value)}"


def _listed(e: Expectation) -> list[str]:
    return list(map(str, e.needed("column_list")))


def unique_together(e: Expectation) -> Mapped:
    columns = _listed(e)
    if e.value("ignore_row_if") == "any_value_is_missing":
        return e.of_rows("unique", note=_ONE_BY_ONE if e.tolerance else "", columns=columns, ignore_nulls=True)
    where = _kept(e, columns, "all_values_are_missing")
    return e.of_rows("unique", note=_ONE_BY_ONE if e.tolerance else "", where=where, columns=columns)


def unique_within(e: Expectation) -> Mapped:
    columns = _listed(e)
    different = (f"{quoted(a)} IS DISTINCT FROM {quoted(b)}" for a, b in combinations(columns, 2))
    return e.of_rows("predicate", where=_kept(e, columns, "all_values_are_missing"), sql=" AND ".join(different))


def sum_equal(e: Expectation) -> Mapped:
    columns = _listed(e)
    sql = f"{' + '.join(map(quoted, columns))} = {value_sql(e.needed('sum_total'))}"
    return _holds(e, columns, sql, "all_values_are_missing")
