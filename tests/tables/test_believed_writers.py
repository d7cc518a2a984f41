"""Which writers' statistics are believed, and how much of a table is looked at to know."""

import datetime as dt
import resource
from contextlib import contextmanager
from decimal import Decimal

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_lies import renamed, whole, write

from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.parquet import trust
from maestro_ml.tables.parquet.trust import reason_for_doubt
from maestro_ml.tables.parquet.writers import doubtful_types


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
    monkeypatch.setattr("maestro_ml.tables.parquet.trust.COMPARED_VALUES", 3_000)
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


def test_of_tiny_row_groups_all_columns_are_looked_at_together(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "COMPARED_VALUES", 2_000)
    names = [f"x{i}" for i in range(20)]
    pq.write_table(pa.table({name: np.arange(5_000.0) for name in names}), tmp_path / "t.parquet", row_group_size=10)
    with connect() as connection:
        chunks, complete = trust.chosen_chunks(connection, [str(tmp_path / "t.parquet")], names)
    assert not complete
    assert len(chunks) == 200
    groups = {chunk.group for chunk in chunks}
    assert len(groups) == 10
    assert (
        len({group // 8 for group in groups}) == 2
    )  # neighbours: the rows of each range are looked for in every group


def test_a_table_of_very_many_columns_is_looked_at_in_little_memory(tmp_path, may_take):
    """What is held must not grow with the square of the columns: 400 in one query with filters took 100 GiB."""
    columns = {f"x{i}": np.arange(500.0) for i in range(1_500)}
    pq.write_table(pa.table(columns), tmp_path / "wide.parquet")
    with connect() as connection:
        connection.execute("SET threads = 2")
        with may_take(4 << 30):
            assert reason_for_doubt(connection, [str(tmp_path / "wide.parquet")], list(columns)) is None
