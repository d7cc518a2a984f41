"""A small project with a feature repo: rides, and how their drivers have done lately."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

import pandas as pd
import pytest
from local_feature_store import feature_store_yaml

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
        test: 6h
        register: {name: rides_late}
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
    """Provide ten days, one row a driver and day; some ratings are unknown."""
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
    """Provide rides every hour; two at a time share driver and time, and every seventh has no label."""
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
    """Provide the project's folder, for a test to spoil as it likes."""
    (tmp_path / "feature_repo").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "maestro.yaml").write_text(dedent(MAESTRO_YAML))
    (tmp_path / "feature_repo" / "feature_store.yaml").write_text(feature_store_yaml("rides", "data"))
    (tmp_path / "feature_repo" / "definitions.py").write_text(dedent(DEFINITIONS))
    driver_stats.to_parquet(tmp_path / "data" / "driver_stats.parquet")
    rides.to_parquet(tmp_path / "data" / "rides.parquet")
    return tmp_path


@pytest.fixture
def project(folder: Path) -> Project:
    return load_project(folder)


@pytest.fixture
def window() -> Window:
    """Provide the last seven days of the driver statistics."""
    return Window.ending(START + timedelta(days=10), timedelta(days=7))


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Provide an empty Redis."""
    port, folder = _free_port(), tmp_path_factory.mktemp("redis")
    program = shutil.which("redis-server") or pytest.skip("no redis-server: apt-get install redis-server")
    command = [program, "--port", str(port), "--save", ""]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as server:
        _wait_for(port)
        yield port
        server.terminate()


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """Provide an empty PostgreSQL whose sessions are in New York, as those of a server are that somebody installed
    there.
    """
    pytest.importorskip("psycopg_pool", reason="pip install 'maestro-ml[postgres]'")
    import psycopg
    from postgres_server import running_postgres

    with running_postgres() as url:
        place = url.replace("+psycopg", "")
        with psycopg.connect(place) as connection:
            connection.execute("ALTER DATABASE postgres SET timezone TO 'America/New_York'")
        yield urlsplit(place).port


@pytest.fixture(params=["sqlite", "redis", "postgres"])
def online_store(request: pytest.FixtureRequest) -> dict:
    """Provide an empty online store of each kind, as feature_store.yaml says it."""
    match request.param:
        case "redis":
            port = request.getfixturevalue("redis_port")
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(b"FLUSHALL\r\n")
                assert connection.recv(100).startswith(b"+OK")
            return {"type": "redis", "connection_string": f"127.0.0.1:{port}"}
        case "postgres":
            import psycopg

            port = request.getfixturevalue("postgres_port")
            with psycopg.connect(f"host=127.0.0.1 port={port} user=maestro dbname=postgres") as connection:
                # A store of an earlier test that nobody closed, because nobody can, still holds its tables.
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
                )
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
            place = {"host": "127.0.0.1", "port": port, "database": "postgres", "db_schema": "public"}
            return {"type": "postgres", "user": "maestro", "password": "none", "sslmode": "disable", **place}
        case _:
            return {"type": "sqlite", "path": "data/online.db"}


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_for(port: int) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers at port {port}")
