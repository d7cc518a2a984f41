"""Each pipeline run whole by `dag.test()` on the real flights, in this process."""

import json
import shutil
import subprocess
import sys

import pytest

# One process a DAG: dag.test() shares Airflow's settings and Feast's registry with whoever comes next.
RUN = """
import sys, datetime, json
from airflow.dag_processing.dagbag import DagBag
from airflow.dag_processing.dagbag import sync_bag_to_db
from airflow.utils.session import create_session
from maestro_ml.airflow.bundle import MaestroDagBundle
bag = DagBag(MaestroDagBundle(name="maestro").path, bundle_name="maestro")
dag = bag.dags[sys.argv[1]]
# Airflow 3.3: dag.test() on a DAG with a deadline crashes when the run ends.
dag.deadline = None
run = dag.test(logical_date=datetime.datetime.fromisoformat(sys.argv[2]))
states = {f"{ti.task_id}[{ti.map_index}]": ti.state for ti in run.get_task_instances()}
print(json.dumps({"state": run.state, "tasks": states}))
"""


@pytest.fixture
def project(flights, tmp_path):
    """A copy of the flights project to write into; the data is shared."""
    folder = tmp_path / "flights"
    shutil.copytree(flights, folder)
    return folder


def run(project, airflow_home, dag, end):
    import os

    environment = {
        **os.environ,
        "MAESTRO_PROJECT": str(project),
        "AIRFLOW_HOME": str(airflow_home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home / 'airflow.db'}",
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-m", "airflow", "pools", "set", "feast_online_store", "1", "x"],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    result = subprocess.run(
        [sys.executable, "-c", RUN, dag, end], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.splitlines()[-1])


def test_validation(project, tmp_path):
    seen = run(project, tmp_path, "data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen == {"state": "success", "tasks": {"validate[0]": "success", "validate[1]": "success"}}
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_a_broken_contract_fails_the_run_after_the_report_is_written(project, tmp_path):
    file = project / "maestro.yaml"
    text = file.read_text()
    assert "{check: range, column: hour, min: 0, max: 23}" in text
    file.write_text(text.replace("column: hour, min: 0, max: 23", "column: hour, min: 0, max: 12"))
    seen = run(project, tmp_path, "data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen["state"] == "failed"
    assert set(seen["tasks"].values()) == {"failed", "success"}
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_materialization(project, tmp_path):
    seen = run(project, tmp_path, "feast_feature_materialization", "2013-12-01T02:00:00+00:00")
    assert seen["state"] == "success"
    assert set(seen["tasks"].values()) == {"success"}


def test_training_registers_one_model_and_rejects_the_other(project, tmp_path):
    seen = run(project, tmp_path, "model_training_pipeline", "2013-12-01T04:00:00+00:00")
    assert seen["state"] == "success"
    registered = {name: state for name, state in seen["tasks"].items() if "register" in name}
    assert registered == {"model.register[0]": "success", "model.register[1]": "skipped"}
