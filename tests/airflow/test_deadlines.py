"""A pipeline's deadline, and what is said when a run misses it, without an Airflow that runs."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.callback import AsyncCallback

from maestro_ml.airflow import deadlines
from maestro_ml.airflow.deadlines import RunQueued, deadline, deadline_missed
from maestro_ml.project.pipelines import Training, Validation

QUEUED = datetime(2024, 1, 1, 12, tzinfo=UTC)


class Session:
    """Two runs of one id in two DAGs, and two of one DAG, each queued an hour after the one before."""

    runs = (("a", "r1"), ("a", "r2"), ("b", "r1"))

    def scalar(self, statement: Any) -> str | None:
        """Run the query in SQLite."""
        with sqlite3.connect(":memory:") as database:
            database.execute("CREATE TABLE dag_run (dag_id, run_id, queued_at)")
            rows = [(*run, str(QUEUED + timedelta(hours=hour))) for hour, run in enumerate(self.runs)]
            database.executemany("INSERT INTO dag_run VALUES (?, ?, ?)", rows)
            found = database.execute(str(statement.compile(compile_kwargs={"literal_binds": True}))).fetchone()
        return found and found[0]


@pytest.mark.parametrize(("run", "hours"), [(("a", "r1"), 0), (("a", "r2"), 1), (("b", "r1"), 2), (("b", "r2"), None)])
def test_it_counts_from_when_this_run_was_queued(run: tuple[str, str], hours: int | None) -> None:
    dag_id, run_id = run
    found = RunQueued()._evaluate_with(session=Session(), dag_id=dag_id, run_id=run_id)
    assert found == (None if hours is None else str(QUEUED + timedelta(hours=hours)))
    assert RunQueued.required_kwargs == {"dag_id", "run_id"}


def test_a_pipelines_deadline_names_whom_it_concerns() -> None:
    made = deadline("/project", Validation(deadline="90m"))
    assert isinstance(made.reference, RunQueued)
    assert made.interval == timedelta(minutes=90)
    assert made.name == "data_validation_pipeline within 1h 30m"
    assert isinstance(made.callback, AsyncCallback)
    assert made.callback.path == "maestro_ml.airflow.deadlines.deadline_missed"
    given = {"project_path": "/project", "dag_id": "data_validation_pipeline", "limit": "1h 30m"}
    assert made.callback.kwargs == given


def test_the_time_a_person_may_take_is_added() -> None:
    made = deadline("/project", Training(deadline="1h"), timedelta(days=2))
    assert made.interval == timedelta(days=2, hours=1)
    assert made.name == "model_training_pipeline within 2d 1h"
    assert made.callback.kwargs["limit"] == "2d 1h"


@pytest.mark.parametrize(
    ("context", "run"),
    [
        ({"dag_run": {"dag_run_id": "r1", "run_id": "other"}}, "r1"),
        ({"dag_run": {"run_id": "r2"}}, "r2"),
        ({"dag_run": SimpleNamespace(run_id="r3")}, "r3"),
        ({"dag_run": SimpleNamespace()}, ""),
        ({"dag_run": None}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_missed_deadline_is_said_to_the_projects_people(
    context: dict[str, Any] | None, run: str, mini: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[Any, ...]] = []
    asked: list[str] = []

    def project_at(path: str) -> Any:
        asked.append(path)
        return SimpleNamespace(alerting=SimpleNamespace(notify=("people",)))

    def send(*message: Any) -> None:
        sent.append((*message, threading.current_thread() is threading.main_thread()))

    monkeypatch.setattr(deadlines, "project_at", project_at)
    monkeypatch.setattr(deadlines, "send", send)
    asyncio.run(deadline_missed("/project", "some_dag", "2h", context))
    body = f"The run {run} was not done 2h after it was queued."
    assert sent == [(("people",), "Deadline missed: some_dag", body, False)]  # the triggerer's loop goes on
    assert asked == ["/project"]
