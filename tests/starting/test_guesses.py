"""What is guessed from a column's name, type and counts, at each limit; no table is read."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from guessed_columns import UNIQUE, A, B, at, column, moment, table

from maestro_ml.core.errors import RequestError
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.features import features_of, is_identifier, is_name, is_text
from maestro_ml.starting.labels import likely_label, named_label, task_of
from maestro_ml.starting.oddities import leak_findings
from maestro_ml.starting.times import Times, times_of

DAY = timedelta(days=1)


def times(low: Any, high: Any) -> Times:
    return Times(column("at", "timestamp"), "", low, high)


@pytest.mark.parametrize(
    ("made", "task"),
    [
        (column(distinct=1), None),
        (column(distinct=2), "binary"),
        (column(kind="boolean", distinct=2), "binary"),
        (column(kind="string", distinct=2), "binary"),
        (column(kind="date", distinct=2), None),
        (column(kind="timestamp", distinct=2), None),
        (column(kind="string", distinct=20), "multiclass"),
        (column(kind="string", distinct=21), None),  # fewer than five rows a class
        (column(kind="string", distinct=20, missing=1), None),
        (column(kind="string", rows=1000, distinct=50), "multiclass"),
        (column(kind="string", rows=1000, distinct=51), None),
        (column(distinct=20), "multiclass"),
        (column(rows=1000, distinct=21), "regression"),
        (column(rows=99, distinct=20), "regression"),
        (column(distinct=100), None),  # names the row
        (column(distinct=99), "regression"),
        (column(kind="number", distinct=100), "regression"),
    ],
)
def test_what_predicting_a_column_would_be(made: Column, task: str | None) -> None:
    assert task_of(made) == task
    if task is None:
        with pytest.raises(RequestError, match=f"'x' cannot be a label: {made.distinct} different values of type"):
            named_label(table(made), "x")
    else:
        assert named_label(table(made), "x") is made


def test_a_label_that_is_not_there_is_refused_with_what_was_meant() -> None:
    with pytest.raises(RequestError, match=r"no column 'pric'; did you mean 'price'"):
        named_label(table(column("price")), "pric")


AMOUNT = column("amount", "number", distinct=90)
TWO, YES = column("two", distinct=2), column("yes", "boolean", distinct=2)
WHEN, YEAR = column("when", "timestamp", distinct=90), column("year")


@pytest.mark.parametrize(
    ("columns", "ignored", "label", "why"),
    [
        ((A, column("Label"), B), (), "Label", "its name"),
        ((A, column("label"), B), ("label",), "b", "it is the last column, and has 10 values"),
        ((A, column("is_late"), B), (), "is_late", "its name"),
        ((A, column("is_late", "number", distinct=90), B), (), "b", "it is the last column, and has 10 values"),
        ((A, column("y"), column("is_late")), (), "y", "its name"),
        ((A, B, AMOUNT), (), "a", "it is the first column, and has 10 values"),
        ((column("class"), B, TWO), (), "two", "it is the last column, and has 2 values"),
        ((column("class"), TWO, AMOUNT), (), "class", "its name"),
        ((A, column("class", distinct=2)), (), "class", "its name"),
        ((column("target"), B, TWO), (), "target", "its name"),
        ((B, YES, AMOUNT), (), "yes", "it is the only column of yes and no"),
        ((B, YES, TWO), (), "two", "it is the last column, and has 2 values"),
        ((B, YES, column("no", "boolean", distinct=2), AMOUNT), (), "b", "it is the first column, and has 10 values"),
        ((A, B, WHEN), (), "b", "it is the last column that is no time, and has 10 values"),
        ((A, B, YEAR), (), "b", "it is the last column that is no time, and has 10 values"),
        ((WHEN, A, AMOUNT), (), "a", "it is the first column that is no time, and has 10 values"),
        ((AMOUNT, AMOUNT), (), "amount", "it is the last column"),
        ((A,), (), None, "no column has values that a model could predict from the others"),
        ((column("a", distinct=1), column("b", distinct=1)), (), None, "no column has values that a model could"),
        ((AMOUNT, A, column("c", distinct=1)), (), None, "no column looks like one"),
    ],
)
def test_the_likeliest_label(
    columns: tuple[Column, ...], ignored: tuple[str, ...], label: str | None, why: str
) -> None:
    found, reason = likely_label(table(*columns), ignored)
    assert (found and found.name, reason.startswith(why)) == (label, True), reason


def test_the_name_of_a_folder_is_no_label() -> None:
    assert likely_label(table(A, B, source={"partitions": ["b"]}))[0] is A


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (column("id", **UNIQUE), True),
        (column("id", distinct=99), False),
        (column("id", missing=1, distinct=100), False),
        (column("id", rows=1, distinct=1), False),
        (column("ORDER_ID", **UNIQUE), True),
        (column("order id", **UNIQUE), True),
        (column("paid", **UNIQUE), False),
        (column("x", **UNIQUE), False),
        (Column("x", "integer", 100, 0, 100, 5, 104), True),  # counts the rows
        (Column("x", "integer", 20, 0, 20, 0, 19), True),
        (Column("x", "integer", 19, 0, 19, 0, 18), False),
        (Column("x", "integer", 20, 0, 20, 0, 20), False),
        (column("id", "number", **UNIQUE), False),
        (column("x", "string", **UNIQUE, low="a1"), True),
        (column("x", "string", **UNIQUE, low="a 1"), False),
    ],
)
def test_what_names_the_row(made: Column, expected: bool) -> None:
    assert is_identifier(made) is expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (column("zip", distinct=51), True),
        (column("zip", distinct=50), False),
        (column("shop_id", distinct=51), True),
        (column("shopId", distinct=51), True),
        (column("shopid", distinct=51), False),
        (column("zip", "number", distinct=51), False),
        (column("zip", distinct=51, low=None), False),
        (column("x", high=2**53), False),
        (column("x", high=2**53 + 1), True),
        (column("x", low=-(2**53) - 1), True),
    ],
)
def test_which_whole_numbers_are_names(made: Column, expected: bool) -> None:
    assert is_name(made) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"length": 12.0}, False),
        ({"distinct": 50}, False),
        ({"rows": 300, "distinct": 60}, False),  # a fifth of the rows
        ({"rows": 300, "distinct": 61}, True),
        ({"low": "word"}, False),
        ({"kind": "number"}, False),
    ],
)
def test_what_is_a_sentence(changes: dict[str, Any], expected: bool) -> None:
    made = column(**{"kind": "string", "distinct": 51, "length": 12.5, "low": "two words"} | changes)
    assert is_text(made) is expected


def test_features_are_what_says_something_of_a_row() -> None:
    columns = {
        "used": column("used"),
        "note": column("note", "string", distinct=60, length=30, low="two words"),
        "twin": column("twin"),
        "key": column("key"),
        "day": column("day", "date"),
        "one": column("one", distinct=1),
        "id": column("id", **UNIQUE),
        "zip": column("zip", distinct=60),
        "leak": column("leak"),
        "odd": column("odd", "string"),
        "code": column("code", "string", distinct=60, low="a"),
    }
    described = Described({}, 100, (*columns.values(), column("label")), ambiguous={"odd": "two ways"})
    used, others = features_of(described, column("label"), {"leak": "gives it away"}, ["twin"], ["key"])
    assert used == ["used", "note"]
    assert others == {
        "twin": "equal to another column",
        "key": "names the row",
        "day": "a date",
        "one": "the same in every row",
        "id": "names the row",
        "zip": "its numbers are names",
        "leak": "gives it away",
        "odd": "times that can be read in several ways",
        "code": "text with 60 different values",
    }
    alone = Described({}, 100, (columns["code"], columns["id"], column("label")))
    assert features_of(alone, column("label"), {}, [], []) == (["code"], {"id": "names the row"})


@pytest.mark.parametrize(
    ("days", "window", "whole"),
    [
        (4 * 365, 365, 4 * 365 + 1),
        (4 * 365 - 1, 91, 4 * 365),
        (4 * 91 - 1, 30, 4 * 91),
        (4 * 30 - 1, 7, 120),
        (4 * 7 - 1, 1, 28),
        (4, 1, 5),
        (3.5, 4, 4),
        (2, 3, 3),
        (1.99, 2, 2),
        (0.5, 13 / 24, 13 / 24),
    ],
)
def test_a_window_is_a_length_that_the_data_hold_four_times(days: float, window: float, whole: float) -> None:
    found = times(at(), at(days))
    assert (found.span, found.window, found.whole) == (DAY * days, DAY * window, DAY * whole)


@pytest.mark.parametrize(
    ("columns", "named", "chosen", "why"),
    [
        ((moment("x"),), None, "x", "the only column with times"),
        ((moment("x"), moment("Created")), None, "Created", "of x, Created the one with such a name"),
        ((moment("x"), moment("y")), None, "x", "the first of x, y; --time names another"),
        ((moment("x", missing=1), moment("y")), None, "y", "the first of x, y; --time names another"),
        ((moment("x", missing=1), moment("y", missing=1)), None, "x", "the first of x, y"),
        ((moment("date_of_birth"), moment("x")), None, "x", "the only column with times"),
        ((moment("due_date"), moment("x")), None, "x", "the only column with times"),
        ((moment("due_date"),), None, "due_date", "the only column with times"),
        ((moment("x"), moment("y")), "y", "y", "it was named"),
    ],
)
def test_which_column_has_the_times(columns: tuple[Column, ...], named: str | None, chosen: str, why: str) -> None:
    found = times_of(table(*columns), named)
    assert found is not None
    assert (found.column.name, found.why.startswith(why)) == (chosen, True), found.why
    assert (found.oldest, found.newest) == (at(), at(9))


@pytest.mark.parametrize(
    "made", [moment("x", high=at()), moment("x", missing=100), moment("birthday"), column("x", "number")]
)
def test_no_column_has_the_times(made: Column) -> None:
    assert times_of(table(made), None) is None
    assert times_of(table(moment("at")), "none") is None


@pytest.mark.parametrize("name", ["x", "nowhere"])
def test_a_column_without_times_is_refused_and_those_with_times_are_named(name: str) -> None:
    with pytest.raises(RequestError, match=f"--time {name}: no column with times; there are: at, none"):
        times_of(table(moment("at"), column("x")), name)
    with pytest.raises(RequestError, match=f"--time {name}: no column with times; there are: none$"):
        times_of(table(column("x")), name)


def test_times_without_a_zone_and_days_are_of_utc() -> None:
    naive, days = moment("x", low=datetime(2024, 1, 1), high=datetime(2024, 1, 2)), date(2024, 1, 1)  # noqa: DTZ001
    assert times_of(table(naive), None).oldest == at()
    assert times_of(table(moment("x", "date", low=days, high=date(2024, 1, 3))), None).span == 2 * DAY
    with pytest.raises(RequestError, match="'infinity' is outside the calendar"):
        times_of(table(moment("x", high="infinity")), None)


def test_each_leak_is_a_warning_of_its_column() -> None:
    [found] = leak_findings({"refund": "each of its 5 values has one 'returned' only"})
    assert (found.stage, found.check, found.severity, found.column, found.violated) == (
        "quality",
        "leak",
        "warn",
        "refund",
        True,
    )
    assert found.message == "gives the likely label away: each of its 5 values has one 'returned' only"
