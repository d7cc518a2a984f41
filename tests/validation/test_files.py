"""A dataset of several files, some of which are not as they should be."""

import pandas as pd
import pyarrow as pa
import pytest
from parquet_lies import whole, without_nulls, write

from maestro_ml.validation.report.html import render_html

SOURCE = {"source": {"kind": "parquet", "path": "lake"}}
COLUMNS = {"at": {"type": "timestamp"}, "n": {"type": "number"}, "m": {"type": "integer", "required": False}}
CHECKS = [{"check": "range", "column": "n", "min": 0}, {"check": "missing", "column": "n"}]
DECLARED = {"columns": COLUMNS, "checks": CHECKS, **SOURCE}


@pytest.fixture
def lake(tmp_path, events):
    """Provide `lake(name=frame, ...)`, which writes each frame as a file of the dataset; three good ones are there."""
    folder = tmp_path / "lake"
    folder.mkdir()

    def write(**frames: pd.DataFrame):
        for name, frame in frames.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
        return folder

    write(a=events(n=[1.0, 2.0]), b=events(n=[-1.0, 2.0]), c=events(n=[3.0, None]))
    return write


def test_files_as_agreed_pass_in_one_finding(judge, lake, pick):
    report = judge(None, "schema", "quality", **DECLARED)
    assert pick(report, "files").message == "3 files agree with the contract"
    assert (report.rows, pick(report, "range").numbers["count"]) == (6, 1)


def test_a_truncated_file_is_a_finding_that_names_it_and_the_others_are_judged(judge, lake, pick):
    folder = lake()
    whole = (folder / "a.parquet").read_bytes()
    (folder / "a.parquet").write_bytes(whole[: len(whole) // 2])
    report = judge(None, "schema", "quality", **DECLARED)
    found = pick(report, "files")
    assert found.violated
    assert found.message.startswith("a.parquet cannot be read and was left out: ")
    assert (report.rows, pick(report, "range").numbers["count"]) == (4, 1)


@pytest.mark.parametrize("stages", [(), ("schema",), ("quality",)])
def test_a_file_that_looks_like_data_and_is_left_out_is_named_and_fails(judge, lake, pick, stages):
    folder = lake()
    (folder / "a.parquet").rename(folder / "a.parquet.bak")
    (folder / "b.parquet").rename(folder / "part-00001")
    (folder / "_SUCCESS").touch()
    report = judge(None, *stages, **DECLARED)
    found = pick(report, "files")
    assert found.violated
    assert found.message.startswith("1 of 3 files that look like data were read; left out: a.parquet.bak (its name ")
    assert "part-00001 (it is Parquet, and its name does not end in .parquet)" in found.message
    assert (report.rows, report.verdict) == (2, "fail")


def test_files_with_other_types_or_without_a_column_are_findings_that_name_them(judge, lake, events, pick):
    lake(d=events(n=["many"]), e=events(x=[1]), f=events(x=[2]))
    report = judge(None, "schema", "quality", **DECLARED)
    found = [f.message for f in report.violated if f.check == "files"]
    assert found == [
        "e.parquet (and 1 more like it): the column n is missing",
        "d.parquet: the column n is VARCHAR; the contract says number",
    ]
    assert report.rows == 9
    assert pick(report, "missing", "n").numbers["count"] == 3


def test_another_order_a_wider_type_and_an_optional_column_are_no_differences(judge, lake, events, pick):
    lake(d=events(n=[4.0], m=[1]).iloc[:, ::-1], e=events(n=[5]))
    report = judge(None, "schema", "quality", **DECLARED)
    assert not pick(report, "files").violated
    assert (report.rows, pick(report, "range").numbers["high"]) == (8, 5.0)


def test_a_file_whose_pages_are_damaged_stops_only_the_checks_that_read_them(judge, tmp_path, events, pick):
    frame = events(n=[float(i) for i in range(500)], m=range(500))
    path = tmp_path / "events.parquet"
    frame.to_parquet(path, index=False, compression="zstd", write_statistics=False, use_dictionary=False)
    import pyarrow.parquet as pq

    chunk = pq.ParquetFile(path).metadata.row_group(0).column(1)
    content = bytearray(path.read_bytes())
    start = chunk.data_page_offset + 40
    content[start : start + 200] = bytes(200)
    path.write_bytes(content)
    checks = [{"check": "range", "column": name, "min": 0, "max": 1000} for name in ("n", "m")]
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}, "m": {"type": "integer"}}
    report = judge(None, "quality", columns=columns, checks=checks)
    assert pick(report, "range", "n").message.startswith("could not be checked: ")
    assert not pick(report, "range", "m").violated
    assert report.verdict == "fail"


