"""Rows of a feature source, written online and read back."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from maestro_ml.features.availability import check_availability
from maestro_ml.features.materialize import materialize
from maestro_ml.features.store import open_store
from maestro_ml.project import Window

DAY = timedelta(days=1)


START = datetime(2024, 3, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + number * DAY


def store_of(project, **settings):
    store = open_store(project, **settings)
    store.apply()
    return store


def stats(project, rows, **types):
    """Write rows of (driver, time, rating, trips) as the feature source."""
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
