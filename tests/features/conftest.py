"""A small project with a feature repo: rides, and how their drivers have done lately."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest

from maestro_ml.project import Project, Window, load_project

START = datetime(2024, 3, 1, tzinfo=UTC)
DRIVERS = [f"d{i}" for i in range(8)]

MAESTRO_YAML = """\
    name: rides
    datasets:
      rides:
        source: {kind: parquet, path: data/rides.parquet}
        timestamp: at
        keys: [ride]
        columns:
          ride: {type: integer}
          at: {type: timestamp}
          driver: {type: string}
          km: {type: number}
          late: {type: boolean}
    features: {window: 7d, availability: {sample: 5}}
    models:
      late:
        dataset: rides
        label: late
        feature_service: rides
        columns: [km]
        window: 10d
        test: 2d
        register: {name: rides_late}
    """

FEATURE_STORE_YAML = """\
    project: rides
    provider: local
    registry: data/registry.db
    online_store: {type: sqlite, path: data/online.db}
    offline_store: {type: maestro_ml.features.offline_store.DuckDBOfflineStore}
    entity_key_serialization_version: 3
    """

DEFINITIONS = """\
    from datetime import UTC, datetime, timedelta

    from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
    from feast.types import Float64, Int64

    driver = Entity(name="driver", join_keys=["driver"], value_type=ValueType.STRING)
    source = FileSource(name="driver_stats", path="../data/driver_stats.parquet", timestamp_field="event_timestamp")
    driver_stats = FeatureView(
        name="driver_stats",
        entities=[driver],
        ttl=timedelta(days=3),
        schema=[Field(name="rating", dtype=Float64), Field(name="trips", dtype=Int64)],
        source=source,
    )
    rides = FeatureService(name="rides", features=[driver_stats])
    """


@pytest.fixture
def driver_stats() -> pd.DataFrame:
    """Ten days, one row a driver and day; some ratings are unknown."""
    rows = [
        {
            "driver": driver,
            "event_timestamp": START + timedelta(days=day),
            "rating": None if (day + number) % 5 == 0 else 3 + number / 7 + day / 100,
            "trips": 10 * day + number,
        }
        for day in range(10)
        for number, driver in enumerate(DRIVERS)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def rides() -> pd.DataFrame:
    """Rides every hour; two at a time share driver and time, and every seventh has no label."""
    rows = [
        {
            "ride": 2 * hour + twin,
            "at": START + timedelta(days=1, hours=hour),
            "driver": DRIVERS[hour % len(DRIVERS)],
            "km": float(hour % 13),
            "late": None if (2 * hour + twin) % 7 == 0 else bool(hour % 3 == 0),
        }
        for hour in range(200)
        for twin in (0, 1)
    ]
    return pd.DataFrame(rows).astype({"late": "boolean"})


@pytest.fixture
def folder(tmp_path: Path, driver_stats: pd.DataFrame, rides: pd.DataFrame) -> Path:
    """The project's folder, for a test to spoil as it likes."""
    (tmp_path / "feature_repo").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "maestro.yaml").write_text(dedent(MAESTRO_YAML))
    (tmp_path / "feature_repo" / "feature_store.yaml").write_text(dedent(FEATURE_STORE_YAML))
    (tmp_path / "feature_repo" / "definitions.py").write_text(dedent(DEFINITIONS))
    driver_stats.to_parquet(tmp_path / "data" / "driver_stats.parquet")
    rides.to_parquet(tmp_path / "data" / "rides.parquet")
    return tmp_path


@pytest.fixture
def project(folder: Path) -> Project:
    return load_project(folder)


@pytest.fixture
def window() -> Window:
    """The last seven days of the driver statistics."""
    return Window.ending(START + timedelta(days=10), timedelta(days=7))
