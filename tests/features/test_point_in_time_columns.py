"""Which columns the point-in-time join reads: by their exact names, and keys by their exact values."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from rated_drivers import LARGE, T0, as_of, rated, ratings_of, times, view, written

from maestro_ml.project import RequestError
from maestro_ml.tables import DataError


@pytest.mark.parametrize(
    ("known", "asked", "expected"),
    [
        (pa.array([5, 7]), pa.array([7, 5], pa.int32()), [1.0, 0.0]),
        (pa.array([5, LARGE]), pa.array([LARGE, LARGE - 1], pa.uint64()), [1.0, None]),
        (pa.array([2**64 - 1, 1], pa.uint64()), pa.array([-1, 1]), [None, 1.0]),
        (pa.array(["a", "b"]), pa.array(["b", "B"], pa.large_string()), [1.0, None]),
        (pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "c"]), [1.0, None]),
        (pa.array([LARGE, LARGE - 1]), pa.array([Decimal(LARGE), None], pa.decimal128(20, 0)), [0.0, None]),
        (pa.array([Decimal("5.50"), Decimal("5")], pa.decimal128(9, 2)), pa.array([5, 6]), [1.0, None]),
        (pa.array([Decimal("5.5")], pa.decimal128(9, 1)), pa.array([Decimal("5.500")], pa.decimal128(9, 3)), [0.0]),
        (pa.array([5.0, None, 7.0]), pa.array([7, 5, None]), [2.0, 0.0, None]),
        (pa.array([0.5, float("nan")]), pa.array([0.5, float("nan")]), [0.0, None]),
        (pa.array([0.5]), pa.array([0.5], pa.float32()), [0.0]),
        (pa.array([b"a", b"b"]), pa.array([b"b", b""]), [1.0, None]),
        (pa.array([True, False]), pa.array([False, None]), [1.0, None]),
        (times(0, 1), times(1, 2, unit="ns"), [1.0, None]),
        (pa.array([5]), pa.array([None, None], pa.null()), [None, None]),
        (pa.array([None], pa.null()), pa.array([5]), [None]),
    ],
)
def test_keys_of_types_that_hold_the_same_values_are_compared_by_value(tmp_path, known, asked, expected):
    assert ratings_of(tmp_path, known, asked) == expected


@pytest.mark.parametrize(
    ("known", "asked", "message"),
    [
        (
            pa.array([5]),
            pa.array(["05"]),
            "driver of .* is BIGINT, the key driver of the entity rows is VARCHAR; store",
        ),
        (pa.array([6]), pa.array(["5.5"]), "store both in one type"),
        (pa.array(["5"]), pa.array([5]), "is VARCHAR, the key driver of the entity rows is BIGINT"),
        (
            pa.array([LARGE]),
            pa.array([float(LARGE - 1)]),
            "entity rows is DOUBLE and holds keys of 9,007,199,254,740,992",
        ),
        (
            pa.array([float(LARGE - 1)]),
            pa.array([LARGE]),
            "stats.parquet is DOUBLE and holds keys of 9,007,199,254,740,992",
        ),
        (pa.array([float(LARGE - 1)]), pa.array([float(LARGE - 1)]), "several keys are one number"),
        (pa.array([5]), pa.array([5.5]), "entity rows is DOUBLE and holds keys with a fraction"),
        (pa.array([2**24], pa.float32()), pa.array([5]), "FLOAT and holds keys of 16,777,216"),
        (pa.array([1]), pa.array([True]), "is BOOLEAN"),
        (times(0), pa.array(["2024-01-01"]), "TIMESTAMP WITH TIME ZONE"),
        (pa.array([1.5]), pa.array([Decimal("1.5")], pa.decimal128(5, 1)), r"DECIMAL\(5,1\); store both in one type"),
        (pa.array([b"a"]), pa.array(["a"]), "BLOB"),
    ],
)
def test_keys_that_no_type_holds_exactly_are_refused_by_name(tmp_path, known, asked, message):
    with pytest.raises(RequestError, match=f"(?s)^feature view stats: .*{message}"):
        ratings_of(tmp_path, known, asked)


@pytest.mark.parametrize("values", [["2024-01-01"], [1_704_067_200], [1.7e9], [True]])
def test_a_time_column_that_holds_no_time_is_refused(tmp_path, values):
    path = written(tmp_path, driver=["a"], event_timestamp=values, rating=[1.0])
    asked = pa.table({"driver": ["a"], "event_timestamp": times(1)})

    with pytest.raises(
        DataError, match=r"feature view stats: .*: the timestamp column event_timestamp is \w+, no time"
    ):
        as_of(view(path), asked)


def test_dates_are_their_midnight_in_utc_and_rows_without_a_time_are_never_known(tmp_path):
    dates = pa.array([T0.date(), None], pa.date32())
    path = written(tmp_path, driver=["a", "a"], event_timestamp=dates, rating=[1.0, 2.0])
    asked = pa.table({"driver": ["a", "a", "a"], "event_timestamp": times(0, -1, 1)})

    assert as_of(view(path), asked)["rating"].to_pylist() == [1.0, None, 1.0]


def test_entity_rows_without_a_time_know_nothing(tmp_path):
    asked = pa.table({"driver": ["a", "a"], "event_timestamp": pa.array([None, T0], pa.timestamp("ns", "UTC"))})

    assert as_of(view(rated(tmp_path, pa.array(["a"]))), asked)["rating"].to_pylist() == [None, 0.0]
    assert as_of(view(rated(tmp_path, pa.array(["a"]))), asked.slice(0, 1))["rating"].to_pylist() == [None]


def test_an_empty_source_knows_nothing(tmp_path):
    path = rated(tmp_path, pa.array([], pa.string()))

    assert as_of(view(path), pa.table({"driver": ["a"], "event_timestamp": times(0)}))["rating"].to_pylist() == [None]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([LARGE, None]),
        pa.array([2**64 - 1, None], pa.uint64()),
        pa.array([0.1, None], pa.float32()),
        pa.array([float("nan"), float("inf")]),
        pa.array([Decimal("12345678901234567890.123456789"), None], pa.decimal128(38, 9)),
        pa.array(["ü\0z", None]),
        pa.array([b"\0\xff", None]),
        pa.array([True, None]),
        pa.array([[1, None, LARGE], None], pa.list_(pa.int64())),
        pa.array([["a", ""], []], pa.list_(pa.string())),
        pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())])),
        pa.array([1, None], pa.timestamp("ns", "UTC")),
        pa.array([1, None], pa.timestamp("us")),
        pa.array([T0.date(), None], pa.date32()),
        pa.array([None, None], pa.float64()),
    ],
    ids=lambda values: str(values.type),
)
def test_a_feature_of_any_type_comes_back_as_it_is(tmp_path, values):
    path = written(tmp_path, driver=["a", "b"], event_timestamp=times(0, 0), rating=values)
    asked = pa.table({"driver": ["b", "a"], "event_timestamp": times(1, 1)})

    found = as_of(view(path), asked)["rating"].combine_chunks()

    assert found.type == values.type
    assert repr(found.to_pylist()) == repr(values.take(pa.array([1, 0])).to_pylist())


def test_integer_keys_of_a_pandas_frame_that_nulls_made_floats_are_refused_when_they_are_too_large(tmp_path):
    frame = pd.DataFrame({"driver": [float(LARGE), np.nan], "event_timestamp": [T0, T0]})

    with pytest.raises(RequestError, match="entity rows is DOUBLE and holds keys of 9,007,199,254,740,992 and more"):
        as_of(view(rated(tmp_path, pa.array([LARGE]))), frame)


def test_entity_rows_with_a_column_of_many_types_are_refused(tmp_path):
    frame = pd.DataFrame({"driver": ["a", 5], "event_timestamp": [T0, T0]})

    with pytest.raises(RequestError, match=r"the entity rows cannot be read: .*driver"):
        as_of(view(rated(tmp_path, pa.array(["a"]))), frame)


def test_a_range_pulled_holds_the_whole_of_its_last_microsecond_and_nothing_after_it(tmp_path):
    from maestro_ml.features.offline_store import DuckDBOfflineStore

    end = 1_704_067_200_000_000  # T0 in microseconds
    moments = pa.array([end * 1000 - 1, end * 1000 - 1001, end * 1000], pa.timestamp("ns", "UTC"))
    path = written(tmp_path, driver=["a", "b", "c"], event_timestamp=moments, rating=[1.0, 2.0, 3.0])
    pulled = DuckDBOfflineStore.pull_latest_from_table_or_query(
        SimpleNamespace(repo_path=None),
        view(path).batch_source,
        ["driver"],
        ["rating"],
        "event_timestamp",
        None,
        T0 - timedelta(days=1),
        T0 - timedelta(microseconds=1),
    ).to_arrow()

    assert pulled["driver"].to_pylist() == ["a", "b"]
    assert pulled["event_timestamp"].cast(pa.int64()).to_pylist() == [end * 1000 - 1, end * 1000 - 1001]