class TestCsv:
    @pytest.fixture
    def judged(self, tmp_path, judge):
        """Provide `judged(name=content, ...)`: the report on a folder of CSV files, two good ones among them."""

        def report(**contents: str | bytes):
            folder = tmp_path / "lake"
            folder.mkdir()
            good = {"a": "at,n\n2024-01-01T00:00:00Z,1\n", "b": "n,at,m\n-1,2024-01-02T00:00:00Z,3\n"}
            for name, content in (good | contents).items():
                data = content if isinstance(content, bytes) else content.encode()
                (folder / f"{name}.csv").write_bytes(data)
            return judge(None, "schema", "quality", **DECLARED | {"source": {"kind": "csv", "path": "lake"}})

        return report

    def test_as_agreed(self, judged, pick):
        report = judged(c="at,n,m\n2024-01-03T00:00:00Z,,\n")
        assert pick(report, "files").message == "3 files agree with the contract"
        assert (report.rows, pick(report, "range").numbers["count"]) == (3, 1)

    def test_a_file_without_a_column_or_with_another_type_is_named(self, judged, pick):
        report = judged(
            c="at,x\n2024-01-03T00:00:00Z,1\n", d="at,n\n2024-01-04T00:00:00Z,many\n2024-01-05T00:00:00Z,\n"
        )
        assert sorted(f.message for f in report.violated if f.check == "files") == [
            "c.csv: the column n is missing",
            "d.csv: the column n is VARCHAR; the contract says number",
        ]
        assert pick(report, "missing", "n").numbers["count"] == 2

    def test_a_file_that_is_no_text_is_named_with_what_to_do_and_the_others_are_judged(self, judged, pick):
        report = judged(c="at,n\n2024-01-03T00:00:00Z,café\n".encode("latin-1"), d=bytes(range(256)) * 64)
        found = {f.message.split(" ")[0]: f.message for f in report.violated if f.check == "files"}
        assert sorted(found) == ["c.csv", "d.csv"]
        assert found["c.csv"].startswith(
            "c.csv cannot be read and was left out: it is not UTF-8 text; say how it is written with `encoding`"
        )
        assert (report.rows, pick(report, "range").numbers["count"]) == (2, 1)

    def test_what_is_wrong_with_each_file_has_a_line_of_its_own(self, judged, pick):
        report = judged(
            c="at,n\n2024-01-03T00:00:00Z,1,2\n",
            d='at,n\n2024-01-03T00:00:00Z,"1\n',
            e="at,n,N\n2024-01-03T00:00:00Z,1,2\n",
            f="2024-01-03T00:00:00Z,1\n",
            g="at,n\r\n2024-01-04T00:00:00Z,7\n",
        )
        found = [
            f.message.partition(" cannot be read and was left out: ") for f in report.violated if f.check == "files"
        ]
        assert {file: why.partition(":")[0] for file, _, why in found} == {
            "c.csv": "line 2 has 3 fields, the header (line 1) has 2",
            "d.csv": "the quote opened in line 2 is never closed",
            "e.csv": "its header names a column more than once",
            "f.csv": "its first line is not a header with columns of the contract (at, n, m)",
        }
        assert report.rows == 3

    def test_values_of_one_file_that_cannot_be_read_are_shown_and_the_file_is_named(self, judged, pick):
        report = judged(c="at,n\n2024-01-03T00:00:00Z,n/a\n2024-01-03T00:00:00Z,7\n2024-01-03T00:00:00Z,-\n")
        found = [f.message for f in report.violated if f.check == "files"]
        assert found == ["c.csv: the column n is VARCHAR; the contract says number"]
        assert pick(report, "type", "n").message.endswith(
            "2 of 5 (40.00 %) values cannot be read as number, such as '-', 'n/a'; "
            "if they stand for missing values, say so with `null_values` of the source"
        )

    def test_partitions_are_names_of_folders(self, tmp_path, judge, pick):
        for folder, rows in (
            ("m=1", "at,n,m\n2024-01-01T00:00:00Z,5,1\n"),
            ("m=2", "at,n,m\r\n2024-01-02T00:00:00Z,6,3\n"),
        ):
            (tmp_path / "lake" / folder).mkdir(parents=True)
            (tmp_path / "lake" / folder / "part.csv").write_text(rows, newline="")
        source = {"kind": "csv", "path": "lake", "partitions": ["m"]}
        report = judge(None, "schema", "quality", **DECLARED | {"source": source})
        assert pick(report, "files").message == "part.csv: 1 row with m 3, where the folder says 2"
        assert pick(report, "type", "m").message == "integer (BIGINT)"
        undeclared = judge(None, "schema", "quality", **DECLARED | {"source": {"kind": "csv", "path": "lake"}})
        assert (undeclared.rows, pick(undeclared, "files").violated) == (2, False)


