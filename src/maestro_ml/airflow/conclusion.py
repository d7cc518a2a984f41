"""What follows from a step's result: metrics, alerts, assets, and the task's state."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability.stats import Stats

from maestro_ml.airflow.alert_duration import alert_lasts
from maestro_ml.airflow.notifier import send
from maestro_ml.observability.alerts import Alert, AlertingError, post_alerts
from maestro_ml.observability.metrics import Sample

if TYPE_CHECKING:
    from airflow.sdk._shared.logging.types import Logger

    from maestro_ml.project import Project
    from maestro_ml.steps import StepRecord, StepResult


def conclude(
    record: "StepRecord[StepResult]", project: "Project", project_path: str, dag_id: str, log: "Logger"
) -> dict[str, Any]:
    """Tell the world, then decide the task's state.

    Returns:
        What goes into XCom: the result's URI and a few scalars.

    Raises:
        AirflowSkipException: the step had nothing to do (the gate said no).
        AirflowFailException: the verdict is fail; trying again would not change the data.
    """
    result = record.result
    log.info("%s", result.summary)
    for name, uri in result.artifacts.items():
        log.info("%s: %s", name, uri)
    origin = {"dag_id": dag_id, "project": project.name, "team": project.team}
    emit(result.metrics, origin)
    alert(result.alerts, project, project_path, origin, link=next(iter(result.artifacts.values()), record.uri), log=log)
    if result.outcome == "failed":
        raise AirflowFailException(result.summary)
    if result.outcome == "skipped":
        raise AirflowSkipException(result.summary)
    return {"uri": record.uri, "summary": result.summary, "seconds": record.seconds, "peak_mb": record.peak_mb}


def emit(samples: Iterable[Sample], origin: dict[str, str]) -> None:
    for sample in samples:
        Stats.gauge(sample.name, sample.value, tags={**sample.labels, **origin})


def alert(
    alerts: list[Alert], project: "Project", project_path: str, origin: dict[str, str], *, link: str, log: "Logger"
) -> None:
    if not alerts:
        return
    send(
        project_path,
        f"{origin['dag_id']}: {', '.join(sorted({a.name for a in alerts}))}",
        "\n".join(a.summary for a in alerts),
    )
    if project.alerting.alertmanager:
        try:
            post_alerts(project.alerting.alertmanager, alerts, origin, alert_lasts(project, origin["dag_id"]), link)
        except AlertingError as error:
            # The data's verdict must not hang on the alert's delivery; the rule in Prometheus is the second way.
            log.warning("%s", error)
