"""How a file is written is seen in it: encoding, delimiter, lines above the header, numbers, times, sheets, folders."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from maestro_ml.core.errors import RequestError
from maestro_ml.starting.columns import Column, described
from maestro_ml.starting.csv_format import format_of, header_of
from maestro_ml.starting.location import Location, located
from maestro_ml.starting.number_styles import styles_of
from maestro_ml.starting.number_times import time_of_numbers


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("a,b\n1,2\n", "utf-8", {}),
        ("a,b\n1,2\n", "utf-16", {}),  # the byte order mark says it
        ("a,b\n1,2\n", "utf-32", {}),
        ("a,b\nKöln,2\n", "utf-8", {}),
        ("a,b\nKöln,2\n", "cp1252", {"encoding": "cp1252"}),
        ("a,b\nKöln\x81,2\n", "latin-1", {"encoding": "latin-1"}),  # no letter of cp1252
        ("a,b\nKoeln,2\n", "utf-16-le", {"encoding": "utf-16-le"}),
        ("a,b\nKoeln,2\n", "utf-16-be", {"encoding": "utf-16-be"}),
        ("a;b\n1,5;2\n1,7;2\n", "utf-8", {"delimiter": ";"}),
        ("Sales of 2024\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n", "utf-8", {"skip": 2}),
        ("Umsatz, 2024\na;b;c\n1,5;2;3\n4,5;5;6\n", "utf-8", {"delimiter": ";", "skip": 1}),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "utf-8", {"header": False}),
        ("39,State-gov,77516,13\n50,Private,83311,13\n", "utf-8", {"header": False}),
        ("3.5,5.1,setosa\n3.0,4.9,setosa\n", "utf-8", {"header": False}),  # fractions are no names, though they rise
        ("country,1990,1991\nde,1,2\n", "utf-8", {}),  # years are names
        ("0,1,2\n5,6,7\n", "utf-8", {}),  # so are places
        ("'a'\t'b'\n1\t'x'\n", "utf-8", {"delimiter": "\t", "quote": "'"}),
        ("a,b\n1,2\n3,4,5\n", "utf-8", {}),  # a damaged line is none above a header
        ("a,,b\n1,2,3\n", "utf-8", {}),  # a name is missing
        ("'a','b\n1,2\n", "utf-8", {}),  # one apostrophe is no quotation
        ("'\n1\n", "utf-8", {}),
        (" name\n anna\n bob\n", "utf-8", {}),  # one column is not aligned with another
        ("my  name\nanna\n", "utf-8", {}),  # nor is one line with others
        ("title\na;b\n1;2", "utf-8", {"delimiter": ";", "skip": 1}),  # no end of the last line
        ("id,  div\n9,    0\n11,   1\n", "utf-8", {}),  # blanks behind the commas do no harm
    ],
)
def test_the_first_lines_show_how_a_csv_file_is_written(
    tmp_path: Path, text: str, encoding: str, expected: dict[str, Any]
) -> None:
    (tmp_path / "t.csv").write_text(text, encoding=encoding, newline="")
    assert format_of(str(tmp_path / "t.csv")) == expected


def test_columns_that_are_aligned_by_blanks_are_refused_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "t.dat").write_text("   id   div\n   9    0\n  11    1\n")
    with pytest.raises(RequestError, match="aligned by blanks, which is no delimiter; write one character"):
        format_of(str(tmp_path / "t.dat"))


def test_a_letter_far_behind_the_first_lines_shows_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"1,2\n" * 50_000 + "K\xf6ln,2\n".encode("cp1252"))
    assert format_of(str(tmp_path / "t.csv")) == {"encoding": "cp1252"}


@pytest.mark.parametrize(
    ("text", "source", "names"),
    [
        ("a,b\n", {}, ["a", "b"]),
        ("a;b,c\n", {"delimiter": ";"}, ["a", "b,c"]),
        ('"a,b",c\n', {}, ["a,b", "c"]),
        ("'a,b',c\n", {"quote": "'"}, ["a,b", "c"]),
        ("title\na,b\n", {"skip": 1}, ["a", "b"]),
        ("a,,b,a\n", {}, ["a", "b"]),
        ("1,2,3\n", {"header": False}, ["column0", "column1", "column2"]),
        ("", {}, []),
    ],
)
def test_the_columns_of_a_file(tmp_path: Path, text: str, source: dict[str, Any], names: list[str]) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert header_of(source, str(tmp_path / "t.csv")) == names


def test_what_the_encoding_does_not_know_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"K\xf6ln;b\n1;2\n")
    assert format_of(str(tmp_path / "t.csv"), "ascii") == {"delimiter": ";", "encoding": "ascii"}


@pytest.mark.parametrize(
    ("texts", "delimiter", "expected"),
    [
        (["1.5", "2"], ",", {}),
        (["1,5", "2"], ";", {"decimal": ","}),
        (["1.482,00", "71,50"], ";", {"decimal": ",", "thousands": "."}),
        (["1 482,00", "71,50"], ";", {"decimal": ",", "thousands": " "}),
        (["1,482.50", "71.50"], ",", {"thousands": ","}),
        (["1,482", "12"], ",", {"thousands": ","}),  # in a file with commas it is quoted, and no decimal
        (["1,482", "12"], ";", {"decimal": ","}),
        (["1.482", "12.111"], ";", {}),
        (["31.12.2024", "01.01.2025"], ";", {}),
        (["192.168.1.10", "10.0.0.1"], ";", {}),
        (["a,b", "c"], ";", {}),
        ([None, None], ";", {}),
    ],
)
def test_numbers_show_their_signs(texts: list[str | None], delimiter: str, expected: dict[str, str]) -> None:
    assert styles_of({"x": texts}, delimiter) == expected


def test_numbers_of_two_styles_are_named_by_their_column() -> None:
    assert styles_of({"x": ["1,5", "2,25"], "y": ["1.5", "2.25"]}, ";") == {"columns": {"x": {"decimal": ","}}}
    assert styles_of({"x": ["1,5", "2,25"], "y": ["1.500", "2.250"]}, ";") == {"decimal": ",", "thousands": "."}


def test_numbers_with_a_comma_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name;preis;anzahl\na;1.482,50;1.000\nb;71,25;7\nc;n/a;2.000\n")
    with described(source_of(tmp_path / "t.csv")) as (_, found):
        columns = {c.name: (c.type, c.low, c.high) for c in found.columns}
    assert columns["preis"] == ("number", 71.25, 1482.5)
    assert columns["anzahl"] == ("integer", 7, 2000)


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("event_ts", 1_704_067_200_000, 1_707_303_600_000, ("timestamp", {"unit": "ms"})),
        ("createdAt", 1_704_067_200, 1_707_303_600, ("timestamp", {"unit": "s"})),
        ("time", 1_704_067_200_000_000_000, 1_707_303_600_000_000_000, ("timestamp", {"unit": "ns"})),
        ("date", 20_240_131, 20_241_231, ("date", {"format": "%Y%m%d"})),
        ("date", 20_240_131, 20_249_931, None),
        ("phone", 1_704_067_200, 1_707_303_600, None),
        ("status", 1_704_067_200, 1_707_303_600, None),
        ("time", 0, 3600, None),
        ("day", 1, 31, None),
    ],
)
def test_whole_numbers_with_the_name_of_a_time_are_one(name: str, low: int, high: int, expected: object) -> None:
    assert time_of_numbers(name, low, high) == expected


def test_epoch_numbers_become_times_and_years_only_where_a_person_says_so(tmp_path: Path) -> None:
    rows = "".join(f"{1_704_067_200_000 + n * 3_600_000},{2000 + n % 9},{n}\n" for n in range(60))
    (tmp_path / "t.csv").write_text(f"event_ts,year,x\n{rows}")
    assert columns_of(tmp_path / "t.csv")["event_ts"].written == {"unit": "ms"}
    assert columns_of(tmp_path / "t.csv")["event_ts"].high.year == 2024
    assert columns_of(tmp_path / "t.csv")["year"].type == "integer"
    assert columns_of(tmp_path / "t.csv", years=["year", "x"])["year"].written == {"unit": "year"}
    assert columns_of(tmp_path / "t.csv", years=["year", "x"])["x"].type == "integer"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Jan 1 2000", "Feb 12 2000", "Dec 3 2001"], {"format": "%b %d %Y"}),
        (["January 1, 2000", "February 12, 2000"], {"format": "%B %d, %Y"}),
        (["01-Jan-99", "12-Feb-01"], {"format": "%d-%b-%y"}),
        (["2000-01", "2001-12"], {"format": "%Y-%m"}),
        (["01/2000", "12/2001"], {"format": "%m/%Y"}),
        (["Jan 2000", "Dec 2001"], {"format": "%b %Y"}),
        (["2000-01", "2001-13"], {}),
        (["Jan 1 2000", "Feb 12 2000", "May what 2001"], {}),
        (["May", "June"], {}),
    ],
)
def test_months_and_dates_with_the_name_of_a_month_are_dates(
    tmp_path: Path, texts: list[str], expected: dict[str, str]
) -> None:
    (tmp_path / "t.csv").write_text("".join(["when;x\n", *(f"{text};{n}\n" for n, text in enumerate(texts))]))
    column = columns_of(tmp_path / "t.csv")["when"]
    assert (column.written, column.type) == (expected, "date" if expected else "string")


def test_numbers_that_no_whole_number_holds_stay_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("".join(["long,x\n", *(f"{10**40 + n},{n}\n" for n in range(9))]))
    column = columns_of(tmp_path / "t.csv")["long"]
    assert (column.type, column.distinct) == ("string", 9)


def test_the_names_of_folders_are_columns_where_all_files_lie_in_such_folders(tmp_path: Path) -> None:
    for day in ("2024-01-01", "2024-01-02"):
        folder = tmp_path / "lake" / f"day={day}" / "shop=7"
        folder.mkdir(parents=True)
        pd.DataFrame({"x": [1, 2]}).to_parquet(folder / "part-0.parquet")
    source = source_of(tmp_path / "lake")
    assert source["partitions"] == ["day", "shop"]
    with described(source) as (_, found):
        assert {c.name: c.type for c in found.columns} == {"x": "integer", "day": "date", "shop": "integer"}
    pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / "lake" / "more.parquet")
    assert "partitions" not in source_of(tmp_path / "lake")


def test_a_title_above_the_header_of_a_sheet_is_skipped_and_other_sheets_are_named(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Sales 2024"], [], ["id", "amount", "paid"], [1, 2.5, "yes"], [2, 3.5, "no"]):
        book.active.append(row)
    book.create_sheet("Notes").append(["who", "what"])
    book["Notes"].append(["me", "this"])
    file = tmp_path / "book.xlsx"
    book.save(file)
    place = located_at(file)
    assert (place.source["skip"], place.name) == (2, "book")
    assert any("#Notes" in guess for guess in place.guesses)
    assert set(columns_of(file)) == {"id", "amount", "paid"}
    other = located_at(f"{file}#Notes")
    assert (other.source["sheet"], other.name, other.guesses) == ("Notes", "notes", ())
    with pytest.raises(RequestError, match="no sheet 'Note'; did you mean 'Notes'"):
        located_at(f"{file}#Note")


def test_a_named_encoding_counts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n日本,2\n", encoding="shift_jis")
    with located(str(tmp_path / "t.csv"), "shift_jis") as place, described(place.source) as (_, found):
        assert [c.low for c in found.columns] == ["日本", 2]
    assert place.guesses == ()


def located_at(path: Path | str) -> Location:
    with located(str(path)) as place:
        return place


def source_of(path: Path) -> dict[str, Any]:
    return located_at(path).source


def columns_of(path: Path, **options: Any) -> dict[str, Column]:
    with described(source_of(path), **options) as (_, found):
        return {column.name: column for column in found.columns}
