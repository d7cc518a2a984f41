"""A DAG run whole by `dag.test()`, in a process and an Airflow database of its own."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forked import LIBRARIES, ForkServer

MODULES = """
airflow.__main__ airflow.cli.cli_parser airflow.models airflow.models.asset airflow.models.hitl
airflow.dag_processing.dagbag airflow.dag_processing.bundles.manager airflow.serialization.serialized_objects
airflow.sdk airflow.sdk.execution_time.supervisor airflow.sdk.execution_time.task_runner
airflow.dag_processing.collection airflow.models.dagbag airflow.models.serialized_dag
airflow.api_fastapi.execution_api.app airflow.api_fastapi.execution_api.routes a2wsgi anyio._backends._asyncio
airflow.api_fastapi.execution_api.versions airflow.providers.standard.operators.python
pydantic.v1
maestro_ml.airflow.bundle maestro_ml.airflow.operators maestro_ml.airflow.dag_factory maestro_ml.airflow.plugin
"""
# One process a DAG: dag.test() shares Airflow's settings and Feast's registry with whoever comes next.
RUN = """
import datetime, json, sys
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.asset import AssetEvent, AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select
from maestro_ml.airflow.bundle import MaestroDagBundle
bag = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro")
dag = bag.dags[sys.argv[1]]
# Airflow 3.3: dag.test() on a DAG with a deadline crashes when the run ends.
dag.deadline = None
for task in dag.tasks:
    (task.partial_kwargs if task.is_mapped else vars(task))["retry_delay"] = datetime.timedelta(0)
DagBundlesManager().sync_bundles_to_db()
sync_bag_to_db(bag, "maestro", None)
run = dag.test(logical_date=datetime.datetime.fromisoformat(sys.argv[2]))
states = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
with create_session() as session:
    events = session.scalars(select(AssetModel.name).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)).all()
print(json.dumps({"state": run.state, "tasks": states, "events": events}))
"""
BUNDLE = {"name": "maestro", "classpath": "maestro_ml.airflow.bundle.MaestroDagBundle", "kwargs": {}}


class Airflow:
    """A home of Airflow, and a process that has imported it and forks a new one for each run of a DAG."""

    def __init__(self, home: Path) -> None:
        self.database = home / "airflow.db"
        self._settings = {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}",
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE]),
        }
        self._server = ForkServer(LIBRARIES + MODULES, self._settings)

    def run(self, program: str, *arguments: str, project: Path | None = None) -> str:
        """Return what a program prints that Airflow runs with a project."""
        settings = self._settings | ({"MAESTRO_PROJECT": str(project)} if project else {})
        result = self._server.run(program, *arguments, env=os.environ | settings)
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture(scope="session")
def airflow_process(migrated_airflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Airflow]:
    started = Airflow(tmp_path_factory.mktemp("airflow"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def database(airflow_process: Airflow, migrated_airflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide Airflow's database with the pool the flights project names, to be copied."""
    shutil.copy(migrated_airflow, airflow_process.database)
    pool = ["pools", "set", "feast_online_store", "1", "one writer at a time"]
    airflow_process.run("from airflow.__main__ import main; main()", *pool)
    return Path(shutil.copy(airflow_process.database, tmp_path_factory.mktemp("database")))


@pytest.fixture
def run_in_airflow(airflow_process: Airflow, database: Path, project: Path) -> Callable[..., dict]:
    """Provide `run_in_airflow(program, *arguments)`: the JSON document that the program prints about the test's
    `project`.
    """
    shutil.copy(database, airflow_process.database)

    def run(program: str, *arguments: str) -> dict:
        printed = airflow_process.run(program, *arguments, project=project)
        # The document is followed by what a provider logs while Airflow ends.
        return json.loads([line for line in printed.splitlines() if line.startswith("{")][-1])

    return run


@pytest.fixture
def run(run_in_airflow: Callable[..., dict]) -> Callable[[str, str], dict]:
    """Provide `run(DAG, end)`: the state of the run, those of its tasks, and the asset events."""
    return lambda dag, end: run_in_airflow(RUN, dag, end)


@pytest.fixture
def shop(tmp_path: Path, empty_tracking_store: Path) -> Callable[[str], Path]:
    """Provide `shop(text of the project file)`: a project with ten days of orders, of which x tells nearly which
    are late.
    """

    def make(text: str) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir()
        rng = np.random.default_rng(7)
        x = rng.normal(size=240)
        at = pd.date_range(datetime(2024, 1, 1, tzinfo=UTC), periods=240, freq="1h")
        late = (x + rng.normal(scale=0.3, size=240) > 0).astype(int)
        pd.DataFrame({"at": at, "x": x, "late": late, "never": 0}).to_parquet(folder / "orders.parquet")
        (folder / "maestro.yaml").write_text(text)
        shutil.copy(empty_tracking_store, folder)
        return folder

    return make
