"""Publish a step's result: metrics, alerts, and the state of the task."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability.stats import Stats

from maestro_ml.airflow.alert_duration import alert_lasts
from maestro_ml.airflow.notifier import send
from maestro_ml.observability.alerts import Alert, AlertingError, post_alerts
from maestro_ml.observability.metrics import MetricValue

if TYPE_CHECKING:
    from airflow.sdk._shared.logging.types import Logger

    from maestro_ml.project import Project
    from maestro_ml.steps import StepRecord, StepResult


def publish_result(record: "StepRecord[StepResult]", project: "Project", dag_id: str, log: "Logger") -> dict[str, Any]:
    """Emit metrics and alerts, then set the task's state.

    Returns:
        The XCom value: the result's URI and a few scalars.

    Raises:
        AirflowSkipException: the step had nothing to do, because the gate rejected the model.
        AirflowFailException: the verdict is fail; another try would not change the data.
    """
    result = record.result
    log.info("%s", result.summary)
    for name, uri in result.artifacts.items():
        log.info("%s: %s", name, uri)
    origin = {"dag_id": dag_id, "project": project.name, "team": project.team}
    emit(result.metrics, origin)
    alert(result.alerts, project, origin, link=next(iter(result.artifacts.values()), record.uri), log=log)
    if result.outcome == "failed":
        raise AirflowFailException(result.summary)
    if result.outcome == "skipped":
        raise AirflowSkipException(result.summary)
    return {"uri": record.uri, "summary": result.summary, "seconds": record.seconds, "peak_mb": record.peak_mb}


def emit(samples: Iterable[MetricValue], origin: dict[str, str]) -> None:
    """Send the samples through Airflow's Stats, with the labels in `origin` added."""
    for sample in samples:
        Stats.gauge(sample.name, sample.value, tags={**sample.labels, **origin})


def alert(alerts: list[Alert], project: "Project", origin: dict[str, str], *, link: str, log: "Logger") -> None:
    """Send the alerts to the project's people and to Alertmanager, as far as the project names them."""
    if not alerts:
        return
    send(
        project.alerting.notify,
        f"{origin['dag_id']}: {', '.join(sorted({a.name for a in alerts}))}",
        "\n".join(a.summary for a in alerts),
    )
    if project.alerting.alertmanager:
        try:
            post_alerts(project.alerting.alertmanager, alerts, origin, alert_lasts(project, origin["dag_id"]), link)
        except AlertingError as error:
            # The verdict must not depend on the delivery; the rule in Prometheus fires as well.
            log.warning("%s", error)
