"""What is posted to Alertmanager, and how a refusal reads, without an Alertmanager."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from maestro_ml.observability.alerts import Alert, AlertingError, post_alerts

ALERTS = [
    Alert(name="MaestroDrift", dataset="trips", severity="warning", summary="2 of 5 columns drifted"),
    Alert(name="MaestroQualityFailed", dataset="depots", severity="critical", summary="12 rows twice"),
]
HOUR = timedelta(hours=1)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, float]]:
    """What was posted: the URL, the body and the time limit."""
    sent: list[tuple[str, Any, float]] = []

    def post(url: str, *, json: Any, timeout: float) -> httpx.Response:
        sent.append((url, json, timeout))
        status = 200 if "refusing" not in url else 400
        return httpx.Response(status, request=httpx.Request("POST", url))

    monkeypatch.setattr(httpx, "post", post)
    return sent


def test_every_field_of_the_alerts(posted: list[tuple[str, Any, float]]) -> None:
    before = datetime.now(UTC)
    post_alerts("http://alerts/", ALERTS, {"dag_id": "d", "team": "t"}, 3 * HOUR, "s3://report.html")
    [(url, body, timeout)] = posted
    assert (url, timeout) == ("http://alerts/api/v2/alerts", 10)
    for each in body:
        ends = datetime.fromisoformat(each.pop("endsAt"))
        assert ends.tzinfo is not None
        assert before + 3 * HOUR <= ends <= datetime.now(UTC) + 3 * HOUR
    labels = {"dag_id": "d", "team": "t"}
    assert body == [
        {
            "labels": {"alertname": "MaestroDrift", "dataset": "trips", "severity": "warning", **labels},
            "annotations": {"summary": "2 of 5 columns drifted", "report": "s3://report.html"},
        },
        {
            "labels": {"alertname": "MaestroQualityFailed", "dataset": "depots", "severity": "critical", **labels},
            "annotations": {"summary": "12 rows twice", "report": "s3://report.html"},
        },
    ]


def test_without_a_link_the_report_is_empty_and_without_alerts_nothing_is_posted(posted: Any) -> None:
    post_alerts("http://alerts", [], {}, HOUR)
    assert posted == []
    post_alerts("http://alerts", ALERTS[:1], {}, HOUR)
    assert posted[0][1][0]["annotations"]["report"] == ""


@pytest.mark.parametrize("count", [1, 2])
def test_a_refusal_says_how_many_alerts_were_not_taken_and_hides_the_password(count: int, posted: Any) -> None:
    with pytest.raises(AlertingError) as raised:
        post_alerts("http://ann:secret@refusing", ALERTS[:count], {}, HOUR)
    message = str(raised.value)
    assert "secret" not in message
    assert f"@refusing did not take {count} alert(s): Client error '400 Bad Request'" in message
    assert message.startswith("Alertmanager at http://")