class TestDatesInCsv:
    COLUMNS = {"at": {"type": "timestamp"}, "day": {"type": "date"}}

    @pytest.fixture
    def judged(self, tmp_path, judge):
        def report(*days: str, pii: bool = False, **source: str):
            rows = "".join(f"2024-01-01T00:00:00Z,{day}\n" for day in days)
            (tmp_path / "events.csv").write_text(f"at,day\n{rows}")
            columns = self.COLUMNS | {"day": {"type": "date", "pii": pii}}
            return judge(None, "schema", columns=columns, source={"kind": "csv", "path": "events.csv", **source})

        return report

    def test_the_reading_that_was_taken_is_reported(self, judged, pick):
        found = pick(judged("03/04/2024", "25/12/2024"), "type", "day")
        assert (found.violated, found.message) == (False, "date (DATE), read by %d/%m/%Y")

    def test_so_is_that_of_a_column_no_reading_fits(self, judged, pick):
        found = pick(judged("25/12/2024", "24/12/2024", "12/31/2024", date_format="%d/%m/%Y"), "type", "day")
        assert found.violated
        assert found.message == (
            "string (VARCHAR); the contract says date: 1 of 3 (33.33 %) values cannot be read as date, "
            "read by %d/%m/%Y, such as '12/31/2024'"
        )

    def test_personal_values_are_counted_only(self, judged, pick):
        found = pick(judged("2024-12-25", "unknown", pii=True), "type", "day")
        assert found.message.endswith("1 of 2 (50.00 %) values cannot be read as date")


def test_a_column_that_disagrees_with_its_declared_folder_is_a_finding(judge, tmp_path, events, pick):
    for folder, value in (("m=1", 1), ("m=2", 3)):
        (tmp_path / "lake" / folder).mkdir(parents=True)
        events(n=[1.0], m=[value]).to_parquet(tmp_path / "lake" / folder / "part.parquet", index=False)
    source = {"kind": "parquet", "path": "lake", "partitions": ["m"]}
    report = judge(None, "schema", "quality", **DECLARED | {"source": source})
    assert pick(report, "files").message == "part.parquet: 1 row with m 3, where the folder says 2"
    assert (pick(report, "files").violated, report.rows) == (True, 2)
    undeclared = judge(None, "schema", "quality", **DECLARED)
    assert not pick(undeclared, "files").violated


def test_a_column_that_only_folders_have_says_how_to_declare_it(judge, tmp_path, events, pick):
    (tmp_path / "lake" / "m=1").mkdir(parents=True)
    events(n=[1.0]).to_parquet(tmp_path / "lake" / "m=1" / "part.parquet", index=False)
    columns = COLUMNS | {"m": {"type": "integer"}}
    report = judge(None, "schema", **DECLARED | {"columns": columns})
    assert pick(report, "required", "m").message == (
        "the column is missing; folders are named m=...: declare `partitions: [m]` of the source, if they give it"
    )


@pytest.mark.parametrize("lying", [False, True])
def test_the_report_says_what_came_from_footers_or_why_nothing_did(judge, tmp_path, events, pick, lying):
    frame = events(n=[1.0, None, None, 2.0])
    content = whole(pa.Table.from_pandas(frame, preserve_index=False))
    write(tmp_path / "lake" / "a.parquet", without_nulls(content, frame.columns.get_loc("n")) if lying else content)
    report = judge(None, "schema", "quality", **DECLARED)
    assert pick(report, "missing").numbers["count"] == 2
    page = render_html(report)
    if lying:
        assert report.footers.columns == ()
        assert report.footers.doubt.startswith("statistics of a.parquet (written by parquet-cpp-arrow version ")
        assert f"All rows were read: {report.footers.doubt}." in page
    else:
        assert report.footers.doubt is None
        assert report.footers.columns == ("at", "n")
        assert "Of at, n, counts of rows and nulls" in page
