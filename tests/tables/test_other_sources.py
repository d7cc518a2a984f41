"""JSON, Arrow, ORC and Excel, and what every kind of source has in common: tables written here, and read back."""

import gzip
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_tables import (
    COLUMNS,
    ROWS,
    WRITERS,
    write_arrow,
    write_excel,
    write_orc,
)

from maestro_ml.project import ProjectError, Window
from maestro_ml.tables import DataError

NOON = datetime(2024, 1, 2, 12)  # noqa: DTZ001 - a workbook has no zones


class TestEveryKind:
    @pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
    def test_its_rows_and_windows_are_those_that_were_written(self, tmp_path, table_of, write):
        with table_of(write(tmp_path)) as table:
            read = table.relation.project(f"({table.event_time}), n, x, name, ok").fetchall()
            assert sorted(read) == ROWS
            day = Window(datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC))
            assert table.rows(day, ["n"]).fetchall() == [(2,)]
            assert len(table.rows(day)) == 1
            assert {name: table.kind(name) for name in COLUMNS} == COLUMNS

    @pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
    def test_where_there_is_none_the_place_is_named(self, tmp_path, table_of, write):
        source = write(tmp_path) | {"path": "nothing.here"}
        with pytest.raises(DataError, match=r"nothing\.here") as caught, table_of(source):
            pass
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("kind", ["json", "arrow", "orc", "excel"])
    def test_what_is_none_is_refused_in_one_sentence(self, tmp_path, table_of, kind):
        (tmp_path / "t").write_bytes(b"no such thing\n" * 50)
        with pytest.raises(DataError, match="cannot be read") as caught, table_of({"kind": kind, "path": "t"}):
            pass
        assert "\n" not in str(caught.value)


class TestJson:
    def test_an_array_of_objects_compressed_in_several_files(self, tmp_path, table_of):
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "a.json").write_text('[{"n": 1, "name": "x"}, {"n": 2}]')
        (tmp_path / "d" / "b.jsonl.gz").write_bytes(gzip.compress(b'{"name": "y", "more": {"k": [1]}}\n'))
        with table_of({"kind": "json", "path": "d"}, {"n": "integer", "name": "string"}) as table:
            assert table.relation.fetchall() == [(1, "x", None), (2, None, None), (None, "y", '{"k":[1]}')]

    def test_values_are_read_as_the_contract_says_or_shown(self, tmp_path, table_of):
        (tmp_path / "t.jsonl").write_text('{"n": 9007199254740993, "name": "2024-01-01"}\n{"n": "x", "name": "7"}\n')
        with table_of({"kind": "json", "path": "t.jsonl"}, {"n": "integer", "name": "string"}) as table:
            assert table.relation.fetchall() == [("9007199254740993", "2024-01-01"), ("x", "7")]
            assert table.reading("n").attempt

    def test_of_several_files_those_that_are_none_are_left_out(self, tmp_path, table_of):
        (tmp_path / "a.jsonl").write_text('{"n": 1}\n')
        (tmp_path / "b.jsonl").write_text('{"n": \n')
        (tmp_path / "c.jsonl").write_text("[1, 2]\n")
        with table_of({"kind": "json", "path": "*.jsonl"}, {"n": "integer"}) as table:
            assert table.relation.fetchall() == [(1,)]
            assert {name.rpartition("/")[2]: "Malformed" in why for name, why in table.files.refused.items()} == {
                "b.jsonl": True,
                "c.jsonl": False,
            }
        (tmp_path / "a.jsonl").unlink()
        with (
            pytest.raises(DataError, match="cannot be read"),
            table_of({"kind": "json", "path": "*"}, {"n": "integer"}),
        ):
            pass

    @pytest.mark.parametrize("content", ["1\n2\n", '{"n": 1}\n"x"\n', "[[1], [2]]", "null"])
    def test_a_row_is_an_object(self, tmp_path, table_of, content):
        (tmp_path / "t.jsonl").write_text(content)
        with (
            pytest.raises(DataError, match=r"t\.jsonl cannot be read: a row is an object"),
            table_of({"kind": "json", "path": "t.jsonl"}, {"n": "integer"}),
        ):
            pass

    def test_columns_have_the_order_of_the_keys(self, tmp_path, table_of):
        (tmp_path / "t.jsonl").write_text('{"z": 1, "a": 2}\n{"z": 3, "b": 4, "a": 5}\n')
        with table_of({"kind": "json", "path": "t.jsonl"}, {}) as table:
            assert list(table.relation.columns) == ["z", "b", "a"]

    def test_keys_that_differ_in_case_are_refused(self, tmp_path, table_of):
        (tmp_path / "t.jsonl").write_text('{"n": 1}\n{"N": 2}\n')
        with (
            pytest.raises(DataError, match="two columns are named N and n"),
            table_of({"kind": "json", "path": "t.jsonl"}, {"n": "integer"}),
        ):
            pass


