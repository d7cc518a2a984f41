"""The engine that writes online: for which projects it is used, and which of Feast's views it writes."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.features.materialize import materialize
from maestro_ml.features.store import open_store
from maestro_ml.project import RequestError, load_project

OURS = "maestro_ml.features.engine.NewestRowsEngine"
TRANSFORMED = """

from feast.batch_feature_view import batch_feature_view


@batch_feature_view(
    name="doubled",
    mode="pandas",
    entities=[driver],
    schema=[Field(name="driver", dtype=String), Field(name="double_trips", dtype=Int64)],
    source=source,
    ttl=timedelta(days=3),
    online=True,
    offline=False,
)
def doubled(rows):
    return rows.assign(double_trips=2 * rows.trips)
"""


@pytest.mark.parametrize(
    ("named", "used"),
    [
        ({}, {"type": OURS}),
        ({"batch_engine": "local"}, {"type": OURS}),
        ({"batch_engine": {"type": "local", "backend": "pandas"}}, {"type": OURS, "backend": "pandas"}),
        ({"batch_engine": {"type": "lambda"}}, {"type": "lambda"}),
        ({"batch_engine": "spark.engine"}, "spark.engine"),
    ],
)
def test_feasts_engine_in_this_process_is_replaced_and_no_other(project, named, used):
    assert open_store(project, **named).feast.config.batch_engine_config == used


def test_a_view_with_a_transformation_is_written_newest_rows_only(folder, window):
    file = folder / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace("import Float64, Int64", "import Float64, Int64, String") + TRANSFORMED)
    store = open_store(load_project(folder))
    store.apply()
    view = store.feast.get_feature_view("doubled")

    [done] = materialize(store, [view], window, lambda _: None)

    rows = [{"driver": "d0"}, {"driver": "d3"}]
    found = store.feast.get_online_features(["doubled:double_trips"], rows).to_dict()["double_trips"]
    assert (done.rows, found) == (8, [180, 186])
    assert not store.feast.config.materialization_config.pull_latest_features  # a transformation may need every row


@pytest.mark.parametrize("kind", ["file", "dask"])
def test_rows_without_a_key_are_left_out_whichever_offline_store_reads_them(folder, window, kind):
    file = folder / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace("ValueType.STRING", "ValueType.INT64"))
    columns = {
        "driver": pa.array([5, None, 7]),
        "event_timestamp": pa.array([window.end - timedelta(days=1)] * 3, pa.timestamp("us", "UTC")),
        "rating": [1.0, 2.0, 3.0],
        "trips": [1, 2, 3],
    }
    pq.write_table(pa.table(columns), folder / "data" / "driver_stats.parquet")
    store = open_store(load_project(folder), offline_store={"type": kind})
    store.apply()
    [view] = store.views()

    [done] = materialize(store, [view], window, lambda _: None)

    rows = [{"driver": 5}, {"driver": 7}]
    assert store.feast.get_online_features(["driver_stats:trips"], rows).to_dict()["trips"] == [1, 3]
    assert (done.rows, done.keyless) == (2, 1)

    columns["driver"] = pa.array([2**53 + 1, None, 7])
    pq.write_table(pa.table(columns), folder / "data" / "driver_stats.parquet")
    with pytest.raises(RequestError, match=r"the column driver of its source is double and holds keys above 2\^53"):
        materialize(store, [view], window, lambda _: None)
