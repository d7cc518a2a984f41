"""What is known about a flight before it leaves: the recent past of carrier and route, and the airport now."""

import os
from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.types import Float64, Int64

# A bucket as it is; a folder from here, which is one below maestro.yaml
_DATA = os.environ.get("MAESTRO_DATA") or "data"
_DATA = _DATA if "://" in _DATA else str(Path("..") / _DATA)


def _source(name: str) -> FileSource:
    return FileSource(
        name=name,
        path=f"{_DATA}/{name}.parquet",
        timestamp_field="event_timestamp",
        s3_endpoint_override=os.environ.get("AWS_ENDPOINT_URL", ""),
    )


carrier = Entity(
    name="carrier", join_keys=["carrier"], value_type=ValueType.STRING, description="Airline code, such as UA"
)
route = Entity(
    name="route", join_keys=["route"], value_type=ValueType.STRING, description="EWR-IAH: from Newark to Houston"
)
origin = Entity(name="origin", join_keys=["origin"], value_type=ValueType.STRING, description="EWR, JFK or LGA")

# ttl: how old a value may be and still count. A day's row serves until the next two are missing.
carrier_history = FeatureView(
    name="carrier_history",
    entities=[carrier],
    ttl=timedelta(days=3),
    schema=[
        Field(name="carrier_flights_7d", dtype=Int64),
        Field(name="carrier_late_share_7d", dtype=Float64),
        Field(name="carrier_mean_arr_delay_7d", dtype=Float64),
        Field(name="carrier_cancelled_share_7d", dtype=Float64),
    ],
    source=_source("carrier_history"),
    tags={"team": "flight-operations"},
)

route_history = FeatureView(
    name="route_history",
    entities=[route],
    ttl=timedelta(days=3),
    schema=[
        Field(name="route_flights_28d", dtype=Int64),
        Field(name="route_late_share_28d", dtype=Float64),
        Field(name="route_mean_arr_delay_28d", dtype=Float64),
        Field(name="route_mean_dep_delay_28d", dtype=Float64),
    ],
    source=_source("route_history"),
    tags={"team": "flight-operations"},
)

origin_conditions = FeatureView(
    name="origin_conditions",
    entities=[origin],
    ttl=timedelta(hours=6),
    schema=[
        Field(name="departures_3h", dtype=Int64),
        Field(name="mean_dep_delay_3h", dtype=Float64),
        Field(name="temp", dtype=Float64, description="degrees Fahrenheit"),
        Field(name="humid", dtype=Float64, description="relative humidity, percent"),
        Field(name="wind_speed", dtype=Float64, description="miles per hour"),
        Field(name="precip", dtype=Float64, description="inches in the hour"),
        Field(name="pressure", dtype=Float64, description="millibars at sea level"),
        Field(name="visib", dtype=Float64, description="miles, 10 at most"),
    ],
    source=_source("origin_conditions"),
    tags={"team": "flight-operations"},
)

late_at_pushback = FeatureService(
    name="late_at_pushback",
    features=[carrier_history, route_history, origin_conditions],
    description="Everything known when the aircraft leaves the gate",
)

late_at_scheduling = FeatureService(
    name="late_at_scheduling",
    features=[carrier_history, route_history],
    description="What is known days ahead",
)
