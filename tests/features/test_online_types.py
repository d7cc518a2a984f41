"""Keys and features of every type, online as the entity and the view declare them, or refused by name."""

import pandas as pd
import pyarrow as pa
import pytest
from online_rows import available, day, filled, online, stats, store_of

from maestro_ml.features.errors import FeatureStoreError
from maestro_ml.project import RequestError, load_project


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
        (pa.float64(), 5.5, "INT64", r"driver_stats: the column driver .* double and holds values that are not INT64"),
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

    with pytest.raises(RequestError, match=r"the column trips .* is double and holds values that are not INT64"):
        filled(store, day(2))
    assert online(store, "a") == [None]


@pytest.mark.parametrize(
    ("kind", "values", "declared", "message"),
    [
        (pa.string(), ["5", "x"], "Int64", "trips of its source is string, but the view declares INT64"),
        (pa.string(), ["5", "x"], "Float64", "trips of its source is string, which Feast cannot write as DOUBLE"),
        (pa.int64(), [5, None], "String", "trips of its source is int64, but the view declares STRING"),
        (pa.int64(), [2, None], "Bool", "trips of its source is int64 and holds values other than 0 and 1"),
        (pa.uint64(), [2**64 - 1, None], "Int64", "uint64 and holds values that are not INT64"),
        (pa.int64(), [2**40, None], "Int32", "int64 and holds values that are not INT32"),
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
