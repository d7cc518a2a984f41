"""Statistics in footers: believed where the pages agree, and where not, rows are read by us and by DuckDB."""

import datetime as dt
import resource
from contextlib import contextmanager
from decimal import Decimal

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_lies import exchanged, renamed, whole, with_a_short_statistic, without_nulls, write

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.parquet import trust
from maestro_ml.tables.parquet.trust import reason_for_doubt
from maestro_ml.tables.parquet.writers import doubtful_types

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


@pytest.fixture
def may_take():
    """Let this process have so many bytes more than it has now: what asks for more is out of memory."""

    @contextmanager
    def limit(more):
        before = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (psutil.Process().memory_info().data + more, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)

    return limit


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


TYPES = {
    "bool": pa.array([True, False, None] * 3),
    "int8": pa.array([-128, 127, None] * 3, pa.int8()),
    "uint64": pa.array([2**64 - 1, 0, None] * 3, pa.uint64()),
    "float": pa.array([0.1, -1e30, None] * 3, pa.float32()),
    "double": pa.array([0.1, float("inf"), float("nan")] * 3),
    "zeros": pa.array([0.0, -0.0, None] * 3),
    "nan": pa.array([float("nan")] * 9),
    "nulls": pa.nulls(9, pa.int64()),
    "no type": pa.nulls(9),
    "date": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None] * 3),
    "milliseconds": pa.array([-1, 2**40, None] * 3, pa.timestamp("ms")),
    "nanoseconds": pa.array([1, 2**60 + 1, None] * 3, pa.timestamp("ns", "UTC")),
    "zoned": pa.array([1, 2**50, None] * 3, pa.timestamp("us", "America/New_York")),
    "decimal": pa.array([Decimal("-1.50"), Decimal("99999999999999999999.25"), None] * 3, pa.decimal128(30, 2)),
    "text": pa.array(["z", "ä", ""] * 3),
    "long text": pa.array(["z" * 10_000, "\U0001f600" * 10_000, None] * 3),
    "dictionary": pa.array(["a", "b", None] * 3).dictionary_encode(),
    "binary": pa.array([b"\xff", b"\0", None] * 3),
    "time": pa.array([dt.time(1), dt.time(2), None] * 3),
    "list": pa.array([[1], [], None] * 3),
    "struct": pa.array([{"a": 1}, None, {"a": None}] * 3),
    "a.b": pa.array([1, 2, 3] * 3),
    "odd \"name\", 'too'": pa.array([1, 2, 3] * 3),
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize(
    "options", [{}, {"row_group_size": 4}, {"write_statistics": False}, {"use_deprecated_int96_timestamps": True}]
)
def test_what_a_good_writer_says_of_any_type_is_believed(tmp_path, name, options):
    pq.write_table(pa.table({name: TYPES[name]}), tmp_path / "[a].parquet", **options)
    with connect() as connection:
        assert reason_for_doubt(connection, [str(tmp_path / "[[]a].parquet")], [name]) is None


def test_what_duckdb_writes_is_believed(tmp_path):
    with connect() as connection:
        connection.execute(
            "COPY (SELECT i, i / 7 AS f, 'text ' || i AS s, TIMESTAMPTZ '2024-01-01' + to_seconds(i) AS at, "
            f"i::DECIMAL(12, 3) AS m, i % 2 = 0 AS b FROM range(10_000) t (i)) TO '{tmp_path}/a.parquet' "
            "(ROW_GROUP_SIZE 2048)"
        )
        assert reason_for_doubt(connection, [f"{tmp_path}/a.parquet"], ["at", "i", "f", "s", "m", "b"]) is None


def test_a_large_table_is_looked_at_in_part_and_then_the_writer_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("maestro_ml.tables.parquet.trust._VALUES", 3_000)
    random = np.random.default_rng(0)
    content = {"at": pa.array(range(9_000)), "f": random.random(9_000), "s": pa.array(["x"] * 9_000)}
    good = whole(pa.table(content), row_group_size=1_000)
    doubts = {}
    for writer in (b"parquet-cpp-arrow", b"parquet-mr version 1.8.1", b"parquet-mr version 1.12.3", b"impala"):
        named = good if writer == b"parquet-cpp-arrow" else renamed(good, writer)
        write(tmp_path / "a.parquet", named)
        with connect() as connection:
            doubts[writer] = reason_for_doubt(connection, [f"{tmp_path}/a.parquet"], ["at", "f", "s"])
    assert {writer for writer, doubt in doubts.items() if doubt} == {b"parquet-mr version 1.8.1"}
    assert doubts[b"parquet-mr version 1.8.1"].endswith(" can be wrong")


@pytest.mark.parametrize(
    ("writer", "texts", "numbers"),
    [
        (None, True, True),
        ("", True, True),
        ("parquet-mr version 1.7.0 (build abc)", True, False),
        ("parquet-mr version 1.5.0-cdh5.5.0", True, False),
        ("parquet-mr version 1.10.0", False, False),
        ("parquet-cpp version 1.2.9", True, False),
        ("parquet-cpp-arrow version 4.0.1", True, False),
        ("parquet-cpp-arrow version 12.0.0", False, False),
        ("parquet-rs version 4.1.0", True, True),
        ("parquet-rs version 52.0.0", False, False),
        ("DuckDB version v1.1.0", False, False),
        ("Polars", False, False),
    ],
)
def test_writers_known_to_be_wrong(writer, texts, numbers):
    assert ("BYTE_ARRAY" in doubtful_types(writer), "INT64" in doubtful_types(writer)) == (texts, numbers)


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


def test_of_tiny_row_groups_all_columns_are_looked_at_together(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "_VALUES", 2_000)
    names = [f"x{i}" for i in range(20)]
    pq.write_table(pa.table({name: np.arange(5_000.0) for name in names}), tmp_path / "t.parquet", row_group_size=10)
    with connect() as connection:
        chunks, complete = trust._chosen(connection, [str(tmp_path / "t.parquet")], names)
    assert not complete
    assert len(chunks) == 200
    assert len({chunk.group for chunk in chunks}) == 10  # each costs a query


def test_a_table_of_very_many_columns_is_looked_at_in_little_memory(tmp_path, may_take):
    """What is held must not grow with the square of the columns: 400 in one query with filters asked for 100 GiB."""
    columns = {f"x{i}": np.arange(500.0) for i in range(1_500)}
    pq.write_table(pa.table(columns), tmp_path / "wide.parquet")
    with connect() as connection:
        connection.execute("SET threads = 2")
        with may_take(4 << 30):
            assert reason_for_doubt(connection, [str(tmp_path / "wide.parquet")], list(columns)) is None
