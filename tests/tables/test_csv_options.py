"""How a CSV file can be written, and how the project says so."""

import gzip
from codecs import BOM_UTF8
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_ml.project import ProjectError
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.tables.sources.csv import load

COLUMNS = {"id": {"type": "integer"}, "x": {"type": "number"}, "name": {"type": "string"}}
ROWS = [(1, 0.5, "a"), (2, None, "b"), (3, 1234.25, None)]


@pytest.fixture
def read(tmp_path, dataset_project):
    """Provide `read(content, columns=..., **source)`: the rows of a table without a time."""

    def rows(content: str | bytes, columns: dict | None = None, name: str = "t.csv", **source: object):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        given = {"kind": "csv", "path": name, **source}
        with open_dataset(dataset_project(source=given, columns=columns or COLUMNS), "events") as table:
            return table.relation.fetchall()

    return rows


class TestNumbers:
    def test_a_comma_stands_before_the_decimals(self, read):
        text = "id;x;name\n1;0,5;a\n2;;b\n3;1234,25;\n"
        assert read(text, delimiter=";", decimal=",") == ROWS

    def test_thousands_are_taken_out_where_they_are_in_their_places(self, read):
        assert read("id;x;name\n1.000;1.234,5;a\n", delimiter=";", decimal=",", thousands=".") == [(1000, 1234.5, "a")]
        [(_, text, _)] = read("id;x;name\n1;1.5;a\n", delimiter=";", decimal=",", thousands=".")
        assert text == "1.5"  # one and a half to somebody, and fifteen to nobody

    @pytest.mark.parametrize("text", ["1,2,3", "1.5", "0x1F", "1 2", ",", "--1"])
    def test_what_is_no_number_with_a_decimal_comma_stays_text(self, read, text):
        assert read(f"id;x;name\n1;{text};a\n", delimiter=";", decimal=",") == [(1, text, "a")]

    def test_infinity_nan_and_exponents_are_read_as_ever(self, read):
        rows = read("id;x;name\n1;inf;\n2;-Infinity;\n3;1,5e3;\n", delimiter=";", decimal=",")
        assert [x for _, x, _ in rows] == [float("inf"), float("-inf"), 1500.0]

    def test_a_column_can_differ(self, tmp_path, dataset_project):
        (tmp_path / "t.csv").write_text("id;x;name\n1;1.5;-\n2;0.5;NA\n-;2.5;b\n")
        own = {"x": {"decimal": "."}, "NAME": {"null_values": ["NA"]}}
        source = {
            "kind": "csv",
            "path": "t.csv",
            "delimiter": ";",
            "decimal": ",",
            "null_values": ["-"],
            "columns": own,
        }
        columns = {"id": {"type": "integer"}, "x": {"type": "number"}, "NAME": {"type": "string", "required": False}}
        with open_dataset(dataset_project(source=source, columns=columns), "events") as table:
            assert table.relation.fetchall() == [(1, 1.5, "-"), (2, 0.5, None), (None, 2.5, "b")]


