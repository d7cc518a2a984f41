"""Feature sources and entity rows of the point-in-time tests."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

LARGE = 2**53 + 1
T0 = datetime(2024, 1, 1, tzinfo=UTC)


def view(path, *, key="driver", features=("rating",), **source):
    from feast import Entity, FeatureView, Field, FileSource, ValueType
    from feast.types import Float64, String

    entities = [Entity(name=key, join_keys=[key], value_type=ValueType.STRING)] if key else []
    schema = [Field(name=key, dtype=String)] if key else []
    return FeatureView(
        name="stats",
        entities=entities,
        schema=[*schema, *(Field(name=name, dtype=Float64) for name in features)],
        source=FileSource(path=str(path), **({"timestamp_field": "event_timestamp"} | source)),
    )


def as_of(stats, entities, **options):
    from maestro_ml.features.offline_store import DuckDBOfflineStore

    frame = entities if isinstance(entities, pd.DataFrame) else entities.to_pandas(types_mapper=pd.ArrowDtype)
    return DuckDBOfflineStore.get_historical_features(
        SimpleNamespace(repo_path=None, project="p"),
        [stats],
        [f"stats:{feature.name}" for feature in stats.features],
        frame,
        SimpleNamespace(list_on_demand_feature_views=lambda *_, **__: []),
        "p",
        **options,
    ).to_arrow()


def times(*minutes, unit="us"):
    return pa.array([T0 + timedelta(minutes=m) for m in minutes], pa.timestamp(unit, "UTC"))


def written(folder, **columns):
    pq.write_table(pa.table(columns), folder / "stats.parquet")
    return folder / "stats.parquet"


def rated(folder, keys):
    """Return a source with a rating for each key, at T0."""
    ratings = pa.array([float(i) for i in range(len(keys))])
    return written(folder, driver=keys, event_timestamp=times(*[0] * len(keys)), rating=ratings)


def ratings_of(folder, known, asked):
    found = as_of(view(rated(folder, known)), pa.table({"driver": asked, "event_timestamp": times(*[1] * len(asked))}))
    return found["rating"].to_pylist()
