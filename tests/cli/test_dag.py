"""`maestro dag test`: a DAG run whole, here, with nothing left of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from maestro_ml.cli.app import run
from maestro_ml.core.errors import RequestError
from maestro_ml.rehearsal import dag_run

DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def nightly():
    @task
    def counted(logical_date=None):
        assert logical_date.year == 2024
        return 3

    @task
    def halved(number):
        assert number % 2 == 0

    halved(counted())

nightly()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    orders = {"source": {"kind": "csv", "path": "x.csv"}, "columns": {"x": {"type": "integer"}}}
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"orders": orders}}))
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "nightly.py").write_text(DAG)
    return tmp_path


@pytest.mark.scheduler
def test_a_dag_runs_once_and_a_failed_task_is_the_exit_code(project, capfd):
    before = sorted(path.name for path in project.iterdir())
    assert run(["dag", "test", "nightly", "--project", str(project), "--at", "2024-05-01", "--json"]) == 1
    document = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert document["tasks"] == {"counted": "success", "halved": "failed"}
    assert sorted(path.name for path in project.iterdir()) == before


@pytest.mark.parametrize(("state", "code"), [("success", 0), ("failed", 1)])
def test_the_state_of_the_run_is_the_exit_code(project, monkeypatch, state, code):
    """The programs of Airflow, which take half a minute, are replaced: the test above runs them."""
    documents = iter(["", f"maestro-run: {json.dumps({'state': state, 'tasks': [['a', state]]})}"])
    monkeypatch.setattr(dag_run, "run_program", lambda *_, **__: next(documents))
    assert run(["dag", "test", "nightly", "--project", str(project)]) == code


def test_an_unknown_dag_is_refused_with_the_nearest_and_with_files_that_are_broken(project, monkeypatch):
    found = {"known": ["nightly"], "errors": {"dags/x.py": "SyntaxError: no"}}
    monkeypatch.setattr(dag_run, "run_program", lambda *_, **__: f"maestro-run: {json.dumps(found)}")
    with pytest.raises(RequestError, match=r"did you mean 'nightly'\?\ndags/x.py: SyntaxError") as raised:
        dag_run.run_dag(project, "nightli", datetime.now(UTC))
    assert raised.value.exit_code == 2
