"""What is written online: never an older value over a newer one, none past its ttl, none without a key."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.features.errors import FeatureStoreError
from maestro_ml.features.materialize import materialize
from maestro_ml.features.online import check_availability
from maestro_ml.features.store import open_store
from maestro_ml.project import RequestError, Window, load_project

DAY = timedelta(days=1)
START = datetime(2024, 3, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + number * DAY


def store_of(project, **settings):
    store = open_store(project, **settings)
    store.apply()
    return store


def stats(project, rows, **types):
    """Rows of (driver, time, rating, trips) as the feature source."""
    names = ["driver", "event_timestamp", "rating", "trips"]
    kinds = {"driver": pa.string(), "event_timestamp": pa.timestamp("us", "UTC"), "rating": pa.float64()}
    kinds = kinds | {"trips": pa.int64()} | types
    columns = {n: pa.array([row[i] for row in rows], kinds[n]) for i, n in enumerate(names)}
    pq.write_table(pa.table(columns), project.root / "data" / "driver_stats.parquet")


def filled(store, end, length=7):
    [view] = materialize(store, store.views(), Window(end - length * DAY, end), lambda _: None)
    return view


def available(store, end, length=7):
    return check_availability(store, store.views()[0], Window(end - length * DAY, end), 100)


def online(store, *drivers, feature="trips"):
    rows = [{"driver": driver} for driver in drivers]
    return store.feast.get_online_features([f"driver_stats:{feature}"], rows).to_dict()[feature]


def test_an_older_window_made_again_leaves_newer_values_online(project, online_store):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("a", day(8), 2.0, 20)])
    store = store_of(project, online_store=online_store)
    filled(store, day(9))

    older = filled(store, day(2))

    assert online(store, "a", "b") == [20, 11]
    assert (older.rows, older.kept) == (2, 1)
    assert older.remarks() == ["driver_stats: 1 of 2 keys have a newer value online, which stays"]
    assert (available(store, day(2)).missing, available(store, day(2)).stale) == (0, 0)


def test_a_corrected_value_of_the_same_time_replaces_the_one_online(project, online_store):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project, online_store=online_store)
    filled(store, day(2))
    stats(project, [("a", day(1), 1.0, 11)])

    filled(store, day(2))

    assert online(store, "a") == [11]


def test_a_newer_value_replaces_the_one_online_to_the_hour(project, online_store):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project, online_store=online_store)
    filled(store, day(1.01))
    stats(project, [("a", day(1), 1.0, 10), ("a", day(1) + timedelta(hours=1), None, None)])

    assert filled(store, day(2)).kept == 0
    assert online(store, "a") == [None]
    assert available(store, day(2)).stale == 0


def test_a_value_past_its_ttl_does_not_go_online_and_leaves_it(project, online_store):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("b", day(6), 2.0, 21)])
    store = store_of(project, online_store=online_store)
    filled(store, day(2))
    assert online(store, "a") == [10]

    later = filled(store, day(7))

    assert online(store, "a", "b") == [None, 21]
    assert (later.rows, later.expired) == (2, 1)
    assert later.remarks() == ["driver_stats: 1 of 2 keys have only values past the view's ttl, which do not go online"]
    found = available(store, day(7))
    assert (found.sampled, found.missing, found.stale, found.expired) == (2, 0, 0, 0)


def test_a_value_whose_last_row_left_the_window_is_cleared_when_its_ttl_runs_out(project, online_store):
    rows = [("a", day(1), 1.0, 10), ("b", day(1), 1.0, 11), ("a", day(2.5), 2.0, 12), (None, day(1), 1.0, 0)]
    stats(project, [*rows, *[("c", day(n), 1.0, n) for n in range(1, 6)]])

    def ran(number):
        """Each run is a step of its own, that finds in the registry what was run before."""
        view = filled(store_of(project, online_store=online_store), day(number) + timedelta(hours=1), length=1)
        return view.cleared

    assert [ran(number) for number in (1, 3, 4)] == [0, 0, 1]
    store = store_of(project, online_store=online_store)
    assert online(store, "a", "b", "c") == [12, None, 4]

    # an older window made again brings it back, the next run clears it again
    assert [ran(number) for number in (1, 5)] == [0, 1]
    assert online(store, "a", "b", "c") == [12, None, 5]


def test_a_run_without_rows_clears_nothing(project):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project)
    filled(store, day(2))

    assert filled(store_of(project), day(300)).rows == 0
    assert online(store, "a") == [10]


def test_a_value_as_old_as_the_ttl_at_the_windows_end_is_online(project):
    stats(project, [("a", day(1), 1.0, 10), ("b", day(1) - timedelta(microseconds=1), 1.0, 10)])
    store = store_of(project)

    assert filled(store, day(4)).expired == 1
    assert online(store, "a", "b") == [10, None]


def test_a_value_past_its_ttl_that_somebody_else_left_online_is_found(project):
    stats(project, [("a", day(1), 1.0, 10)])
    store = store_of(project)
    filled(store, day(2))

    found = available(store, day(7))

    assert (found.expired, found.expired_share, found.stale) == (1, 1.0, 0)
    assert found.examples == ["driver=a: rating of 2024-03-02T00:00:00+00:00 is past the view's ttl, but still online"]


def test_rows_without_a_key_are_counted_and_left_out(project, online_store):
    stats(project, [(None, day(1), 1.0, 1), ("a", day(1), 1.0, 2), (None, day(1.5), 1.0, 3), ("b", day(1), 1.0, 4)])
    store = store_of(project, online_store=online_store)

    view = filled(store, day(2))

    assert online(store, "a", "b") == [2, 4]
    assert (view.rows, view.keyless) == (2, 2)
    assert view.remarks() == ["driver_stats: 2 rows without driver left out"]
    assert (available(store, day(2)).sampled, available(store, day(2)).missing) == (2, 0)


def test_a_window_of_rows_without_a_key_writes_nothing(project):
    stats(project, [(None, day(1), 1.0, 1)])
    view = filled(store_of(project), day(2))

    assert (view.rows, view.keyless, view.staleness_seconds) == (0, 1, None)


def test_an_empty_text_is_a_key_like_any_other(project):
    stats(project, [("", day(1), 1.0, 1), ("a", day(1), 1.0, 2)])
    store = store_of(project)

    assert filled(store, day(2)).keyless == 0
    assert online(store, "") == [1]


def keyed_by_integer(folder):
    file = folder / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace("ValueType.STRING", "ValueType.INT64"))
    return load_project(folder)


def test_large_integers_beside_nulls_stay_exact_online(folder, online_store):
    project, large = keyed_by_integer(folder), 2**53 + 1
    stats(project, [(large, day(1), 1.0, large), (large - 1, day(1), 1.0, None)], driver=pa.int64())
    store = store_of(project, online_store=online_store)

    filled(store, day(2))

    assert online(store, large, large - 1) == [large, None]
    assert available(store, day(2)).stale == 0


def test_integer_keys_that_pandas_made_floats_are_the_integers_they_were(folder):
    project = keyed_by_integer(folder)
    frame = pd.DataFrame({"driver": [7, None], "event_timestamp": [day(1)] * 2, "rating": 1.0, "trips": [5, None]})
    assert frame.driver.dtype == float
    frame.to_parquet(project.root / "data" / "driver_stats.parquet")
    store = store_of(project)

    assert filled(store, day(2)).keyless == 1
    assert online(store, 7) == [5]


@pytest.mark.parametrize(
    ("kind", "key", "declared", "message"),
    [
        (pa.float64(), 2.0**53, "INT64", r"driver_stats: the column driver .* double .*above 2\^53"),
        (pa.float64(), 5.5, "INT64", r"driver_stats: the column driver .* double and holds values that are no INT64"),
        (pa.string(), "05", "INT64", r"the column driver .* string, but the entity declares INT64; declare String"),
        (pa.float64(), 5.0, "STRING", r"the column driver .* double, but the entity declares STRING; declare Int64"),
        (pa.bool_(), True, "BOOL", r"driver .* is bool, declared BOOL; an entity key must be String or Int64"),
    ],
)
def test_keys_that_are_not_what_the_entity_declares_are_refused(folder, kind, key, declared, message):
    file = folder / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace("ValueType.STRING", f"ValueType.{declared}"))
    project = load_project(folder)
    stats(project, [(key, day(1), 1.0, 1)], driver=kind)

    with pytest.raises(RequestError, match=message):
        filled(store_of(project), day(2))


@pytest.mark.parametrize("value", [2.5, float("inf")])
def test_a_feature_that_is_not_what_the_view_declares_is_refused(project, value):
    stats(project, [("a", day(1), 1.0, value)], trips=pa.float64())
    store = store_of(project)

    with pytest.raises(RequestError, match=r"the column trips .* is double and holds values that are no INT64"):
        filled(store, day(2))
    assert online(store, "a") == [None]


@pytest.mark.parametrize(
    ("kind", "values", "declared", "message"),
    [
        (pa.string(), ["5", "x"], "Int64", "trips of its source is string, but the view declares INT64"),
        (pa.string(), ["5", "x"], "Float64", "trips of its source is string, which Feast cannot write as DOUBLE"),
        (pa.int64(), [5, None], "String", "trips of its source is int64, but the view declares STRING"),
        (pa.int64(), [2, None], "Bool", "trips of its source is int64 and holds values other than 0 and 1"),
        (pa.uint64(), [2**64 - 1, None], "Int64", "uint64 and holds values that are no INT64"),
        (pa.int64(), [2**40, None], "Int32", "int64 and holds values that are no INT32"),
        (
            pa.list_(pa.int64()),
            [[1, None], None],
            "Array(Int64)",
            "with nulls inside, which Feast would serve as zeros",
        ),
    ],
)
def test_features_that_feast_would_change_are_refused(folder, kind, values, declared, message):
    file = folder / "feature_repo" / "definitions.py"
    types = "from feast.types import Array, Bool, Float64, Int32, Int64, String"
    text = file.read_text().replace('"trips", dtype=Int64', f'"trips", dtype={declared}')
    file.write_text(text.replace("from feast.types import Float64, Int64", types))
    project = load_project(folder)
    stats(project, [(key, day(1), 1.0, value) for key, value in zip("ab", values, strict=True)], trips=kind)

    with pytest.raises(RequestError, match=message) as raised:
        filled(store_of(project), day(2))
    assert "x" not in str(raised.value).split()


@pytest.mark.parametrize(
    ("kind", "values", "declared", "served"),
    [
        (pa.float64(), [5.0, None], "Int64", [5, None]),
        (pa.int64(), [1, None], "Bool", [True, None]),
        (pa.float64(), [0.0, None], "Bool", [False, None]),
        (pa.bool_(), [True, None], "Int64", [1, None]),
        (pa.list_(pa.int64()), [[1, 2**53 + 1], None], "Array(Int64)", [[1, 2**53 + 1], None]),
        (pa.string(), ["ü" * 100_000, ""], "String", ["ü" * 100_000, ""]),
        (pa.binary(), [b"\0\xff", None], "Bytes", [b"\0\xff", None]),
    ],
)
def test_features_of_another_type_with_the_same_values_are_served(folder, online_store, kind, values, declared, served):
    file = folder / "feature_repo" / "definitions.py"
    types = "from feast.types import Array, Bool, Bytes, Float64, Int64, String"
    text = file.read_text().replace('"trips", dtype=Int64', f'"trips", dtype={declared}')
    file.write_text(text.replace("from feast.types import Float64, Int64", types))
    project = load_project(folder)
    stats(project, [(key, day(1), 1.0, value) for key, value in zip("ab", values, strict=True)], trips=kind)
    store = store_of(project, online_store=online_store)

    filled(store, day(2))

    assert online(store, "a", "b") == served
    assert available(store, day(2)).stale == 0


def test_a_text_that_a_store_cannot_hold_is_a_failure_of_the_store(folder, online_store):
    file = folder / "feature_repo" / "definitions.py"
    text = file.read_text().replace('"trips", dtype=Int64', '"trips", dtype=String')
    file.write_text(text.replace("import Float64, Int64", "import Float64, String"))
    project = load_project(folder)
    stats(project, [("a", day(1), 1.0, "x\0y")], trips=pa.string())
    store = store_of(project, online_store=online_store)

    if online_store["type"] == "postgres":
        with pytest.raises(FeatureStoreError, match="materializing driver_stats to the postgres online store failed"):
            filled(store, day(2))
    else:
        filled(store, day(2))
        assert online(store, "a") == ["x\0y"]


def test_infinities_and_nan_of_a_float_feature_are_served_as_training_sees_them(project, online_store):
    stats(project, [("a", day(1), float("inf"), 1), ("b", day(1), float("nan"), 1)])
    store = store_of(project, online_store=online_store)

    filled(store, day(2))

    assert online(store, "a", "b", feature="rating") == [float("inf"), None]
    assert available(store, day(2)).stale == 0
