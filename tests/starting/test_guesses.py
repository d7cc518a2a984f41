"""What is guessed from a column's name, type and counts, at each limit; no table is read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from maestro_ml.core.errors import RequestError
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.features import features_of, is_identifier, is_name, is_text
from maestro_ml.starting.labels import likely_label, named_label, task_of
from maestro_ml.starting.number_styles import plain, styles_of
from maestro_ml.starting.number_times import are_years, formats_with_months, sounds_like_a_time, time_of_numbers
from maestro_ml.starting.oddities import leak_findings
from maestro_ml.starting.texts import marks_among_texts, marks_of_nothing, possible_types
from maestro_ml.starting.times import Times, times_of

DAY = timedelta(days=1)


def column(name: str = "x", kind: Any = "integer", **other: Any) -> Column:
    return Column(name, kind, **{"rows": 100, "distinct": 10, "low": 1, "high": 90} | other)


def table(*columns: Column, source: dict[str, Any] | None = None) -> Described:
    return Described(source or {}, 100, columns)


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


A, B, AMOUNT = column("a"), column("b"), column("amount", "number", distinct=90)
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


UNIQUE = {"distinct": 100}


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


def at(days: float = 0) -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days)


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


def moment(name: str, kind: Any = "timestamp", **other: Any) -> Column:
    return column(name, kind, **{"low": at(), "high": at(9)} | other)


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


@pytest.mark.parametrize(
    ("texts", "kinds"),
    [
        (["1", "2"], {"integer", "number", "boolean"}),
        (["1", "2", "3"], {"integer", "number"}),
        (["1.5", ".5", "1e5", "inf"], {"number"}),
        (["yes", "N", "TRUE"], {"boolean"}),
        (["2024-01-31"], {"date", "timestamp", "day"}),
        (["2024-01-31 10:00"], {"timestamp", "moment"}),
        (["31.1.2024 10:00"], {"moment"}),
        (["31/1/24"], {"day"}),
        (["a", "1"], {"integer", "number", "boolean"}),  # half of them
        (["a", "b", "1"], set()),
        ([None, "7"], {"integer", "number"}),
    ],
)
def test_what_texts_may_be(texts: list[str | None], kinds: set[str]) -> None:
    assert {*possible_types(texts)} == kinds


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["1", "2", "NA"], ["NA"]),
        (["1", "2", " n/a ", "?"], [" n/a ", "?"]),
        (["NA", None], []),
        (["a", "b", "NA"], []),
        (["yes", "no", "NA"], []),
        (["2024-01-01", "unknown"], ["unknown"]),
    ],
)
def test_marks_of_missing_values_among_numbers_and_times(texts: list[str | None], marks: list[str]) -> None:
    assert marks_of_nothing([texts]) == marks


MANY = [f"w{n % 21}" for n in range(42)]


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["red", "red", "blue", "NA"], ["NA"]),
        (["red", "blue", "NA"], []),  # nothing repeats
        (["red", "red", "missing"], []),  # a word like others
        (["EU", "EU", "AS", "NA"], []),  # a continent
        (["EU", "EU", "AS", "n/a"], ["n/a"]),
        (["Eu", "Eu", "NA"], ["NA"]),
        (["EUR", "EUR", "NA"], ["NA"]),
        (["NA", "NA", None], []),
        ([*MANY, "NA"], []),
        ([*(text for text in MANY if text != "w20"), "NA"], ["NA"]),
    ],
)
def test_marks_of_missing_values_among_texts(texts: list[str | None], marks: list[str]) -> None:
    assert marks_among_texts(texts) == marks


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("1.482,5", (",", "."), "1482.5"),
        ("1,5", (",", ""), "1.5"),
        ("1,482.5", (".", ","), "1482.5"),
        ("1.5", (".", ""), "1.5"),
        ("a,b", (",", ""), "a,b"),
        (None, (",", ""), None),
        (" 1,5 ", (",", ""), " 1.5 "),
        ("1.48,5", (",", "."), "1.48,5"),  # no groups of three
    ],
)
def test_a_number_as_sql_writes_it(text: str | None, style: tuple[str, str], expected: str | None) -> None:
    assert plain(text, style) == expected


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"x": ["1,5", "a"]}, {}),  # half of them
        ({"x": ["1,5", "2,5", "a"]}, {"decimal": ","}),
        ({"x": ["1,5"], "y": ["1.482,5"]}, {"decimal": ",", "thousands": "."}),
        (
            {"x": ["1 000,5"], "y": ["1.482,5"]},
            {"columns": {"x": {"decimal": ",", "thousands": " "}, "y": {"decimal": ",", "thousands": "."}}},
        ),
        ({"x": ["1 000.5"], "y": ["1.5"]}, {"thousands": " "}),
        ({"x": ["1,5"], "y": ["1.500", "2.250"]}, {"decimal": ",", "thousands": "."}),  # grouped, or the comma is wrong
        ({"x": ["1,5"], "y": ["1.50"]}, {"columns": {"x": {"decimal": ","}}}),
        ({"x": ["1,5"], "y": ["7"]}, {"decimal": ","}),
        ({"x": ["1 000.5"], "y": ["1,5"]}, {"columns": {"x": {"thousands": " "}, "y": {"decimal": ","}}}),
        ({"x": ["1'000"], "y": ["7"]}, {"decimal": ",", "thousands": "'"}),
    ],
)
def test_the_style_of_several_columns(columns: dict[str, list[str]], expected: dict[str, Any]) -> None:
    assert styles_of(columns, ";") == expected


@pytest.mark.parametrize(
    ("delimiter", "expected"), [(",", {"thousands": ","}), (";", {"decimal": ","}), ("\t", {"decimal": ","})]
)
def test_a_comma_before_three_digits_groups_them_where_commas_separate_fields(
    delimiter: str, expected: dict[str, str]
) -> None:
    assert styles_of({"x": ["1,482", "12,000", "7"]}, delimiter) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1000, 2999, True), (999, 2000, False), (1000, 3000, False), (1000.0, 2000, False), (1000, None, False)],
)
def test_numbers_that_can_be_years(low: Any, high: Any, expected: bool) -> None:
    assert are_years(low, high) is expected


OLDEST, NEWEST = 631_152_000, 2_524_608_000  # 1990 and 2050


@pytest.mark.parametrize(("unit", "many"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_epoch_numbers_lie_between_1990_and_2050(unit: str, many: int) -> None:
    assert time_of_numbers("ts", OLDEST * many, NEWEST * many) == ("timestamp", {"unit": unit})
    assert time_of_numbers("ts", OLDEST * many - 1, NEWEST * many) is None
    assert time_of_numbers("ts", OLDEST * many, NEWEST * many + 1) is None


@pytest.mark.parametrize(("low", "high"), [(20240131, 20241301), (20241301, 20250101), (2024131, 2024132)])
def test_numbers_that_are_no_days(low: int, high: int) -> None:
    assert time_of_numbers("date", low, high) is None


@pytest.mark.parametrize("name", ["event_ts", "createdAt", "EventTime", "TS", "day2", "updated"])
def test_names_of_times(name: str) -> None:
    assert sounds_like_a_time(name)
    assert not sounds_like_a_time(f"x{name.lower()}x")


def test_a_format_reads_both_ends() -> None:
    assert formats_with_months("Jan 1 2000", "Feb 2 2000") == ("%b %d %Y",)
    assert formats_with_months("May 1 2000", "May 2 2000") == ("%b %d %Y", "%B %d %Y")
    assert formats_with_months("Jan 1 2000", "January 2 2000") == ()


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


@pytest.mark.parametrize(
    "name",
    ["id", "uuid", "key", "index", "no", "nr", "number", "row", "unnamed: 0", "column0", "a_id", "a_no", "a_key"],
)
def test_names_of_columns_that_name_the_row(name: str) -> None:
    assert is_identifier(column(name, **UNIQUE))
    assert is_identifier(column(name.upper(), **UNIQUE))
    assert not is_identifier(column(f"{name}x", **UNIQUE))


@pytest.mark.parametrize(
    "name", ["id", "uuid", "zip", "zipcode", "zip_code", "postcode", "postal_code", "plz", "phone", "a_id"]
)
def test_names_of_columns_whose_numbers_are_names(name: str) -> None:
    assert is_name(column(name, distinct=51))
    assert not is_name(column(f"{name}x", distinct=51))


@pytest.mark.parametrize(
    "name",
    [
        "label",
        "target",
        "outcome",
        "y",
        "response",
        "diagnosis",
        "species",
        "survived",
        "churn",
        "churned",
        "fraud",
        "class",
        "default",
        "late",
        "result",
        "category",
        "price",
        "quality",
        "is_x",
        "has_x",
        "target_x",
        "label_x",
    ],
)
def test_names_of_labels(name: str) -> None:
    assert likely_label(table(A, column(name), B)) == (table(A, column(name), B).columns[1], "its name")
    assert likely_label(table(A, column(f"x{name}"), B))[1] == "it is the last column, and has 10 values"


@pytest.mark.parametrize(
    "name", ["timestamp", "time", "at", "date", "datetime", "event_time", "created", "created_at", "day", "ts", "when"]
)
def test_names_of_event_times(name: str) -> None:
    assert times_of(table(moment("x"), moment(name)), None).column.name == name
    assert times_of(table(moment("x"), moment(f"{name}s")), None).column.name == "x"


@pytest.mark.parametrize(
    "name", ["at", "date", "datetime", "time", "timestamp", "ts", "epoch", "when", "day", "created", "updated"]
)
def test_words_of_times(name: str) -> None:
    assert sounds_like_a_time(f"my_{name}")
    assert not sounds_like_a_time(f"my{name}s")


@pytest.mark.parametrize(
    "name", ["expiry", "expires", "valid_to", "valid_until", "due", "end", "until", "deadline", "due_on"]
)
def test_names_of_ends(name: str) -> None:
    assert times_of(table(moment(name), moment("x")), None).column.name == "x"


@pytest.mark.parametrize(
    "name", ["birthday", "dob", "date_of_birth", "born", "geburtsdatum", "naissance", "nacimiento"]
)
def test_names_of_births(name: str) -> None:
    assert times_of(table(moment(name)), None) is None


@pytest.mark.parametrize(
    "mark", ["NA", "n/a", "#N/A", "null", "none", "nil", "?", "-", "--", ".", "missing", "unknown"]
)
def test_marks_of_nothing(mark: str) -> None:
    assert marks_of_nothing([["1", "2", mark]]) == [mark]
    can_be_a_word = mark not in ("NA", "n/a", "#N/A", "null", "?")
    assert marks_among_texts(["red", "red", mark]) == ([] if can_be_a_word else [mark])


@pytest.mark.parametrize("part", ["year", "yr", "month", "quarter", "week", "day", "hour", "minute"])
def test_parts_of_dates_are_no_labels(part: str) -> None:
    assert likely_label(table(A, B, column(f"my_{part}")))[0] is B
    assert likely_label(table(A, B, column(f"my{part}s")))[0].name == f"my{part}s"
