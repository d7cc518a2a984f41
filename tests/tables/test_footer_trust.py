"""Statistics in footers: believed where the pages agree, and where not, rows are read by us and by DuckDB."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_lies import exchanged, whole, with_a_short_statistic, without_nulls, write

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset

AT = pa.array([dt.datetime(2024, 1, 5, hour, tzinfo=dt.UTC) for hour in range(8)], pa.timestamp("us", "UTC"))
LATER = pa.array([dt.datetime(2025, 1, 5, hour, tzinfo=dt.UTC) for hour in range(8)], pa.timestamp("us", "UTC"))
NULLS = pa.array(["a", None, None, None, "b", "c", None, "d"])
COLUMNS = {"at": "timestamp", "s": "string", "n": "integer", "f": "number", "m": "number"}


def table(at=AT, s=NULLS, shift: int = 0, **more: pa.Array) -> pa.Table:
    numbers = {
        "n": pa.array(range(1 + shift, 9 + shift)),
        "f": pa.array([float(i + shift) for i in range(8)]),
        "m": pa.array([Decimal(i + shift) for i in range(8)], pa.decimal128(9, 0)),
    }
    return pa.table({"at": at, "s": s, **numbers, **more})


@pytest.fixture
def lake(dataset_project):
    columns = {name: {"type": kind} for name, kind in COLUMNS.items()}
    source = {"kind": "parquet", "path": "lake"}
    return lambda: open_dataset(dataset_project(source=source, timestamp="at", columns=columns), "events")


def upper(texts: pa.Array) -> pa.Array:
    return pa.array([text and text.upper() for text in texts.to_pylist()])


LIES = {
    "no nulls": without_nulls(whole(table()), 1),
    "other times": exchanged(whole(table()), whole(table(LATER))),
    "other numbers": exchanged(whole(table()), whole(table(shift=100))),
    "other texts": exchanged(whole(table()), whole(table(s=upper(NULLS)))),
    "nulls elsewhere": exchanged(
        whole(table(s=NULLS)), whole(table(s=pa.array([None, "z", "y", "x", "w", *[None] * 3])))
    ),
}
QUERIES = [
    ("count(s)", "TRUE", 4), ("count(*)", "s IS NULL", 4), ("count(*)", "coalesce(s, '') = ''", 4),
    ("min(n)", "TRUE", 1), ("max(f)", "TRUE", 7.0), ("min(s)", "TRUE", "a"), ("max(m)", "TRUE", 7),
    ("count(*)", "n < 50", 8), ("count(*)", "n = 3", 1), ("count(*)", "n IN (3, 5)", 2), ("count(*)", "s = 'c'", 1),
    ("count(*)", "m < 50", 8), ("count(*)", "f BETWEEN 2 AND 4", 3), ("count(*)", '"at" < DATE \'2024-06-01\'', 8),
    ("count(DISTINCT n)", "TRUE", 8),
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_where_the_pages_disagree_every_answer_is_of_the_rows(lake, tmp_path, january, lie):
    write(tmp_path / "lake/liar.parquet", LIES[lie])
    with lake() as dataset:
        assert dataset.files.doubt.startswith("statistics of liar.parquet (written by parquet-cpp-arrow version ")
        assert dataset.files.doubt.endswith(") disagree with its pages")
        assert (dataset.row_groups.all, dataset.row_groups.statistics(january), dataset.row_groups.stored(january)) == (
            [],
            None,
            None,
        )
        rows = dataset.rows(january)
        rows.create_view("inside")
        expected = [answer for _, _, answer in QUERIES]
        found = [dataset.fetch(f"SELECT {what} FROM inside WHERE {where}")[0][0] for what, where, _ in QUERIES]
        assert found == expected
        keys = dataset.fetch("SELECT count(*) FROM inside JOIN (VALUES (3), (5)) AS keys (k) ON n = k")
        assert keys == [(2,)]
        assert dataset.fetch("SELECT n FROM inside ORDER BY n LIMIT 2") == [(1,), (2,)]


def test_where_the_pages_agree_footers_are_used(lake, tmp_path, january):
    write(tmp_path / "lake/honest.parquet", whole(table()))
    with lake() as dataset:
        assert dataset.files.doubt is None
        assert dataset.row_groups.statistics(january)["s"].nulls == 4
        assert dataset.row_groups.statistics(january)["n"].high == 8


def test_one_liar_among_many_files_is_found(lake, tmp_path):
    for number in range(20):
        write(tmp_path / f"lake/{number}.parquet", whole(table()))
    write(tmp_path / "lake/liar.parquet", LIES["other times"])
    with lake() as dataset:
        assert "liar.parquet" in dataset.files.doubt


def test_one_lying_row_group_is_found(lake, tmp_path):
    months = [AT, pa.array([at + dt.timedelta(days=1) for at in AT.to_pylist()], AT.type)]
    both = pa.concat_tables([table(at) for at in months])
    swapped = pa.concat_tables([table(months[0]), table(months[1], shift=3)])
    write(tmp_path / "lake/a.parquet", exchanged(whole(both, row_group_size=8), whole(swapped, row_group_size=8)))
    with lake() as dataset:
        assert "a.parquet" in dataset.files.doubt


def test_another_dataset_on_the_connection_is_read_whole_too(tmp_path, dataset_project):
    columns = {name: {"type": kind} for name, kind in COLUMNS.items()}
    project = dataset_project(source={"kind": "parquet", "path": "honest"}, timestamp="at", columns=columns)
    liar = project.datasets["events"].model_copy(
        update={"source": project.datasets["events"].source.model_copy(update={"path": "lake"})}
    )
    project.datasets["liar"] = liar
    write(tmp_path / "honest/a.parquet", whole(table()))
    write(tmp_path / "lake/a.parquet", LIES["other numbers"])
    with open_dataset(project, "events") as dataset:
        assert dataset.other("liar").files.doubt
        assert dataset.other("liar").relation.filter("n < 50").aggregate("count(*)").fetchall() == [(8,)]


def test_a_maximum_is_no_nan_where_there_is_none(lake, tmp_path):
    write(tmp_path / "lake/a.parquet", whole(table()))
    with lake() as dataset:
        assert dataset.relation.aggregate("max(f)").fetchall() == [(7.0,)]
        assert dataset.relation.aggregate("min(f)").fetchall() == [(0.0,)]


def test_a_statistic_that_is_no_value_of_its_column_leaves_the_rows_as_they_are(lake, tmp_path, january):
    lowest = 123_456_789
    write(tmp_path / "lake/a.parquet", with_a_short_statistic(whole(table(shift=lowest - 1)), lowest))
    with lake() as dataset:
        assert dataset.files.doubt == "statistics of a file cannot be read"
        assert dataset.row_groups.statistics(january) is None
        rows = dataset.rows(january).filter(f"n <= {lowest + 1}")
        assert rows.aggregate("count(*), min(n), count(s)").fetchall() == [(2, lowest, 1)]


S, E = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
HOUR, TICK = dt.timedelta(hours=1), dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("groups", "inside", "known"),
    [
        ([[S - TICK], [S, S + HOUR], [E - TICK], [E]], [1, 2, 3], True),
        ([[S, E - TICK], [E, E + HOUR]], [0, 1], True),
        ([[S - HOUR, S - TICK], [S]], [2], True),
        ([[S - HOUR, S], [S + HOUR]], [1, 2], False),
        ([[S - TICK, S], [E - TICK]], [1, 2], False),
        ([[S, E]], [0], False),
        ([[E - TICK, E]], [0], False),
        ([[S, None], [E]], [0], False),
        ([[None], [S, S + HOUR]], [1, 2], False),
        ([[S - TICK], [E]], [], False),
    ],
)
def test_a_windows_rows_are_the_same_by_the_footers_and_by_the_pages(lake, tmp_path, january, groups, inside, known):
    times = [time for group in groups for time in group]
    rows = pa.table({"at": pa.array(times, pa.timestamp("us", "UTC")), "n": pa.array(range(len(times)), pa.int64())})
    (tmp_path / "lake").mkdir()
    with pq.ParquetWriter(tmp_path / "lake/events.parquet", rows.schema) as writer:
        for first, group in zip(np.cumsum([0, *map(len, groups)]), groups, strict=False):
            writer.write_table(rows.slice(int(first), len(group)))
    with lake() as dataset:
        assert sorted(n for (n,) in dataset.rows(january, ["n"]).fetchall()) == inside
        statistics, stored = dataset.row_groups.statistics(january), dataset.row_groups.stored(january)
        assert (statistics is not None, stored is not None) == (known, known)
        if known:
            n = statistics["n"]
            assert (n.rows, n.nulls, n.low, n.high) == (len(inside), 0, min(inside), max(inside))
            assert stored.values("n").tolist() == inside


def test_a_row_group_of_nulls_only_hides_no_extreme_of_the_others(lake, tmp_path, january):
    (tmp_path / "lake").mkdir()
    numbers = pa.array([None] * 4 + [7, 5, None, 6], pa.int64())
    pq.write_table(pa.table({"at": AT, "n": numbers}), tmp_path / "lake/events.parquet", row_group_size=4)
    with lake() as dataset:
        n = dataset.row_groups.statistics(january)["n"]
        assert (n.rows, n.nulls, n.low, n.high) == (8, 5, 5, 7)


def test_a_file_without_statistics_of_a_column_leaves_that_column_to_the_pages(lake, tmp_path, january):
    (tmp_path / "lake").mkdir()
    for name, first, message in (("a", 0, True), ("b", 100, ["at"])):
        part = pa.table({"at": AT, "n": pa.array(range(first, first + 8), pa.int64())})
        pq.write_table(part, tmp_path / f"lake/{name}.parquet", write_statistics=message)
    with lake() as dataset:
        n = dataset.row_groups.statistics(january)["n"]
        assert (n.rows, n.nulls, n.low, n.high) == (16, None, None, None)
        assert dataset.rows(january).aggregate("min(n), max(n), count(n)").fetchall() == [(0, 107, 16)]


def test_a_clock_that_skips_an_hour_keeps_rows_in_their_windows(dataset_project, tmp_path):
    """02:30 on the last Sunday of March is no time in Berlin: it is read as an instant after 03:00."""
    times = [dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 3, 31, 3, 0)]  # noqa: DTZ001 - as a clock shows them
    pq.write_table(pa.table({"at": pa.array(times, pa.timestamp("us")), "n": [0, 1]}), tmp_path / "events.parquet")
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    source = {"kind": "parquet", "path": "events.parquet"}
    project = dataset_project(source=source, timestamp="at", timezone="Europe/Berlin", columns=columns)
    after = Window(dt.datetime(2024, 3, 31, 1, 10, tzinfo=dt.UTC), dt.datetime(2024, 3, 31, 2, tzinfo=dt.UTC))
    with open_dataset(project, "events") as dataset:
        assert dataset.rows(after, ["n"]).fetchall() == [(0,)]
        assert (dataset.row_groups.statistics(after), dataset.row_groups.stored(after)) == (None, None)
