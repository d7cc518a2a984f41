"""A SQLite tracking store is there whole or not at all, whatever interrupts its first use."""

import contextlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maestro_ml.training.tracking.client import TrackingError, mlflow_client
from maestro_ml.training.tracking.local_store import file_of, is_half_made, one_at_a_time

USE = """
import sys
from maestro_ml.training.tracking.client import mlflow_client
with mlflow_client(sys.argv[1]) as client:
    print(len(client.search_experiments()), flush=True)
"""


@pytest.fixture
def database(empty_tracking_store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty_tracking_store, tmp_path / "mlflow.db"))


def spoil(database: Path, *statements: str) -> None:
    with sqlite3.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def use(database: Path, **options: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", USE, f"sqlite:///{database}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


def test_a_new_store_leaves_nothing_beside_it_but_its_lock(empty_tracking_store: Path) -> None:
    assert names(empty_tracking_store.parent) == ["mlflow.db", "mlflow.db.lock"]
    assert not is_half_made(empty_tracking_store)


def test_a_default_experiment_keeps_its_artifacts_beside_the_store(empty_tracking_store: Path) -> None:
    with mlflow_client(f"sqlite:///{empty_tracking_store}") as client:
        assert client.get_experiment("0").artifact_location == f"file://{empty_tracking_store.parent}/mlartifacts/0"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_first_use_that_is_stopped_leaves_no_store_and_the_next_one_makes_it(
    number: signal.Signals, tmp_path: Path
) -> None:
    database, scratch = tmp_path / "mlflow.db", tmp_path / ".mlflow.db.unfinished"
    with use(database) as process:
        deadline = time.monotonic() + 120
        while not (scratch.exists() and scratch.stat().st_size > 50_000):
            assert process.poll() is None, "it was made before it could be stopped"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(number)
        process.communicate(timeout=300)
    assert not database.exists() or not is_half_made(database)  # it may have been quicker than the signal
    with mlflow_client(f"sqlite:///{database}") as client:
        assert [found.name for found in client.search_experiments()] == ["Default"]
    assert names(tmp_path) == ["mlflow.db", "mlflow.db.lock"]


def test_a_disk_that_is_full_leaves_no_store(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    with use(database, preexec_fn=small_files) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode
    assert "TrackingError: MLflow at sqlite:///" in errors.splitlines()[-1]
    assert names(tmp_path) == ["mlflow.db.lock"]


UNFINISHED = [
    "DELETE FROM experiments",
    "DELETE FROM workspaces",
    "DELETE FROM alembic_version",
    "DROP TABLE trace_tags",
    "DROP TABLE model_versions",
]


@pytest.mark.parametrize("made", [1, 3, 4])
def test_a_store_half_made_is_known_wherever_it_was_stopped(made: int, database: Path) -> None:
    spoil(database, *UNFINISHED[:made])
    assert is_half_made(database)


def test_a_store_half_made_before_is_made_anew(database: Path) -> None:
    spoil(database, *UNFINISHED)
    assert is_half_made(database)
    database.with_name("mlflow.db-wal").write_bytes(b"of the file before")
    with mlflow_client(f"sqlite:///{database}") as client:
        client.create_registered_model("works")
        assert [found.name for found in client.search_experiments()] == ["Default"]
    assert "mlflow.db-wal" not in names(database.parent)


def test_an_empty_file_is_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    with mlflow_client(f"sqlite:///{tmp_path}/mlflow.db") as client:
        assert client.search_experiments()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO registered_models (name, workspace) VALUES ('precious', 'default')",
        "CREATE TABLE precious AS SELECT 1 AS a",
    ],
)
def test_a_file_that_holds_anything_is_never_replaced(statement: str, database: Path) -> None:
    spoil(database, *UNFINISHED[:1], statement, "DROP TABLE trace_tags")
    assert not is_half_made(database)
    before = database.stat().st_ino
    with contextlib.suppress(TrackingError), mlflow_client(f"sqlite:///{database}"):
        pass
    assert database.stat().st_ino == before


def test_a_file_of_something_else_is_left_alone_and_named(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(TrackingError, match=r"move .*mlflow\.db away"), mlflow_client(f"sqlite:///{file}"):
        pass
    assert file.read_bytes() == b"not a database at all" * 100


def test_a_store_in_use_is_not_looked_into(database: Path) -> None:
    spoil(database, *UNFINISHED[:1])
    with sqlite3.connect(database) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert not is_half_made(database)
    connection.close()


def test_only_a_local_file_is_held(tmp_path: Path) -> None:
    assert file_of("http://mlflow:5000") is None
    with one_at_a_time("http://mlflow:5000"):
        assert names(tmp_path) == []
