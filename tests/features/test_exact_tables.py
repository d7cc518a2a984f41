"""64-bit keys, nulls, nanoseconds and decimals through every table between dataset, training set and online store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.features.availability import check_availability
from maestro_ml.features.labelled_rows import labelled_rows
from maestro_ml.features.materialize import materialize
from maestro_ml.features.store import open_store
from maestro_ml.features.training_sets import build_training_set
from maestro_ml.project import RequestError, Window, load_project

LARGE = 2**62 + 1  # as float64 it is 2**62
NANOSECOND = 1_709_500_000_123_456_789
DAY = 86_400 * 10**9
WINDOW = Window.ending(datetime(2024, 3, 11, tzinfo=UTC), timedelta(days=10))

DEFINITIONS = """\
from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.types import Decimal, Float64, Int64

account = Entity(name="account", join_keys=["account"], value_type=ValueType.INT64)
source = FileSource(name="accounts", path="../data/accounts.parquet", timestamp_field="seen")
accounts = FeatureView(
    name="accounts",
    entities=[account],
    ttl=timedelta(days=3),
    schema=[
        Field(name="last_order", dtype=Int64),
        Field(name="balance", dtype=Decimal),
        Field(name="score", dtype=Float64),
    ],
    source=source,
)
orders = FeatureService(name="orders", features=[accounts])
"""
MAESTRO_YAML = """\
name: shop
datasets:
  orders:
    source: {kind: parquet, path: data/orders.parquet}
    timestamp: at
    keys: [order]
    columns:
      order: {type: integer}
      at: {type: timestamp}
      account: {type: integer}
      price: {type: number}
      paid: {type: boolean}
features: {window: 10d}
models:
  paid:
    dataset: orders
    label: paid
    feature_service: orders
    columns: [price]
    window: 10d
    test: 5d
    register: {name: paid}
"""


@pytest.fixture
def shop(folder):
    """Provide two accounts whose numbers are one float64, seen 100 ns apart.

    Orders at the nanosecond, some without one.
    """
    (folder / "maestro.yaml").write_text(MAESTRO_YAML)
    (folder / "feature_repo" / "definitions.py").write_text(DEFINITIONS)
    accounts = {
        "account": pa.array([LARGE, LARGE - 1, LARGE]),
        "seen": pa.array([NANOSECOND, NANOSECOND, NANOSECOND + 100], pa.timestamp("ns", "UTC")),
        "last_order": pa.array([LARGE, None, LARGE + 2]),
        "balance": pa.array([Decimal("0.1"), Decimal("12345678901234567890.12"), None], pa.decimal128(38, 2)),
        "score": pa.array([0.1, None, float("inf")]),
    }
    pq.write_table(pa.table(accounts), folder / "data" / "accounts.parquet")
    oldest = NANOSECOND + 100 + 3 * DAY  # at which the last of them still counts
    orders = {
        "order": pa.array([LARGE + number for number in range(6)]),
        "at": pa.array([NANOSECOND, NANOSECOND + 99, NANOSECOND + 100, NANOSECOND, oldest + 1, oldest]),
        "account": pa.array([LARGE, LARGE, LARGE, None, LARGE, LARGE]),
        "price": pa.array([Decimal("0.10")] * 6, pa.decimal128(20, 2)),
        "paid": pa.array([True, False, True, False, True, False]),
    }
    orders["at"] = orders["at"].cast(pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table(orders), folder / "data" / "orders.parquet")
    return load_project(folder)


def nanoseconds(column):
    return column.cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_pylist()


def test_the_rows_of_a_dataset_are_what_its_file_holds(shop):
    rows = labelled_rows(shop, shop.models["paid"], ["account"], WINDOW)

    file = pq.read_table(shop.root / "data" / "orders.parquet").sort_by([("at", "ascending"), ("order", "ascending")])
    for name in ("order", "account", "price", "paid"):
        assert rows[name].to_pylist() == file[name].to_pylist()
    assert nanoseconds(rows["at"]) == nanoseconds(file["at"])


@pytest.mark.parametrize(
    ("naive", "zone", "offset"), [(None, None, 0), ("2024-03-03", "America/New_York", 5), ("1969-03-03", "UTC", 0)]
)
def test_a_time_without_a_zone_keeps_its_nanoseconds(folder, naive, zone, offset):
    (folder / "maestro.yaml").write_text(
        MAESTRO_YAML.replace("timestamp: at", f"timestamp: at\n    timezone: {zone}") if zone else MAESTRO_YAML
    )
    moments = (
        [NANOSECOND + 1] if naive is None else [int(datetime.fromisoformat(f"{naive}T00:00Z").timestamp()) * 10**9 + 1]
    )
    table = {"order": [1], "at": pa.array(moments, pa.timestamp("ns")), "account": [1], "price": [1.0], "paid": [True]}
    pq.write_table(pa.table(table), folder / "data" / "orders.parquet")
    project = load_project(folder)
    around = datetime.fromtimestamp(moments[0] // 10**9, UTC) + timedelta(days=1)

    rows = labelled_rows(project, project.models["paid"], [], Window.ending(around, timedelta(days=2)))

    assert nanoseconds(rows["at"]) == [moments[0] + offset * 3600 * 10**9]


def test_a_training_set_knows_of_each_row_what_was_known_at_its_nanosecond(shop, tmp_path):
    built = build_training_set(shop, "paid", WINDOW, tmp_path / "set.parquet")

    table = pq.read_table(tmp_path / "set.parquet")
    found = {row["order"] - LARGE: row for row in table.to_pylist()}
    assert [found[i]["last_order"] for i in range(6)] == [LARGE, LARGE, LARGE + 2, None, None, LARGE + 2]
    assert [found[i]["balance"] for i in range(6)] == [Decimal("0.10"), Decimal("0.10"), None, None, None, None]
    assert [found[i]["score"] for i in range(6)] == [0.1, 0.1, float("inf"), None, None, float("inf")]
    assert table.schema.field("last_order").type == pa.int64()
    assert table.schema.field("balance").type == pa.decimal128(38, 2)
    assert sorted(nanoseconds(table["at"]))[:4] == [NANOSECOND, NANOSECOND, NANOSECOND + 99, NANOSECOND + 100]
    assert built.feast.keyless == {"account": 1}


def test_feasts_own_offline_store_is_refused_where_pandas_would_confuse_keys(shop, tmp_path):
    file = shop.root / "feature_repo" / "feature_store.yaml"
    file.write_text(file.read_text().replace("maestro_ml.features.offline_store.DuckDBOfflineStore", "file"))

    with pytest.raises(RequestError, match=r"the key account has 1 nulls? beside integers above 2\^53"):
        build_training_set(shop, "paid", WINDOW, tmp_path / "set.parquet")


def test_what_is_read_online_is_what_the_source_holds(shop, online_store):
    window = Window.ending(datetime(2024, 3, 5, tzinfo=UTC), timedelta(days=10))
    store = open_store(shop, online_store=online_store)
    store.apply()

    materialize(store, store.views(), window, lambda _: None)

    names = ["last_order", "balance", "score"]
    rows = [{"account": LARGE}, {"account": LARGE - 1}]
    found = store.feast.get_online_features([f"accounts:{name}" for name in names], rows).to_dict()
    assert found["last_order"] == [LARGE + 2, None]
    assert found["balance"] == [None, Decimal("12345678901234567890.12")]
    assert found["score"] == [float("inf"), None]
    checked = check_availability(store, store.views()[0], window, 10)
    assert (checked.sampled, checked.missing, checked.stale, checked.expired) == (2, 0, 0, 0)