class TestMissingValues:
    @pytest.fixture(autouse=True, params=[1000, 1], ids=["narrow", "wide"])
    def _width(self, request, monkeypatch):
        """Read the tables as narrow ones, and as ones with very many columns."""
        monkeypatch.setattr(load, "_WIDE", request.param)
        monkeypatch.setattr(load, "_AT_ONCE", 1)

    def test_empty_fields_of_several_files_with_folders(self, tmp_path, dataset_project):
        for day, text in (("2024-01-05", "id,x,name\n1,,NA\n"), ("", "name,id\n-,\n,2\n")):
            (tmp_path / f"lake/day={day}").mkdir(parents=True)
            (tmp_path / f"lake/day={day}/t.csv").write_text(text)
        source = {"kind": "csv", "path": "lake", "partitions": ["day"], "null_values": ["NA", "-"]}
        columns = {**COLUMNS, "day": {"type": "string"}}
        with open_dataset(dataset_project(source=source, columns=columns), "events") as table:
            rows = table.relation.project("id, x, name, day").fetchall()
        assert sorted(rows, key=str) == [(1, None, None, "2024-01-05"), (2, None, None, ""), (None, None, None, "")]

    def test_texts_that_stand_for_a_missing_value(self, read):
        text = "id,x,name\n1,0.5,a\n2,NA,b\n3,1234.25, NA \n"
        assert read(text, null_values=["NA"]) == ROWS

    def test_numbers_are_taken_as_they_are_written(self, read):
        assert read("id,x,name\n-999,-1,a\n", null_values=[-999, "-1"]) == [(None, None, "a")]

    def test_quotes_do_not_matter(self, read):
        assert read('id,x,name\n1,"NA","NA"\n', null_values=["NA"]) == [(1, None, None)]

    def test_other_texts_and_blanks_stay(self, read):
        assert read("id,x,name\n1,,na\n2,, \n", null_values=["NA"]) == [(1, None, "na"), (2, None, " ")]


class TestLines:
    def test_lines_above_the_header_are_skipped(self, read):
        text = 'Report, "of January\n\nid,x,name\n1,0.5,a\n2,,b\n3,1234.25,\n'
        assert read(text, skip=2) == ROWS

    def test_lines_that_begin_with_the_comment_are_no_rows(self, read):
        text = "# made by hand\nid,x,name\n1,0.5,a\n# half\n2,,b\n3,1234.25,\n"
        assert read(text, comment="#") == ROWS

    def test_a_comment_inside_a_quoted_field_is_text(self, read):
        assert read('id,x,name\n1,0.5,"a\n# b"\n', comment="#") == [(1, 0.5, "a\n# b")]
        assert read("id,x,name\n1,0.5,a # b\n", comment="#") == [(1, 0.5, "a # b")]

    def test_without_a_header_the_contract_names_the_columns(self, read):
        assert read("1,0.5,a\n2,,b\n3,1234.25,\n", header=False) == ROWS

    def test_without_a_header_the_number_of_fields_must_be_that_of_the_contract(self, read):
        with pytest.raises(DataError, match=r"line 1 has 2 fields, the contract names 3"):
            read("1,0.5\n", header=False)

    def test_lines_of_an_error_are_those_of_the_file(self, read):
        with pytest.raises(DataError, match="line 5 has 4 fields, the header"):
            read("title\n# c\nid,x,name\n1,0.5,a\n1,2,3,4\n", skip=1, comment="#")


