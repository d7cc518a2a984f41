"""A pipeline's deadline, and the message when a run misses it, without an Airflow that runs."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.models import DagRun
from airflow.sdk.definitions.callback import AsyncCallback
from receiving import notifying, receiving
from sqlalchemy import Column, MetaData, Table, create_engine
from sqlalchemy.orm import Session

from maestro_ml.airflow.deadlines import RunQueued, deadline, deadline_missed
from maestro_ml.project.pipelines import Training, Validation


def test_it_counts_from_when_this_very_run_was_queued() -> None:
    first, second = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    runs = [("a", "r1", first), ("a", "r2", second), ("b", "r1", second), ("b", "r2", first)]
    engine = create_engine("sqlite://")
    table = DagRun.__table__
    with engine.begin() as connection:
        columns: list[Any] = [Column(name, table.c[name].type) for name in ("dag_id", "run_id", "queued_at")]
        Table("dag_run", MetaData(), *columns).create(connection)
        rows = [{"dag_id": dag, "run_id": run, "queued_at": at} for dag, run, at in runs]
        connection.execute(Table("dag_run", MetaData(), autoload_with=connection).insert(), rows)
    with Session(engine) as session:
        for dag, run, at in runs:
            assert RunQueued()._evaluate_with(session=session, dag_id=dag, run_id=run) == at
        assert RunQueued()._evaluate_with(session=session, dag_id="a", run_id="r3") is None
    engine.dispose()
    assert RunQueued.required_kwargs == {"dag_id", "run_id"}


def test_a_pipelines_deadline_names_its_dag_and_carries_no_address() -> None:
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


def test_a_dag_of_another_name_is_named() -> None:
    made = deadline("/project", Training(deadline="1h"), dag_id="shop_training")
    assert (made.name, made.callback.kwargs["dag_id"]) == ("shop_training within 1h", "shop_training")


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
def test_the_message_names_the_run_that_missed_it_however_airflow_hands_the_run_over(
    inbox: Any, context: dict[str, Any] | None, run: str
) -> None:
    folder, received = inbox
    asyncio.run(deadline_missed(str(folder), "some_dag", "2h", context))
    ((_, message),) = received
    assert message["title"] == "Deadline missed: some_dag"
    assert message["message"] == f"The run {run} was not done 2h after it was queued."


def test_a_slow_channel_does_not_hold_up_the_triggerer(mini: Any, tmp_path: Any) -> None:
    arrived, waited = threading.Event(), []

    async def other_work() -> None:
        arrived.set()

    async def triggerer(folder: str) -> None:
        await asyncio.gather(deadline_missed(folder, "a_dag", "30m"), other_work())

    with receiving(before_the_answer=lambda: waited.append(arrived.wait(5))) as (port, _):
        (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + notifying(port))
        asyncio.run(triggerer(str(tmp_path)))
    assert waited == [True]
