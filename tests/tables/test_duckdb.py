"""DuckDB as everything here uses it: in UTC, without extensions from the network, in little memory."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.tables import open_dataset
from maestro_ml.tables.duckdb import connect, fetch
from maestro_ml.tables.errors import unreadable
from maestro_ml.tables.sources.scan import read_parquet


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    [(value,)] = connection.execute(f"SELECT current_setting('{name}')").fetchall()
    return value


def test_times_are_utc_on_a_machine_of_another_zone():
    code = (
        "from maestro_ml.tables.duckdb import connect\n"
        "print(connect().execute(\"SELECT TIMESTAMPTZ '2024-01-01 12:00:00+00'::VARCHAR\").fetchall()[0][0])"
    )
    env = os.environ | {"TZ": "Asia/Tokyo"}
    shown = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "2024-01-01 12:00:00+00"


def test_extensions_are_never_fetched():
    with connect() as connection:
        assert setting(connection, "autoinstall_known_extensions") is False


def test_a_signal_stops_a_long_query():
    """DuckDB gives the only task of such a query to one of its threads about every other time: six tries meet one."""
    code = (
        "import signal\n"
        "from maestro_ml.tables.duckdb import connect\n"
        "def stop(*_): raise SystemExit\n"
        "signal.signal(signal.SIGALRM, stop)\n"
        "connection = connect()\n"
        "for _ in range(6):\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        "    try:\n"
        "        connection.execute('SELECT sum(hash(range)) FROM range(1_000_000_000_000)')\n"
        "    except RuntimeError as error:\n"
        "        print(error)\n"
    )
    # to its end, the query takes a quarter of an hour
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300).stdout
    assert shown.splitlines() == ["Query interrupted"] * 6


def test_the_memory_of_a_small_query_is_given_back():
    with connect() as connection:
        before = setting(connection, "memory_limit")
        assert fetch(connection, "SELECT 1") == [(1,)]
        assert setting(connection, "memory_limit") == before
        with pytest.raises(duckdb.Error):
            fetch(connection, "SELECT nothing")
        assert setting(connection, "memory_limit") == before


def test_row_groups_are_prefetched_from_buckets_only(tmp_path):
    import fsspec

    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    memory = fsspec.filesystem("memory")
    memory.pipe("/ahead/x.parquet", (tmp_path / "x.parquet").read_bytes())
    try:
        with connect() as connection:
            assert read_parquet(connection, str(tmp_path / "x.parquet")).fetchall() == [(1,)]
            assert setting(connection, "disable_parquet_prefetching") is True
            assert read_parquet(connection, "memory://ahead/x.parquet").fetchall() == [(1,)]
            assert setting(connection, "disable_parquet_prefetching") is False
    finally:
        memory.rm("/ahead", recursive=True)


def test_what_memory_cannot_hold_goes_to_a_folder_that_is_removed(tmp_path, dataset_project):
    pq.write_table(pa.table({"at": pa.array([0], pa.timestamp("us", "UTC"))}), tmp_path / "events.parquet")
    source = {"kind": "parquet", "path": "events.parquet"}
    project = dataset_project(source=source, timestamp="at", columns={"at": {"type": "timestamp"}})
    with open_dataset(project, "events") as dataset:
        folder = Path(str(setting(dataset.connection, "temp_directory")))
        assert folder.is_dir()
        assert folder.name.startswith("maestro-")
    assert not folder.exists()


def test_too_little_memory_is_an_error_of_the_data_and_no_bug():
    assert issubclass(duckdb.OutOfMemoryException, unreadable())
