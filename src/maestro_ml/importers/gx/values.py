"""Expectations about each value of a column."""

from maestro_ml.importers.bounds import is_number, is_time, whole, whole_bounds
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.sql import bounds_sql, matches, values_sql, whole_text
from maestro_ml.importers.suite import Mapped, NoCounterpart, check
from maestro_ml.importers.types import contract_type
from maestro_ml.sql.identifiers import literal, quoted

_ONE_BY_ONE = "with `mostly`, each row of a repeated value fails there; here all but the first do"
_ORDER = "compared in the order of the event time; there, in the order of the rows"
_TYPES = {"integer": "whole numbers", "number": "numbers"}


def not_null(e: Expectation) -> Mapped:
    return e.of_rows("missing", column=e.column)


def null(e: Expectation) -> Mapped:
    if e.tolerance is None:
        return e.of_all("distinct", column=e.column, max=0)
    return e.of_rows("predicate", sql=f"{quoted(e.column)} IS NULL")


def unique(e: Expectation) -> Mapped:
    return e.of_values("unique", note=_ONE_BY_ONE if e.tolerance else "", columns=[e.column])


def in_set(e: Expectation) -> Mapped:
    values = [value for value in e.needed("value_set") if value is not None]
    if not values:
        return e.of_values("predicate", sql=f"{quoted(e.column)} IS NULL")
    if all(map(is_time, values)):
        return e.of_values("predicate", sql=f"{quoted(e.column)} IN ({values_sql(values)})")
    return e.of_values("allowed", column=e.column, values=values)


def not_in_set(e: Expectation) -> Mapped:
    values = [value for value in e.needed("value_set") if value is not None]
    if not values:
        raise NoCounterpart("no value is forbidden: it always passes")
    if all(map(is_time, values)):
        return e.of_values("predicate", sql=f"{quoted(e.column)} NOT IN ({values_sql(values)})")
    return e.of_values("forbidden", column=e.column, values=values)


def between(e: Expectation) -> Mapped:
    if all(is_number(bound) or is_time(bound) for bound in e.bounds.values()):
        return e.of_values("range", column=e.column, **e.bounds)
    return e.of_values("predicate", sql=bounds_sql(quoted(e.column), e.bounds))


def lengths(e: Expectation) -> Mapped:
    return e.of_values("length", column=e.column, **whole_bounds(e.bounds))


def length(e: Expectation) -> Mapped:
    size = whole(e.needed("value"), "value")
    return e.of_values("length", column=e.column, min=size, max=size)


def regex(e: Expectation) -> Mapped:
    return e.of_values("regex", column=e.column, pattern=whole_text(str(e.needed("regex"))))


def no_regex(e: Expectation) -> Mapped:
    return e.of_values("not_regex", column=e.column, pattern=whole_text(str(e.needed("regex"))))


def regexes(e: Expectation) -> Mapped:
    patterns = list(map(str, e.needed("regex_list")))
    if e.value("match_on", "any") == "any":
        return e.of_values("regex", column=e.column, pattern=_either(patterns))
    return e.of_values("predicate", sql=" AND ".join(matches(e.column, pattern) for pattern in patterns))


def no_regexes(e: Expectation) -> Mapped:
    return e.of_values("not_regex", column=e.column, pattern=_either(list(map(str, e.needed("regex_list")))))


def _either(patterns: list[str]) -> str:
    if len(patterns) == 1:
        return whole_text(patterns[0])
    return whole_text("|".join(f"(?:{pattern})" for pattern in patterns))


def like(e: Expectation) -> Mapped:
    return _like(e, [e.needed("like_pattern")], "LIKE", "OR")


def not_like(e: Expectation) -> Mapped:
    return _like(e, [e.needed("like_pattern")], "NOT LIKE", "AND")


def likes(e: Expectation) -> Mapped:
    return _like(e, e.needed("like_pattern_list"), "LIKE", "OR" if e.value("match_on", "any") == "any" else "AND")


def not_likes(e: Expectation) -> Mapped:
    return _like(e, e.needed("like_pattern_list"), "NOT LIKE", "AND")


def _like(e: Expectation, patterns: list[str], word: str, joint: str) -> Mapped:
    if not patterns:
        raise NoCounterpart("it has no pattern")
    parts = (f"{quoted(e.column)} {word} {literal(str(pattern))}" for pattern in patterns)
    return e.of_values("predicate", sql=f" {joint} ".join(parts))


def date_format(e: Expectation) -> Mapped:
    return e.of_values("date_format", column=e.column, format=str(e.needed("strftime_format")))


def json(e: Expectation) -> Mapped:
    return e.of_values("json", column=e.column)


def increasing(e: Expectation) -> Mapped:
    return _monotonic(e, "increasing")


def decreasing(e: Expectation) -> Mapped:
    return _monotonic(e, "decreasing")


def _monotonic(e: Expectation, direction: str) -> Mapped:
    if e.event_time is None:
        raise NoCounterpart("the rows of a dataset have no order but that of its event time: name it with --time")
    strict = bool(e.value("strictly")) or None
    return e.of_rows("monotonic", note=_ORDER, column=e.column, direction=direction, strict=strict)


def deviations(e: Expectation) -> Mapped:
    if not e.value("double_sided", True):
        raise NoCounterpart("deviations from the mean are counted on both sides, and this one looks at one")
    note = "at most so many deviations here, fewer there"
    return e.of_values("deviations", note, column=e.column, max=abs(e.needed("threshold")))


def of_type(e: Expectation) -> Mapped:
    return _typed(e, [str(e.needed("type_"))])


def of_types(e: Expectation) -> Mapped:
    return _typed(e, list(map(str, e.needed("type_list"))))


def _typed(e: Expectation, names: list[str]) -> Mapped:
    kinds = {contract_type(name) for name in names}
    known = kinds - {None}
    if len(known) > 1 and known == {"integer", "number"}:
        known = {"number"}
    if not known:
        raise NoCounterpart(f"{', '.join(names)} is not a type of a contract: it says nothing about the values")
    if len(known) > 1:
        raise NoCounterpart(f"a column of a contract has one type, and these are {', '.join(sorted(map(str, known)))}")
    [kind] = known
    if e.where or e.tolerance:
        raise NoCounterpart("the type of a column is that of all its rows")
    declared = {"type": kind, "nullable": True} | ({"severity": "warn"} if e.check_severity else {})
    note = "whole numbers are numbers too" if kind == "number" else f"of any width: {_TYPES.get(str(kind), kind)}"
    return Mapped(columns={e.column: declared}, note=note if set(names) != {kind} else "")


def exists(e: Expectation) -> Mapped:
    if e.value("column_index") is not None:
        return Mapped(
            (check("has_columns", columns=[e.column], severity=e.check_severity),),
            note="the position of the column is ignored: `column_order` takes all columns in order",
        )
    return e.of_all("has_columns", columns=[e.column])
