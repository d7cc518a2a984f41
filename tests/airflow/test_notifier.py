"""Notifications and deadlines reach the project's people."""

import asyncio
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from maestro_ml.airflow.deadlines import deadline, deadline_missed
from maestro_ml.airflow.notifier import MaestroNotifier
from maestro_ml.project.pipelines import Training


@pytest.fixture
def inbox(mini, tmp_path):
    """A project whose `alerting.notify` is a real webhook on loopback, and what arrives there."""
    received = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    notify = f"alerting: {{notify: 'json://user:hush@127.0.0.1:{server.server_port}/'}}\n"
    (tmp_path / "maestro.yaml").write_text((mini / "maestro.yaml").read_text() + notify)
    yield str(tmp_path), received
    server.shutdown()
    server.server_close()


def test_a_notifier_sends_its_rendered_words(inbox):
    project, received = inbox
    MaestroNotifier(project_path=project, title="Failed: {{ what }}", body="at {{ when }}")(
        {"what": "it", "when": "noon"}
    )
    assert [(m["title"], m["message"]) for m in received] == [("Failed: it", "at noon")]


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
    project, received = inbox
    asyncio.run(deadline_missed(project, "a_dag", 30, context={"dag_run": {"dag_run_id": "r1"}}))
    (message,) = received
    assert message["title"] == "Deadline missed: a_dag"
    assert message["message"] == "The run r1 was not done 30 minutes after it was queued."


def test_the_deadline_counts_from_queueing_and_carries_no_address(inbox):
    project, _ = inbox
    alert = deadline(project, "a_dag", Training(deadline="2h"))
    assert alert.interval == timedelta(hours=2)
    assert alert.callback.path == "maestro_ml.airflow.deadlines.deadline_missed"
    assert alert.callback.kwargs == {"project_path": project, "dag_id": "a_dag", "minutes": 120}
