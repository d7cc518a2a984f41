"""Rows and texts are those that Python's csv module reads, whatever the fields hold."""

import csv
import io
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_ml.project import RequestError, load_project
from maestro_ml.tables import DataError, open_dataset

FIELD = st.text(
    st.sampled_from("ab'\"`,;|\t\n\r \\#é漢0:-.") | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)
NAME = FIELD.filter(lambda text: text.strip() and text.strip().lower() != "c")
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quotechar": st.sampled_from("\"'"),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    }
)


@pytest.fixture
def texts(tmp_path):
    """Provide the rows of CSV text as Maestro reads them: all columns are text by the contract."""

    def read(content: str, delimiter: str, quote: str, names: list[str]):
        (tmp_path / "d.csv").write_text(content, encoding="utf-8", newline="")
        columns = "".join(f"      {name}: {{type: string}}\n" for name in names)
        (tmp_path / "maestro.yaml").write_text(
            "name: p\ndatasets:\n  d:\n"
            f"    source: {{kind: csv, path: d.csv, delimiter: {_yaml(delimiter)}, quote: {_yaml(quote)}}}\n"
            f"    timestamp: {names[0]}\n    columns:\n{columns}"
        )
        with open_dataset(load_project(tmp_path, environ={}), "d") as opened:
            return opened.relation.fetchall()

    return read


def _yaml(sign: str) -> str:
    return {"\t": r'"\t"', '"': "'\"'", "'": '"\'"'}.get(sign, f'"{sign}"')


# Each example opens a dataset: half as many as of others.
SETTINGS = settings(
    max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


REFUSED = r"d\.csv cannot be read: (line \d+ has \d fields?, the header|the quote opened in line)"


def expected(content: str, delimiter: str, quote: str, width: int) -> list[list[str | None]] | None:
    """Return the rows below the header; None where the text is not well-formed."""
    lines = io.StringIO(content, newline="")
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True) if row]
    except csv.Error:
        return None
    return None if any(len(row) != width for row in rows) else [[value or None for value in row] for row in rows[1:]]


@SETTINGS
@given(data=st.data(), dialect=DIALECTS, width=st.integers(1, 4))
def test_what_csv_writer_writes(texts, data, dialect, width):
    rows = data.draw(st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=8))
    names = [
        "c",
        *data.draw(st.lists(NAME, min_size=width - 1, max_size=width - 1, unique_by=lambda n: n.strip().lower())),
    ]
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([names, *rows])
    content = (out.getvalue(), dialect["delimiter"], dialect["quotechar"])
    if (wanted := expected(*content, width)) is None:  # it does not quote a line end that is not its own
        with pytest.raises(DataError, match=REFUSED):
            texts(*content, ["c"])
    else:
        assert [list(row) for row in texts(*content, ["c"])] == wanted


LINES = ["a,b", "1,2", '"x\ny",2', '1,"p\r\nq"', "", ",", '"",""', "1", "1,2,3", "1,2,", '1,"x', 'x"y,2', "é,'"]
ENDS = ["\n", "\r\n", "\r"]


@SETTINGS
@given(
    lines=st.lists(st.sampled_from(LINES), max_size=7),
    ends=st.lists(st.sampled_from(ENDS), min_size=8, max_size=8) | st.sampled_from([[end] * 8 for end in ENDS]),
)
def test_any_lines_are_read_as_csv_reader_does_or_refused(texts, lines, ends):
    content = "".join(line + end for line, end in zip(["a,b", *lines], ends, strict=False))
    if (wanted := expected(content, ",", '"', 2)) is None:
        with pytest.raises(DataError, match=REFUSED):
            texts(content, ",", '"', ["a", "b"])
    else:
        assert [list(row) for row in texts(content, ",", '"', ["a", "b"])] == wanted


@pytest.fixture
def column(tmp_path):
    """Provide the values of one column, in the type the contract says."""

    def read(type_: str, texts: list[str]):
        (tmp_path / "d.csv").write_text("t,x\n" + "".join(f"{text},\n" for text in texts), newline="")
        (tmp_path / "maestro.yaml").write_text(
            "name: p\ndatasets:\n  d:\n    source: {kind: csv, path: d.csv}\n"
            f"    timestamp: t\n    columns: {{t: {{type: {type_}}}}}\n"
        )
        with open_dataset(load_project(tmp_path, environ={}), "d") as opened:
            return opened.relation.fetchall()

    return read


@SETTINGS
@given(st.lists(st.integers(-(10**38) + 1, 10**38 - 1), min_size=1, max_size=6), st.sampled_from(["integer", "number"]))
def test_integers_are_exact(column, values, type_):
    assert [row[0] for row in column(type_, [str(value) for value in values])] == values


@SETTINGS
@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=6))
def test_doubles_are_those_that_were_written(column, values):
    assert [float(row[0]) for row in column("number", [repr(value) for value in values])] == values


ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
YEARS = {"min_value": datetime(1000, 1, 2), "max_value": datetime(9999, 12, 30)}  # noqa: DTZ001


@SETTINGS
@given(st.lists(st.datetimes(**YEARS), min_size=1, max_size=6), st.sampled_from(" T"))
def test_times_are_those_that_were_written(column, values, separator):
    found = [row[0] for row in column("timestamp", [value.isoformat(separator) for value in values])]
    assert found == values


@SETTINGS
@given(st.lists(st.datetimes(**YEARS, timezones=ZONES), min_size=1, max_size=6), st.sampled_from(" T"))
def test_instants_are_those_that_were_written(column, values, separator):
    found = [row[0] for row in column("timestamp", [value.isoformat(separator) for value in values])]
    assert found == values


@SETTINGS
@given(
    st.lists(st.dates(date(1970, 1, 1), date(2049, 12, 31)), min_size=1, max_size=6),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m-%d-%y", "%y/%m/%d"]),
)
def test_numeric_dates_are_never_read_as_others(column, values, format_):
    refused = None
    try:
        found = [row[0] for row in column("date", [value.strftime(format_) for value in values])]
    except RequestError as error:
        refused = str(error)
    assert found == values if refused is None else format_ in refused


def test_line_ends_in_quotes_across_the_parts_a_large_file_is_read_in(texts):
    rows = [[str(i), "x\n" * (i % 7) + '"' + "y" * 200] for i in range(100_000)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["a", "b"], *rows])
    assert [list(row) for row in texts(out.getvalue(), ",", '"', ["a", "b"])] == rows