class TestEncodings:
    TEXT = "id,x,name\n1,0.5,é\n"

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    def test_a_declared_encoding_is_read(self, read, encoding):
        assert read(self.TEXT.encode(encoding), encoding=encoding) == [(1, 0.5, "é")]

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
    def test_a_byte_order_mark_says_the_encoding(self, read, encoding):
        assert read(self.TEXT.encode(encoding)) == [(1, 0.5, "é")]

    def test_utf_16_without_a_mark_is_named(self, read):
        with pytest.raises(DataError, match="say so with `encoding: utf-16-le`"):
            read(self.TEXT.encode("utf-16-le"))

    def test_a_byte_that_is_no_utf_8_names_the_key(self, read):
        with pytest.raises(DataError, match=r"say how it is written with `encoding`.*line 2 holds the byte 0xE9"):
            read(self.TEXT.encode("latin-1"))

    def test_what_is_not_in_the_declared_encoding_is_named(self, read):
        with pytest.raises(DataError, match="it is not ascii text"):
            read(self.TEXT, encoding="ascii")

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
    def test_a_byte_order_mark_is_believed_whatever_is_declared(self, read, encoding):
        assert read(self.TEXT.encode(encoding), encoding="cp1252") == [(1, 0.5, "é")]

    @pytest.mark.parametrize(
        ("second", "rows", "left_out"),
        [
            ("é".encode(), 1, ["2.csv"]),
            ("é".encode("cp1252"), 2, []),
            (b"e", 2, []),
            ("é".encode("utf-8-sig"), 2, []),
        ],
    )
    def test_beside_files_in_the_declared_encoding_one_in_utf_8_is_left_out_by_name(
        self, tmp_path, dataset_project, second, rows, left_out
    ):
        mark, text = (second[:3], second[3:]) if second.startswith(BOM_UTF8) else (b"", second)
        (tmp_path / "1.csv").write_bytes(self.TEXT.encode("cp1252"))
        (tmp_path / "2.csv").write_bytes(mark + b"id,x,name\n1,0.5," + text + b"\n")
        source = {"kind": "csv", "path": ".", "encoding": "cp1252"}
        with open_dataset(dataset_project(source=source, columns=COLUMNS), "events") as table:
            assert len(table.relation) == rows
            assert {row[2] for row in table.relation.fetchall()} <= {"é", "e"}
            assert [Path(file).name for file in table.files.refused] == left_out
            assert all("in UTF-8, and others are cp1252" in why for why in table.files.refused.values())

    def test_beside_files_in_utf_8_one_that_is_not_is_left_out_by_name(self, tmp_path, dataset_project):
        for name, encoding in (("1.csv", "utf-8"), ("2.csv", "cp1252")):
            (tmp_path / name).write_bytes(self.TEXT.encode(encoding))
        source = {"kind": "csv", "path": ".", "encoding": "utf-8"}
        with open_dataset(dataset_project(source=source, columns=COLUMNS), "events") as table:
            assert [Path(file).name for file in table.files.refused] == ["2.csv"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_compressed_files_too(self, read, encoding):
        content = self.TEXT.encode(encoding)
        assert read(gzip.compress(content), name="t.csv.gz") == [(1, 0.5, "é")]
        assert read(pa.compress(content, "zstd", asbytes=True), name="t.csv.zst") == [(1, 0.5, "é")]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0", exclude_categories=["Cs"]), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False) | st.none(), TEXTS), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([".", ","]),
    st.sampled_from(["NA", "-999", ""]),
    st.sampled_from(["utf-8", "utf-16"]),
    st.booleans(),
)
def test_what_pandas_writes_is_read_back(read, rows, delimiter, decimal, missing, encoding, header):
    frame = pd.DataFrame({"x": [x for x, _ in rows], "name": [name for _, name in rows]}, dtype=object)
    frame["x"] = frame["x"].astype(float)
    text = frame.to_csv(sep=delimiter, decimal=decimal, na_rep=missing, index=False, header=header)
    columns = {"x": {"type": "number"}, "name": {"type": "string"}}
    found = read(
        text.encode(encoding),
        columns,
        delimiter=delimiter,
        decimal=decimal,
        null_values=[missing] if missing else [],
        encoding=encoding,
        header=header,
    )
    expected = [(x, None if missing and name.strip(" ") == missing else name) for x, name in rows]
    assert [(None if x is None else float(x), name) for x, name in found] == expected


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ({"decimal": ";"}, "'.' or ','"),
        ({"thousands": "."}, "decimal and thousands are both '.'"),
        ({"thousands": "x"}, "no digit, letter"),
        ({"encoding": "utf-99"}, "no encoding 'utf-99'"),
        ({"encoding": "base64"}, "no encoding 'base64'"),
        ({"comment": ","}, "a comment cannot begin with the delimiter"),
        ({"skip": -1}, "greater than or equal to 0"),
        ({"null_values": [True]}, "found true"),
        ({"columns": {"idd": {"decimal": ","}}}, "did you mean 'id'?"),
    ],
)
def test_what_cannot_be_is_refused_when_the_project_is_loaded(dataset_project, source, part):
    with pytest.raises(ProjectError) as caught:
        dataset_project(source={"kind": "csv", "path": "t.csv", **source}, columns=COLUMNS)
    assert part.lower() in str(caught.value).lower()
