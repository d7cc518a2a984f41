"""Expectations about a column as a whole, and about a table."""

from collections.abc import Callable

from maestro_ml.importers.bounds import is_number, is_time, plain_bounds, whole, whole_bounds
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.suite import Check, Mapped, NoCounterpart, check

_TIES = "of several that are equally common, one of them is enough here, as with ties_okay"
_QUANTILE = "a quantile is a value of the column in Maestro; in other tools it may lie between two"


def aggregate(kind: str) -> Callable[[Expectation], Mapped]:
    """Return what translates a bound of an aggregate."""

    def translate(e: Expectation) -> Mapped:
        if all(map(is_number, e.bounds.values())):
            return e.of_all("aggregate", column=e.column, aggregate=kind, **e.bounds)
        return _of_times(e, kind)

    return translate


def _of_times(e: Expectation, kind: str) -> Mapped:
    """Return a range: a bound of the first or the last time, on its own side, is one of every time."""
    side = {"max": ("max", "below"), "min": ("min", "above")}.get(kind, ())
    if not all(map(is_time, e.bounds.values())) or not set(e.bounds) <= set(side):
        given = ", ".join(f"{key} {value!r}" for key, value in e.bounds.items())
        raise NoCounterpart(f"aggregates are of numbers, and the {kind} is compared with {given}")
    return e.of_all("range", column=e.column, **e.bounds)


def total(e: Expectation) -> Mapped:
    return e.of_all("sum_between", column=e.column, **plain_bounds(e.bounds, "sum_between"))


def quantiles(e: Expectation) -> Mapped:
    ranges = e.needed("quantile_ranges")
    checks: list[Check] = []
    for share, limits in zip(ranges["quantiles"], ranges["value_ranges"], strict=True):
        bounds = {key: value for key, value in zip(("min", "max"), limits, strict=True) if value is not None}
        if not bounds:
            continue
        if share in (0, 1):
            checks.append(check("aggregate", column=e.column, aggregate="max" if share else "min", **bounds))
        else:
            checks.append(check("aggregate", column=e.column, aggregate="quantile", quantile=share, **bounds))
    return e.several(checks, note=_QUANTILE)


def distinct_count(e: Expectation) -> Mapped:
    return e.of_all("distinct", column=e.column, **whole_bounds(e.bounds))


def distinct_share(e: Expectation) -> Mapped:
    bounds = plain_bounds(e.bounds, "a share of distinct values")
    return e.of_all("distinct", column=e.column, **{f"{key}_share": value for key, value in bounds.items()})


def distinct_in(e: Expectation) -> Mapped:
    return e.of_all("allowed", column=e.column, values=_values(e))


def distinct_contain(e: Expectation) -> Mapped:
    return e.of_all("value_set", column=e.column, contains=_values(e))


def distinct_equal(e: Expectation) -> Mapped:
    return e.of_all("value_set", column=e.column, equals=_values(e))


def most_common(e: Expectation) -> Mapped:
    note = "" if e.value("ties_okay") else _TIES
    return e.of_all("most_common", note, column=e.column, values=_values(e))


def _values(e: Expectation) -> list[object]:
    values = list(e.needed("value_set"))
    if not values:
        raise NoCounterpart("value_set is empty")
    return [value for value in values if value is not None]


def rows(e: Expectation) -> Mapped:
    return e.of_all("rows", **whole_bounds(e.bounds))


def rows_equal(e: Expectation) -> Mapped:
    count = whole(e.needed("value"), "value")
    return e.of_all("rows", min=count, max=count)


def columns(e: Expectation) -> Mapped:
    return e.of_all("column_count", **whole_bounds(e.bounds))


def columns_equal(e: Expectation) -> Mapped:
    count = whole(e.needed("value"), "value")
    return e.of_all("column_count", min=count, max=count)


def columns_ordered(e: Expectation) -> Mapped:
    return e.of_all("column_order", columns=list(e.needed("column_list")))


def columns_set(e: Expectation) -> Mapped:
    exact = bool(e.value("exact_match", True)) or None
    return e.of_all("has_columns", columns=list(e.needed("column_set")), exact=exact)