class TestArrowFiles:
    def test_columns_are_matched_by_name(self, tmp_path, table_of):
        write_arrow(tmp_path, pa.table({"n": [1], "name": ["a"]}))
        (tmp_path / "t.feather").rename(tmp_path / "a.arrow")
        write_arrow(tmp_path, pa.table({"name": ["b"], "more": [0.5]}))
        with table_of({"kind": "arrow", "path": "*"}, {"n": "integer", "name": "string"}) as table:
            assert table.relation.project("n, name, more").fetchall() == [(1, "a", None), (None, "b", 0.5)]

    def test_files_that_disagree_on_a_type_are_refused_by_name(self, tmp_path, table_of):
        write_arrow(tmp_path, pa.table({"n": [1]}))
        (tmp_path / "t.feather").rename(tmp_path / "a.arrow")
        write_arrow(tmp_path, pa.table({"n": ["b"]}))
        with (
            pytest.raises(DataError, match=r"column n is int64 in a\.arrow and string in t\.feather"),
            table_of({"kind": "arrow", "path": "*"}, {"n": "integer"}),
        ):
            pass

    @pytest.mark.parametrize("type_", [pa.float16(), pa.decimal256(60, 2)], ids=str)
    def test_a_type_that_cannot_be_read_is_refused_with_its_column(self, tmp_path, table_of, type_):
        source = write_arrow(tmp_path, pa.table({"n": [1], "odd": pa.nulls(1, type_)}))
        refused = pytest.raises(DataError, match=r"t\.feather cannot be read: the column odd is .* no type here")
        with refused, table_of(source, {"n": "integer"}):
            pass


class TestExcel:
    def test_a_sheet_by_its_name_below_a_title(self, tmp_path, table_of):
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.create_sheet("March")
        for row in (["Report"], ["n", "day", "x"], [1, date(2024, 3, 1), "n/a"], [None, None, None], [2, None, 1.5]):
            sheet.append(row)
        book.save(tmp_path / "t.xlsx")
        source = {"kind": "excel", "path": "t.xlsx", "sheet": "March", "skip": 1, "null_values": ["n/a"]}
        with table_of(source, {"n": "integer", "day": "date", "x": "number"}) as table:
            assert table.relation.fetchall() == [(1, date(2024, 3, 1), None), (2, None, 1.5)]
        with (
            pytest.raises(DataError, match="no sheet 'April'; there are: Sheet, March"),
            table_of(source | {"sheet": "April"}, {"n": "integer"}),
        ):
            pass

    def test_of_several_workbooks_none_is_read(self, tmp_path, table_of):
        for name in ("a.xlsx", "b.xlsx"):
            write_excel(tmp_path)
            (tmp_path / "t.xlsx").rename(tmp_path / name)
        with (
            pytest.raises(DataError, match=r"there are several workbooks; name one of them, such as a\.xlsx"),
            table_of({"kind": "excel", "path": "*.xlsx"}),
        ):
            pass

    def test_a_column_of_several_types_is_refused_by_name(self, tmp_path, table_of):
        from openpyxl import Workbook

        book = Workbook()
        for row in (["n"], [1], ["one"]):
            book.active.append(row)
        book.save(tmp_path / "t.xlsx")
        with (
            pytest.raises(
                DataError,
                match=r"t\.xlsx cannot be read: the column n mixes text such as 'one' .* `null_values`",
            ),
            table_of({"kind": "excel", "path": "t.xlsx"}, {"n": "integer"}),
        ):
            pass

    @pytest.mark.parametrize(
        ("cells", "mixture"),
        [
            ([45_292, NOON], "numbers and times"),
            ([NOON, 45_292.5], "numbers and times"),
            ([NOON, True], "booleans and times"),
            ([NOON, time(4, 5)], "times and times of day"),
            ([2.5, True], "booleans and numbers"),
            ([timedelta(hours=30), 2], "durations and numbers"),
        ],
    )
    def test_a_number_among_dates_is_not_taken_for_one(self, tmp_path, table_of, cells, mixture):
        from openpyxl import Workbook

        book = Workbook()
        for cell in ("n", *cells):
            book.active.append([cell])
        book.save(tmp_path / "t.xlsx")
        with (
            pytest.raises(
                DataError, match=rf"the column n mixes {mixture}, which .*; give all of its cells one format"
            ),
            table_of({"kind": "excel", "path": "t.xlsx"}),
        ):
            pass


def test_other_engines_do_not_read_them(dataset_project):
    with pytest.raises(ProjectError, match="engine: spark reads Parquet, and the source is orc"):
        dataset_project(source={"kind": "orc", "path": "x"}, engine="spark", columns={"n": {"type": "integer"}})


SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0")
CELLS = {
    "i": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "f": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    "s": st.text(SIGNS, max_size=5) | st.none(),
    "b": st.booleans() | st.none(),
}


@pytest.mark.parametrize("write", [write_arrow, write_orc], ids=lambda write: write.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(*CELLS.values()), min_size=1, max_size=6))
def test_what_pyarrow_writes_is_read_back(tmp_path, table_of, write, rows):
    types = [pa.int64(), pa.float64(), pa.string(), pa.bool_()]
    columns = [pa.array(values, type_) for values, type_ in zip(zip(*rows, strict=True), types, strict=True)]
    source = write(tmp_path, pa.table(columns, names=list(CELLS)))
    kinds = dict(zip(CELLS, ["integer", "number", "string", "boolean"], strict=True))
    with table_of(source, kinds) as table:
        assert table.relation.fetchall() == rows
