"""Each pipeline run whole by `dag.test()` on the real flights, in this process."""

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
from maestro_ml.airflow.bundle import MaestroDagBundle
bag = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro")
dag = bag.dags[sys.argv[1]]
# Airflow 3.3: dag.test() on a DAG with a deadline crashes when the run ends.
dag.deadline = None
DagBundlesManager().sync_bundles_to_db()
sync_bag_to_db(bag, "maestro", None)
run = dag.test(logical_date=datetime.datetime.fromisoformat(sys.argv[2]))
states = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
print(json.dumps({"state": run.state, "tasks": states}))
"""


BUNDLE = {"name": "maestro", "classpath": "maestro_ml.airflow.bundle.MaestroDagBundle", "kwargs": {}}


@pytest.fixture
def project(flights, tmp_path):
    """A copy of the flights project to write into; the data is shared."""
    folder = tmp_path / "flights"
    shutil.copytree(flights, folder)
    return folder


@pytest.fixture(scope="module")
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
        return json.loads(result.stdout.splitlines()[-1])

    return run


def environment(home):
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([BUNDLE]),
    }


def test_validation(project, run):
    seen = run("data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen == {"state": "success", "tasks": {"validate[0]": "success", "validate[1]": "success"}}
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_a_broken_contract_fails_the_run_after_the_report_is_written(project, run):
    file = project / "maestro.yaml"
    text = file.read_text()
    assert "{check: range, column: hour, min: 0, max: 23}" in text
    file.write_text(text.replace("column: hour, min: 0, max: 23", "column: hour, min: 0, max: 12"))
    seen = run("data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen["state"] == "failed"
    assert set(seen["tasks"].values()) == {"failed", "success"}
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_materialization(run):
    seen = run("feast_feature_materialization", "2013-12-01T02:00:00+00:00")
    assert seen["state"] == "success"
    assert set(seen["tasks"].values()) == {"success"}


def test_training_registers_one_model_and_rejects_the_other(run):
    seen = run("model_training_pipeline", "2013-12-01T04:00:00+00:00")
    assert seen["state"] == "success"
    registered = {name: state for name, state in seen["tasks"].items() if "register" in name}
    assert registered == {"model.register[0]": "success", "model.register[1]": "skipped"}
