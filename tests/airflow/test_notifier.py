"""Notifications and deadlines reach the project's people."""

import asyncio
from datetime import timedelta

from maestro_ml.airflow.deadlines import deadline, deadline_missed
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
