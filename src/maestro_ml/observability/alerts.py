"""Alerts of a step, and posting them to Alertmanager."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.secrets import without_password

AlertName = Literal["MaestroQualityFailed", "MaestroDrift", "MaestroAnomalyRate", "MaestroAliasMoved"]


class AlertingError(MaestroError):
    """Alertmanager did not take the alerts."""


class Alert(BaseModel):
    """One problem of a dataset: its name, severity, and a sentence with the numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: AlertName
    dataset: str
    severity: Literal["warning", "critical"]
    summary: str


def post_alerts(url: str, alerts: Sequence[Alert], labels: dict[str, str], lasts: timedelta, link: str = "") -> None:
    """Post to Alertmanager's v2 API. Alerts with the same labels are the same alert, so posting twice is harmless.

    Args:
        url: Alertmanager's base URL.
        alerts: what is firing.
        labels: labels for every alert, such as the DAG.
        lasts: how long an alert fires without being posted again.
        link: where a person looks next (the report).

    Raises:
        AlertingError: it could not be reached or refused them.
    """
    if not alerts:
        return
    import httpx

    ends = datetime.now(UTC) + lasts
    body = [
        {
            "labels": {"alertname": a.name, "dataset": a.dataset, "severity": a.severity, **labels},
            "annotations": {"summary": a.summary, "report": link},
            "endsAt": ends.isoformat(),
        }
        for a in alerts
    ]
    try:
        httpx.post(f"{url.rstrip('/')}/api/v2/alerts", json=body, timeout=10).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        text = f"Alertmanager at {url} did not take {len(body)} alert(s): {error}"
        raise AlertingError(without_password(text, url)) from None
