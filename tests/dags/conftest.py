"""A DAG run whole by `dag.test()`, in a process and an Airflow database of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

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
DagBundlesManager().sync_bundles_to_db()
sync_bag_to_db(bag, "maestro", None)
run = dag.test(logical_date=datetime.datetime.fromisoformat(sys.argv[2]))
states = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
with create_session() as session:
    events = session.scalars(select(AssetModel.name).join(AssetEvent, AssetEvent.asset_id == AssetModel.id)).all()
print(json.dumps({"state": run.state, "tasks": states, "events": events}))
"""


BUNDLE = {"name": "maestro", "classpath": "maestro_ml.airflow.bundle.MaestroDagBundle", "kwargs": {}}


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """Airflow's database with the pool the flights project names, to be copied: making one takes 15 seconds."""
    home = tmp_path_factory.mktemp("database")
    for command in (["db", "migrate"], ["pools", "set", "feast_online_store", "1", "one writer at a time"]):
        subprocess.run(
            [sys.executable, "-m", "airflow", *command], env=environment(home), check=True, capture_output=True
        )
    return home / "airflow.db"


@pytest.fixture
def run(project, database, tmp_path):
    shutil.copy(database, tmp_path)

    def run(dag, end):
        command = [sys.executable, "-c", RUN, dag, end]
        settings = {**environment(tmp_path), "MAESTRO_PROJECT": str(project)}
        result = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr[-3000:]
        # The document is followed by what a provider logs while Airflow ends.
        return json.loads([line for line in result.stdout.splitlines() if line.startswith("{")][-1])

    return run


@pytest.fixture
def environment_of():
    """environment_of(home) -> the variables of an Airflow with its database there."""
    return environment


def environment(home):
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE]),
    }
