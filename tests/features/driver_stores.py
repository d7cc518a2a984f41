"""Fill the stores of the small project with drivers, look into them, and change what is in them."""

import pandas as pd

from maestro_ml.features.availability import check_availability
from maestro_ml.features.materialize import materialize

ALL = 100


def available(store, window, sample=ALL):
    return check_availability(store, store.views()[0], window, sample)


def filled(store, window):
    return materialize(store, store.views(), window, lambda _: None)


def change_source(project, change):
    file = project.root / "data" / "driver_stats.parquet"
    change(pd.read_parquet(file)).to_parquet(file)


def plant(store, driver, at, rating):
    rows = pd.DataFrame({"driver": [driver], "event_timestamp": [at], "rating": [rating], "trips": [1]})
    store.feast.write_to_online_store("driver_stats", rows)
