"""What is posted to Alertmanager, and how a refusal reads; a webhook on loopback stands for Alertmanager."""

from datetime import UTC, datetime, timedelta

import pytest
from receiving import receiving

from maestro_ml.observability.alerts import Alert, AlertingError, post_alerts

ALERTS = [
    Alert(name="MaestroDrift", dataset="trips", severity="warning", summary="2 of 5 columns drifted"),
    Alert(name="MaestroQualityFailed", dataset="depots", severity="critical", summary="12 rows twice"),
]
HOUR = timedelta(hours=1)


def test_every_field_of_the_alerts() -> None:
    before = datetime.now(UTC)
    with receiving() as (port, posted):
        post_alerts(f"http://127.0.0.1:{port}/", ALERTS, {"dag_id": "d", "team": "t"}, 3 * HOUR, "s3://report.html")
    [(path, body)] = posted
    assert path == "/api/v2/alerts"
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


def test_without_a_link_the_report_is_empty_and_without_alerts_nothing_is_posted() -> None:
    with receiving() as (port, posted):
        post_alerts(f"http://127.0.0.1:{port}", [], {}, HOUR)
        assert posted == []
        post_alerts(f"http://127.0.0.1:{port}", ALERTS[:1], {}, HOUR)
    [(_, [alert])] = posted
    assert alert["annotations"]["report"] == ""


@pytest.mark.parametrize("count", [1, 2])
def test_a_refusal_says_how_many_alerts_were_not_taken_and_hides_the_password(count: int) -> None:
    with receiving(status=400) as (port, _), pytest.raises(AlertingError) as raised:
        post_alerts(f"http://ann:secret@127.0.0.1:{port}", ALERTS[:count], {}, HOUR)
    message = str(raised.value)
    assert "secret" not in message
    assert f"@127.0.0.1:{port} did not take {count} alert(s): Client error '400 Bad Request'" in message
    assert message.startswith("Alertmanager at http://")


def test_an_alertmanager_that_does_not_answer_is_given_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is not sent: waiting would take the ten seconds."""
    import httpx

    limits = []

    def late(_: str, *, timeout: float, **__: object) -> httpx.Response:
        limits.append(timeout)
        raise httpx.ReadTimeout("timed out")

    monkeypatch.setattr(httpx, "post", late)
    with pytest.raises(AlertingError, match=r"did not take 2 alert\(s\): timed out"):
        post_alerts("http://127.0.0.1:9", ALERTS, {}, HOUR)
    assert limits == [10]
