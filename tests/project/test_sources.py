"""What a source may say of its files, without reading one."""

import pytest
from pydantic import ValidationError

from maestro_ml.project.sources import CsvColumn, CsvSource, ExcelSource, IcebergSource, ParquetSource, SqlSource


def csv(**options: object) -> CsvSource:
    return CsvSource(kind="csv", path="x.csv", **options)


@pytest.mark.parametrize(
    ("option", "given", "taken"),
    [
        ("delimiter", ";", ";"),
        ("delimiter", r"\t", "\t"),
        ("delimiter", "\t", "\t"),
        ("quote", "", ""),
        ("quote", "'", "'"),
        ("comment", "", ""),
        ("comment", "//", "//"),
        ("thousands", "'", "'"),
        ("thousands", " ", " "),
        ("decimal", ",", ","),
        ("skip", 0, 0),
        ("skip", 1_000_000, 1_000_000),
        ("encoding", "UTF8", "utf-8-sig"),
        ("encoding", "utf-16", "utf-16"),
        ("encoding", None, None),
        ("null_values", ["NA", -1, 0.5], ("NA", "-1", "0.5")),
        ("partitions", ["year", "day"], ("year", "day")),
        ("date_format", None, None),
        ("timestamp_format", None, None),
        ("date_format", "%d/%m/%Y", "%d/%m/%Y"),
        ("timestamp_format", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M"),
    ],
)
def test_an_option_of_csv_is_taken(option: str, given: object, taken: object) -> None:
    assert getattr(csv(**{option: given}), option) == taken


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"delimiter": sign}, "a delimiter is one character") for sign in ("", ";;", "\r", "\n", "\0", '"')),
        *(({"quote": sign}, "a quote is one ASCII character") for sign in ("''", "\r", "\n", "\0", "\u00ab")),
        *(({"comment": sign}, "has no line end") for sign in ("#\n", "#\r", "\0")),
        *(({"thousands": sign}, "one character") for sign in ("", "''", "a", "5", "+", "-", "\r", "\n", "\0")),
        *(({"columns": {"n": {"thousands": sign}}}, "one character") for sign in ("a", "5", "+")),
        ({"decimal": ";"}, "'.' or ','"),
        ({"skip": -1}, "greater than or equal to 0"),
        ({"skip": 1_000_001}, "less than or equal to 1000000"),
        *(({"encoding": name}, f"no encoding '{name}'") for name in ("utf-99", "hex", "")),
        *(({"null_values": [value]}, "valid string") for value in (True, None, ["NA"], {"NA": 1})),
        ({"date_format": "%d/%m/%Y %H"}, "a date has no time of day"),
        ({"timestamp_format": "%H:%M"}, "does not say where the day stands"),
        ({"quote": ";", "delimiter": ";"}, "delimiter and quote are the same character"),
        ({"comment": ";#", "delimiter": ";"}, "a comment cannot begin with the delimiter or the quote"),
        ({"comment": "'#", "quote": "'"}, "a comment cannot begin with the delimiter or the quote"),
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','"),
        ({"decimal": ",", "columns": {"n": {"thousands": ","}}}, "decimal and thousands are both ','"),
        ({"thousands": ",", "columns": {"n": {"decimal": ","}}}, "decimal and thousands are both ','"),
        ({"partitions": ["day", "day"]}, "'day' is named twice"),
    ],
)
def test_what_no_file_can_be_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        csv(**options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"quote": ","}, [()]),
        ({"comment": ",#"}, [("comment",)]),
        ({"thousands": "."}, [("thousands",)]),
        (
            {"thousands": ",", "columns": {"n": CsvColumn(decimal=","), "m": CsvColumn()}},
            [("columns", "n", "thousands")],
        ),
        ({"quote": ",", "comment": ",", "thousands": "."}, [(), ("comment",), ("thousands",)]),
    ],
)
def test_a_mistake_is_at_the_key_that_makes_it(given: dict[str, object], paths: list[tuple[str, ...]]) -> None:
    source = CsvSource.model_construct(kind="csv", path="x.csv", **given)
    assert [mistake.path for mistake in source.mistakes()] == paths


def test_a_column_has_what_it_says_of_itself_and_the_rest_from_the_source() -> None:
    own = {"Price": {"decimal": ","}, "code": {"null_values": [" none "]}, "all": {"null_values": []}}
    source = csv(thousands="'", null_values=[" NA", "-"], columns=own)
    assert [source.number_style(name) for name in ("price", "PRICE", "other")] == [(",", "'"), (",", "'"), (".", "'")]
    assert [source.nulls_of(name) for name in ("Price", "CODE", "all")] == [("NA", "-"), ("none",), ()]
    assert csv(columns={"n": {"thousands": "."}}, decimal=",").number_style("n") == (",", ".")
    assert csv().number_style("n") == (".", "")


@pytest.mark.parametrize(
    ("place", "accepted"),
    [
        ({"path": "t"}, True),
        ({"catalog": "c", "table": "t"}, True),
        ({}, False),
        ({"catalog": "c"}, False),
        ({"table": "t"}, False),
        ({"path": "t", "table": "t"}, False),
        ({"path": "t", "catalog": "c"}, False),
        ({"path": "t", "catalog": "c", "table": "t"}, False),
    ],
)
def test_an_iceberg_table_is_in_one_place(place: dict[str, str], accepted: bool) -> None:
    if accepted:
        assert IcebergSource(kind="iceberg", **place)
    else:
        with pytest.raises(ValidationError, match="given by its path, or by catalog and table"):
            IcebergSource(kind="iceberg", **place)


def test_what_is_not_said_of_a_source_is_nothing_special() -> None:
    source = csv()
    assert (source.delimiter, source.quote, source.header, source.comment, source.skip) == (",", '"', True, "", 0)
    assert (source.null_values, source.partitions, source.columns) == ((), (), {})
    excel = ExcelSource(kind="excel", path="x.xlsx")
    assert (excel.sheet, excel.skip, excel.null_values) == (None, 0, ())
    assert ParquetSource(kind="parquet", path="x").partitions == ()


def test_a_table_is_in_the_schema_that_is_named_and_its_url_is_a_secret() -> None:
    given = {"kind": "sql", "url": "postgresql://ana:geheim@host/db", "table": "orders"}
    source = SqlSource.model_validate({**given, "schema": "sales"})
    assert (source.table, source.db_schema, SqlSource.model_validate(given).db_schema) == ("orders", "sales", None)
    assert source.url.get_secret_value() == given["url"]
    assert "geheim" not in repr(source)
