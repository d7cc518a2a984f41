"""Leaves what `feast apply` and a materialization leave. Called with the path of the rendered feature_store.yaml."""

import sys
from datetime import UTC, datetime

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float32
from feast.value_type import ValueType

plane = Entity(name="plane", join_keys=["plane_id"], value_type=ValueType.INT64)
source = FileSource(name="flights", path="flights.parquet", timestamp_field="event_timestamp")
view = FeatureView(name="plane_stats", entities=[plane], schema=[Field(name="delay", dtype=Float32)], source=source)

store = FeatureStore(fs_yaml_file=sys.argv[1])
store.apply([plane, source, view])
row = {"plane_id": [7], "delay": [2.5], "event_timestamp": [datetime.now(UTC)]}
store.write_to_online_store("plane_stats", pd.DataFrame(row))
