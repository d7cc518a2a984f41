"""Which row groups make up a window, and when their footers are not asked."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.core.errors import DataError
from maestro_ml.project import Window
from maestro_ml.tables import open_dataset
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.sources import parquet
from maestro_ml.tables.sources.scan import read_parquet

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def write(tmp_path, dataset_project):
    """Provide `write({file: times}, ...)`: the dataset of these files, a row group for each three rows.

    `n` counts the rows.
    """

    def written(files: dict[str, list], zone: str | None = "UTC", type_: pa.DataType | None = None, **dataset: object):
        for name, times in files.items():
            at = pa.array(times, pa.timestamp("us", zone))
            table = pa.table({"at": at, "n": pa.array(range(len(times)), type_ or pa.int64())})
            pq.write_table(table, tmp_path / name, row_group_size=3)
        given = {"source": {"kind": "parquet", "path": str(tmp_path)}, "timestamp": "at"}
        columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}}
        return dataset_project(**given | {"columns": columns} | dataset)

    return written


def hours(*numbers: float) -> list[datetime]:
    return [START + HOUR * number for number in numbers]


SIX = hours(0, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("first", "end", "rows"),
    [
        (0, 6, 6),
        (0, 5, None),  # the last row is at the window's end, and not in it
        (0, 3, 3),  # the other group begins at the end
        (3, 6, 3),
        (2, 6, None),  # the first group ends where the window starts, inside it
        (-9, 0, None),
        (2 + 1 / 3600, 6, 3),
    ],
)
def test_footers_answer_for_whole_row_groups_and_to_the_bound(write, first, end, rows):
    with open_dataset(write({"a.parquet": SIX}), "events") as dataset:
        window = Window(START + HOUR * first, START + HOUR * end)
        statistics, stored = dataset.row_groups.statistics(window), dataset.row_groups.stored(window)
        assert (statistics["n"].rows if statistics else None) == rows
        assert (len(stored.values("n")) if stored else None) == rows
        assert len(dataset.rows(window).fetchall()) == sum(first <= hour < end for hour in range(6))


@pytest.mark.parametrize(
    ("said", "extremes"),
    [
        ("TRUE AS min_is_exact", (0, 5)),
        ("NULL AS min_is_exact", (0, 5)),  # as in files of writers that do not say
        ("NULL AS max_is_exact", (0, 5)),
        ("FALSE AS min_is_exact", (None, None)),
        ("FALSE AS max_is_exact", (None, None)),
    ],
)
def test_extremes_that_a_footer_calls_inexact_are_not_used(write, said, extremes):
    with open_dataset(write({"a.parquet": SIX}), "events") as dataset:
        footers = f"SELECT * REPLACE ({said}) FROM system.main.parquet_metadata(files)"
        dataset.connection.execute(f"CREATE MACRO parquet_metadata(files) AS TABLE {footers}")
        found = dataset.row_groups.statistics(Window(START, START + HOUR * 6))["n"]
        assert (found.rows, (found.low, found.high)) == (6, extremes)


def test_rows_without_a_time_are_in_no_window_of_whole_groups(write):
    with open_dataset(write({"a.parquet": [*SIX[:2], None, *SIX[3:]]}), "events") as dataset:
        window = Window(START, START + HOUR * 6)
        assert len(dataset.rows(window).fetchall()) == 5
        assert dataset.row_groups.statistics(window) is None


def test_a_clock_that_goes_back_is_not_read_from_footers(write):
    zone = ZoneInfo("Europe/Berlin")
    autumn = datetime(2024, 10, 27, tzinfo=UTC)
    local = [(autumn + timedelta(minutes=30 * i)).astimezone(zone).replace(tzinfo=None) for i in range(6)]
    with open_dataset(write({"a.parquet": local}, zone=None, timezone="Europe/Berlin"), "events") as dataset:
        assert dataset.row_groups.all == []
    with open_dataset(write({"a.parquet": local}, zone=None), "events") as dataset:
        assert len(dataset.row_groups.all) == 2


def test_footers_are_not_used_of_many_files_or_of_files_that_differ(write, tmp_path, monkeypatch):
    with open_dataset(write({f"{name}.parquet": SIX for name in "abcdef"}), "events") as dataset:
        assert len(dataset.row_groups.all) == 12
    for name in "cdef":
        (tmp_path / f"{name}.parquet").unlink()
    monkeypatch.setattr(parquet, "MANY_FILES", 1)
    with open_dataset(write({"a.parquet": SIX, "b.parquet": SIX}), "events") as dataset:
        assert dataset.row_groups.all == []
    monkeypatch.undo()
    write({"a.parquet": SIX})
    with open_dataset(write({"b.parquet": SIX}, type_=pa.float32()), "events") as dataset:
        assert dataset.row_groups.all == []


def test_columns_of_a_bucket_come_from_the_database(write, tmp_path):
    """What opens files of a bucket knows its endpoint and its login; what reads columns from files does not."""
    write({"a.parquet": SIX})
    memory = fsspec.filesystem("memory")
    memory.pipe("/row-groups/a.parquet", (tmp_path / "a.parquet").read_bytes())
    source = {"kind": "parquet", "path": "memory://row-groups"}
    try:
        with open_dataset(write({"a.parquet": SIX}, source=source), "events") as dataset:
            window = Window(START, START + HOUR * 6)
            assert dataset.row_groups.statistics(window)["n"].rows == 6
            assert dataset.row_groups.stored(window) is None
    finally:
        memory.rm("/row-groups", recursive=True)


def test_a_name_that_the_path_of_a_nested_column_reads_like_has_no_statistics(tmp_path, dataset_project):
    at = pa.array(SIX, pa.timestamp("us", "UTC"))
    nested = pa.array([{"b": 100 + n} for n in range(6)])
    pq.write_table(pa.table({"at": at, "a, b": pa.array(range(6)), "a": nested}), tmp_path / "a.parquet")
    project = dataset_project(
        source={"kind": "parquet", "path": str(tmp_path)},
        timestamp="at",
        columns={"at": {"type": "timestamp"}, "a, b": {"type": "integer"}},
    )
    with open_dataset(project, "events") as dataset:
        window = Window(START, START + HOUR * 6)
        assert "a, b" not in dataset.row_groups.statistics(window)
        assert dataset.rows(window).aggregate('max("a, b")').fetchall() == [(5,)]


def test_nan_of_single_precision_is_missing(write):
    with open_dataset(write({"a.parquet": SIX}, type_=pa.float32()), "events") as dataset:
        assert dataset.can_be_nan("n")
        relation = dataset.connection.sql("SELECT 'nan'::FLOAT AS n UNION ALL SELECT 1::FLOAT UNION ALL SELECT NULL")
        assert relation.filter(dataset.missing("n")).aggregate("count(*)").fetchall() == [(2,)]


def test_a_file_that_cannot_be_read_is_not_left_out_of_rows_that_must_be_all(write, tmp_path):
    write({"a.parquet": SIX})
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and then nothing")
    with connect() as connection, pytest.raises(DataError, match=r"b.parquet cannot be read"):
        read_parquet(connection, str(tmp_path))


def test_a_row_group_of_the_windows_end_alone_is_not_in_its_statistics(write):
    with open_dataset(write({"a.parquet": hours(0, 1, 2, 3, 3, 3)}), "events") as dataset:
        assert dataset.row_groups.statistics(Window(START, START + HOUR * 3))["n"].rows == 3


@pytest.mark.parametrize(
    ("said", "nans"), [("stats_nan_count", 2), ("CASE WHEN file_name LIKE '%c.parquet' THEN 1 END", None)]
)
def test_nan_is_counted_by_footers_where_each_of_them_counts_it(write, tmp_path, said, nans):
    """DuckDB writes how many there are, other writers do not."""
    project = write({"a.parquet": SIX}, type_=pa.float64())
    with connect() as connection:
        rows = f"SELECT * REPLACE (CASE n WHEN 2 THEN 'nan' ELSE n END AS n) FROM read_parquet('{tmp_path}/a.parquet')"
        for name in "bc":
            connection.execute(f"COPY ({rows}) TO '{tmp_path}/{name}.parquet'")
    (tmp_path / "a.parquet").unlink()
    with open_dataset(project, "events") as dataset:
        footers = f"SELECT * REPLACE ({said} AS stats_nan_count) FROM system.main.parquet_metadata(files)"
        dataset.connection.execute(f"CREATE MACRO parquet_metadata(files) AS TABLE {footers}")
        found = dataset.row_groups.statistics(Window(START, START + HOUR * 6))["n"]
        assert (found.rows, found.nulls, found.nans) == (12, 0, nans)


@pytest.mark.parametrize(("most", "kept"), [(8_000_000, True), (10, False)])
def test_short_footers_are_read_once_and_long_ones_for_each_query(write, monkeypatch, most, kept):
    monkeypatch.setattr(parquet, "KEPT_FOOTERS", most)
    with open_dataset(write({"a.parquet": SIX, "[b].parquet": SIX}), "events") as dataset:
        assert dataset.fetch("SELECT current_setting('parquet_metadata_cache')") == [(kept,)]


def test_a_file_that_is_replaced_is_read_with_its_own_footer(write):
    with open_dataset(write({"a.parquet": SIX}), "events") as dataset:
        assert len(dataset.relation) == 6
        write({"a.parquet": SIX[:4]})
        assert len(dataset.relation) == 4


@pytest.mark.parametrize(("many", "small", "page_by_page"), [(1, 10**6, False), (1, 10, True), (2, 10**6, True)])
def test_many_small_files_are_read_at_once(write, monkeypatch, many, small, page_by_page):
    monkeypatch.setattr(parquet, "MANY_FILES", many)
    monkeypatch.setattr(parquet, "SMALL_FILE", small)
    with open_dataset(write({"a.parquet": SIX, "b.parquet": SIX}), "events") as dataset:
        assert dataset.fetch("SELECT current_setting('disable_parquet_prefetching')") == [(page_by_page,)]
        assert len(dataset.relation) == 12
