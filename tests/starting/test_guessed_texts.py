"""What the texts of a file may be: types, marks of missing values, styles of numbers."""

from datetime import timedelta
from typing import Any

import pytest

from maestro_ml.starting.number_styles import plain, styles_of
from maestro_ml.starting.texts import marks_among_texts, marks_of_nothing, possible_types

DAY = timedelta(days=1)


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
