"""Notifications and deadlines reach the project's people."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.models import DagRun
from sqlalchemy import Column, MetaData, Table, create_engine
from sqlalchemy.orm import Session

from maestro_ml.airflow import deadlines
from maestro_ml.airflow.deadlines import RunQueued, deadline, deadline_missed
from maestro_ml.airflow.notifier import MaestroNotifier
from maestro_ml.project.pipelines import Training


def test_a_notifier_sends_its_rendered_words(inbox):
    folder, received = inbox
    project = str(folder)
    MaestroNotifier(project_path=project, title="Failed: {{ what }}", body="at {{ when }}")(
        {"what": "it", "when": "noon"}
    )
    assert [(m["title"], m["message"]) for _, m in received] == [("Failed: it", "at noon")]


def test_without_addresses_it_is_the_log(mini, caplog):
    MaestroNotifier(project_path=str(mini), title="Failed", body="why")({})
    assert "Failed\nwhy" in caplog.text


def test_an_address_that_fails_is_said_without_its_password(inbox, caplog, tmp_path):
    project = tmp_path / "other"
    project.mkdir()
    text = (tmp_path / "maestro.yaml").read_text().split("alerting:")[0]
    (project / "maestro.yaml").write_text(text + "alerting: {notify: 'json://user:hush@127.0.0.1:9/'}\n")
    MaestroNotifier(project_path=str(project), title="t", body="b")({})
    assert "could not be sent" in caplog.text
    assert "hush" not in caplog.text


def test_a_missed_deadline_reaches_the_notifier(inbox):
    folder, received = inbox
    project = str(folder)
    asyncio.run(deadline_missed(project, "a_dag", "30m", context={"dag_run": {"dag_run_id": "r1"}}))
    ((_, message),) = received
    assert message["title"] == "Deadline missed: a_dag"
    assert message["message"] == "The run r1 was not done 30m after it was queued."


def test_the_deadline_counts_from_queueing_and_carries_no_address(inbox):
    project = str(inbox[0])
    alert = deadline(project, Training(deadline="2h"))
    assert alert.interval == timedelta(hours=2)
    assert alert.callback.path == "maestro_ml.airflow.deadlines.deadline_missed"
    assert alert.callback.kwargs == {"project_path": project, "dag_id": "model_training_pipeline", "limit": "2h"}


@pytest.mark.parametrize(
    ("context", "run"),
    [
        ({"dag_run": {"dag_run_id": "r1", "run_id": "r2"}}, "r1"),
        ({"dag_run": {"run_id": "r2"}}, "r2"),
        ({"dag_run": SimpleNamespace(run_id="r3")}, "r3"),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_missed_deadline_names_the_run_however_airflow_hands_it_over(inbox, context, run):
    folder, received = inbox
    asyncio.run(deadline_missed(str(folder), "a_dag", "30m", context=context))
    ((_, message),) = received
    assert message["message"] == f"The run {run} was not done 30m after it was queued."


def test_a_slow_channel_does_not_hold_up_the_triggerer(mini, monkeypatch):
    answered, waited = threading.Event(), []
    monkeypatch.setattr(deadlines, "send", lambda *_: waited.append(answered.wait(5)))

    async def the_triggerers_other_work():
        answered.set()

    async def both():
        await asyncio.gather(deadline_missed(str(mini), "a_dag", "30m"), the_triggerers_other_work())

    asyncio.run(both())
    assert waited == [True]


def test_a_deadline_counts_from_the_queueing_of_its_own_run():
    first, second = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    runs = [("a", "r1", first), ("a", "r2", second), ("b", "r1", second), ("b", "r2", first)]
    engine = create_engine("sqlite://")
    table = DagRun.__table__
    with engine.begin() as connection:
        columns = [Column(name, table.c[name].type) for name in ("dag_id", "run_id", "queued_at")]
        Table("dag_run", MetaData(), *columns).create(connection)
        rows = [{"dag_id": dag, "run_id": run, "queued_at": at} for dag, run, at in runs]
        connection.execute(Table("dag_run", MetaData(), autoload_with=connection).insert(), rows)
    with Session(engine) as session:
        for dag, run, at in runs:
            assert RunQueued()._evaluate_with(session=session, dag_id=dag, run_id=run) == at
        assert RunQueued()._evaluate_with(session=session, dag_id="a", run_id="r3") is None
    engine.dispose()
