"""Names of columns that suggest a key, a label, a time or a missing value."""

from datetime import timedelta

import pytest
from guessed_columns import UNIQUE, A, B, column, moment, table

from maestro_ml.starting.features import is_identifier, is_name
from maestro_ml.starting.labels import likely_label
from maestro_ml.starting.number_times import sounds_like_a_time
from maestro_ml.starting.texts import marks_among_texts, marks_of_nothing
from maestro_ml.starting.times import times_of

DAY = timedelta(days=1)


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
