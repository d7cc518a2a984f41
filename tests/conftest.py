"""A private Airflow home for the whole test session, set before anything imports Airflow; and a small project."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import settings
from shared import made_once

from maestro_ml.project import Project, load_project

HOME = Path(tempfile.mkdtemp(prefix="maestro-tests-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

# No deadline of an example: on a busy machine each may be slow once.
settings.register_profile("any machine", deadline=None, max_examples=50)
settings.register_profile("proof", deadline=None, max_examples=500)
settings.load_profile("any machine")

MINI = """\
name: mini
team: tests
datasets:
  trips:
    source: {kind: parquet, path: data/trips.parquet}
    timestamp: at
    keys: [id]
    columns:
      id: {type: integer, nullable: false}
      at: {type: timestamp}
      x: {type: number}
      late: {type: boolean}
  depots:
    source: {kind: parquet, path: data/depots.parquet}
    timestamp: at
    columns: {at: {type: timestamp}, size: {type: number}}
features: {}
models:
  first: {dataset: trips, label: late, columns: [x], register: {name: first}}
  second: {dataset: trips, label: late, columns: [x], register: {name: second}}
"""

(HOME / "mini").mkdir()
(HOME / "mini" / "maestro.yaml").write_text(MINI)

for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "MAESTRO_", "MLFLOW_", "FEAST_"))]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": str(HOME / "airflow"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME / 'airflow.db'}",
    "MAESTRO_PROJECT": str(HOME / "mini"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the modules that take longest: the last one to end decides how long two workers take.

    Those with a real Airflow come first: they stop every process that the tests before them have started.
    """
    real = {item.path for item in items if item.get_closest_marker("scheduler")}
    slow = ("dags", "engines", "plugins", "tracking")
    items.sort(key=lambda item: 0 if item.path in real else 1 if item.path.parent.name in slow else 2)


@pytest.fixture(autouse=True)
def no_tracking_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the address that `mlflow.set_tracking_uri` of an earlier test left in the environment."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(autouse=True)
def no_bucket_of_another_test() -> None:
    """Forget the connections to buckets: fsspec keeps them, with the addresses that earlier tests set."""
    if fsspec := sys.modules.get("fsspec"):
        for filesystem in fsspec.registry.values():
            filesystem.clear_instance_cache()


@pytest.fixture(scope="session")
def mini() -> Path:
    """Provide the folder of a project with two datasets and two models; MAESTRO_PROJECT names it. It has no data."""
    return HOME / "mini"


@pytest.fixture
def dataset_project(tmp_path: Path) -> Callable[..., Project]:
    """Provide a project in `tmp_path` with one dataset, `events`, described as in maestro.yaml, and `others` by
    their names.
    """

    def load(others: dict[str, object] | None = None, **dataset: object) -> Project:
        datasets = {"events": dataset, **(others or {})}
        text = yaml.safe_dump({"name": "checked", "datasets": datasets}, sort_keys=False)
        (tmp_path / "maestro.yaml").write_text(text, encoding="utf-8")
        return load_project(tmp_path, environ={})

    return load


@pytest.fixture(scope="session")
def migrated_airflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a SQLite database with Airflow's tables, to be copied: making one takes 15 seconds."""

    def migrate(folder: Path) -> None:
        place = {"AIRFLOW_HOME": str(folder), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder}/airflow.db"}
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        subprocess.run(command, env=os.environ | place, check=True, capture_output=True)

    return made_once(tmp_path_factory, "migrated-airflow", migrate) / "airflow.db"


@pytest.fixture(scope="session")
def airflow_database(migrated_airflow: Path) -> None:
    """Provide the tables of the Airflow that is imported in this process."""
    shutil.copy(migrated_airflow, HOME / "airflow.db")


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide the flights project with its real data.

    Tests that write into it take a copy of their own of what they change.
    """
    from maestro_ml.demo.flights import prepare

    folder = tmp_path_factory.mktemp("flights")
    prepare(str(folder))
    return folder


@pytest.fixture(scope="session")
def empty_tracking_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide an empty SQLite tracking store, to be copied: making one costs seconds."""
    from maestro_ml.training.tracking.client import mlflow_client

    def use(folder: Path) -> None:
        with mlflow_client(f"sqlite:///{folder}/mlflow.db") as client:
            client.search_experiments()

    return made_once(tmp_path_factory, "tracking", use) / "mlflow.db"
