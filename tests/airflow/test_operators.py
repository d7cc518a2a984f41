"""A step as a task in this process: its window, its parameters, and which errors end the task."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import counting_step
import pytest
from airflow.sdk.exceptions import AirflowFailException
from counting_step import PATH

from maestro_ml.airflow.operators import MaestroStepOperator
from maestro_ml.project import MaestroError

DUE, END = datetime(2024, 5, 2, tzinfo=UTC), datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def project(mini, tmp_path):
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text())
    return tmp_path


@pytest.fixture
def count(monkeypatch):
    """Keep the runs of the step `count`."""
    runs, step = [], counting_step.count
    monkeypatch.setattr(counting_step, "count", lambda run: runs.append(run) or step(run))
    return runs


@pytest.fixture
def execute(project, airflow_database):
    def run(step, target, parameters=None, **context):
        task = MaestroStepOperator(
            task_id="a_task", step=step, project_path=str(project), target=target, parameters=parameters
        )
        return task.execute({"dag_run": SimpleNamespace(dag_id="a_dag", run_id="r-1", run_after=DUE), **context})

    return run


@pytest.mark.parametrize(
    ("context", "end"), [({"data_interval_end": END}, END), ({}, DUE), ({"data_interval_end": None}, DUE)]
)
def test_the_window_ends_with_the_runs_interval_or_when_the_run_was_due(execute, count, project, context, end):
    left = execute(PATH, "trips", **context)
    (run,) = count
    assert (run.window.start, run.window.end) == (end - timedelta(days=2), end)
    assert run.folder.uri == left["uri"] == f"{project}/runs/a_dag/r-1/{PATH}/trips"


def test_parameters_reach_the_step(execute, count):
    execute(PATH, "trips", {"times": 3})
    execute(PATH, "depots")
    assert [(run.target, run.params.times) for run in count] == [("trips", 3), ("depots", 1)]


@pytest.mark.parametrize(("step", "target", "parameters"), [(PATH, "nothing", {}), (PATH, "trips", {"tmes": 1})])
def test_a_wrong_request_ends_the_task_at_once(execute, count, step, target, parameters):
    with pytest.raises(AirflowFailException, match=target if target == "nothing" else "tmes"):
        execute(step, target, parameters)
    assert count == []


def test_data_that_is_not_there_yet_is_worth_another_try(execute):
    with pytest.raises(MaestroError, match="no parquet file at") as caught:
        execute("validate", "trips")
    assert not isinstance(caught.value, AirflowFailException)
