"""Tests of what follows from a step's result: the task's state, metrics, alerts."""

import logging
from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from maestro_ml.airflow import publish
from maestro_ml.airflow.alert_duration import alert_lasts
from maestro_ml.airflow.current_project import project_at
from maestro_ml.observability.alerts import Alert
from maestro_ml.observability.metrics import ANOMALY_RATE
from maestro_ml.steps import StepRecord, StepResult

NOW = datetime(2013, 12, 1, tzinfo=UTC)
DRIFT = Alert(name="MaestroDrift", dataset="trips", severity="warning", summary="x drifted: p = 0.001")


def record(outcome, **fields):
    result = StepResult(outcome=outcome, summary=f"it {outcome}", **fields)
    return StepRecord[StepResult](
        step="validate", target="trips", window_start=NOW, window_end=NOW, uri="runs/x", finished_at=NOW,
        seconds=1.0, peak_mb=100.0, version="0", result=result,
    )  # fmt: skip


@pytest.fixture
def publish_result(mini):
    def call(given, project=None):
        project = project or project_at(str(mini))
        return publish.publish_result(given, project, "some_dag", logging.getLogger("test"))

    return call


def test_a_passed_result_leaves_a_uri_and_scalars(publish_result):
    assert publish_result(record("passed")) == {
        "uri": "runs/x",
        "summary": "it passed",
        "seconds": 1.0,
        "peak_mb": 100.0,
    }


def test_a_failed_verdict_fails_the_task_without_another_try(publish_result):
    with pytest.raises(AirflowFailException, match="it failed"):
        publish_result(record("failed"))


def test_a_skipped_result_skips_the_task(publish_result):
    with pytest.raises(AirflowSkipException, match="it skipped"):
        publish_result(record("skipped"))


def test_metrics_go_through_airflows_stats_with_their_labels(publish_result, metrics):
    publish_result(record("passed", metrics=[ANOMALY_RATE(0.2, dataset="trips")]))
    assert metrics.gauges() == [
        (
            "maestro.validation.anomaly_rate",
            0.2,
            {"dataset": "trips", "dag_id": "some_dag", "project": "mini", "team": "tests"},
        )
    ]


def test_alerts_reach_the_log_and_alertmanager_though_the_run_succeeds(publish_result, alerted, caplog):
    project, received = alerted
    publish_result(record("passed", alerts=[DRIFT]), project)
    ((path, (alert,)),) = received
    assert path == "/api/v2/alerts"
    assert alert["labels"] == {
        "alertname": "MaestroDrift", "dataset": "trips", "severity": "warning",
        "dag_id": "some_dag", "project": "mini", "team": "tests",
    }  # fmt: skip
    assert "x drifted: p = 0.001" in caplog.text


def test_an_unreachable_alertmanager_does_not_change_the_verdict(publish_result, mini, caplog):
    project = project_at(str(mini))
    alerting = project.alerting.model_copy(update={"alertmanager": "http://127.0.0.1:9"})
    assert publish_result(record("passed", alerts=[DRIFT]), project.model_copy(update={"alerting": alerting}))
    assert "did not take 1 alert" in caplog.text


@pytest.fixture
def alerted(mini, webhook):
    """Make a project whose alerts go to the webhook: the project, and what arrives there."""
    port, received = webhook
    project = project_at(str(mini))
    alerting = project.alerting.model_copy(update={"alertmanager": f"http://127.0.0.1:{port}/"})
    return project.model_copy(update={"alerting": alerting}), received


@pytest.mark.parametrize(("outcome", "raised"), [("failed", AirflowFailException), ("skipped", AirflowSkipException)])
def test_metrics_and_alerts_go_out_before_the_task_ends(publish_result, alerted, metrics, outcome, raised):
    project, received = alerted
    with pytest.raises(raised):
        publish_result(record(outcome, alerts=[DRIFT], metrics=[ANOMALY_RATE(0.2, dataset="trips")]), project)
    assert [(name, value) for name, value, _ in metrics.gauges()] == [("maestro.validation.anomaly_rate", 0.2)]
    assert len(received) == 1


@pytest.mark.parametrize(
    ("artifacts", "link"), [({"report": "runs/x/report.html", "findings": "y"}, "runs/x/report.html"), ({}, "runs/x")]
)
def test_an_alert_leads_to_the_report_or_to_the_steps_folder(publish_result, alerted, artifacts, link):
    project, received = alerted
    publish_result(record("passed", alerts=[DRIFT], artifacts=artifacts), project)
    ((_, (alert,)),) = received
    assert alert["annotations"] == {"summary": "x drifted: p = 0.001", "report": link}


@pytest.mark.parametrize(("dag_id", "most"), [("data_validation_pipeline", 6.4), ("a_dag_of_our_own", 24.1)])
def test_an_alert_lasts_until_the_next_run_of_its_own_dag(mini, alerted, dag_id, most):
    project, received = alerted
    before = datetime.now(UTC)
    given = record("passed", alerts=[DRIFT])
    publish.publish_result(given, project, dag_id, logging.getLogger("test"))
    ((_, (alert,)),) = received
    hours = (datetime.fromisoformat(alert["endsAt"]) - before).total_seconds() / 3600
    lasts = alert_lasts(project, dag_id, before).total_seconds() / 3600
    assert hours == pytest.approx(lasts, abs=0.01)
    assert 0.3 < hours < most


def test_without_an_alert_nothing_is_posted_or_sent(publish_result, alerted):
    project, received = alerted
    publish_result(record("passed"), project)
    assert received == []


def test_people_get_one_message_with_every_alert(publish_result, inbox):
    folder, received = inbox
    other = DRIFT.model_copy(update={"name": "MaestroAnomalyRate", "summary": "many rows"})
    publish_result(record("passed", alerts=[DRIFT, other, DRIFT]), project_at(str(folder)))
    ((_, message),) = received
    assert message["title"] == "some_dag: MaestroAnomalyRate, MaestroDrift"
    assert message["message"] == "x drifted: p = 0.001\nmany rows\nx drifted: p = 0.001"


def test_the_log_names_the_summary_and_every_artifact(publish_result, caplog):
    caplog.set_level("INFO")
    publish_result(record("passed", artifacts={"report": "runs/x/report.html", "model": "runs/x/model.skops"}))
    lines = [line.getMessage() for line in caplog.records if line.name == "test"]
    assert lines == ["it passed", "report: runs/x/report.html", "model: runs/x/model.skops"]
