"""Alerts reach Alertmanager: a real one where the machine has it, and every way it can refuse."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from maestro_ml.observability.alerts import Alert, AlertingError, post_alerts

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
DRIFT = Alert(name="MaestroDrift", dataset="trips", severity="warning", summary="2 of 5 columns drifted")
QUALITY = Alert(name="MaestroQualityFailed", dataset="trips", severity="critical", summary="12 rows twice")
LASTS = timedelta(hours=7)


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Provide the base URL of a real Alertmanager that notifies nobody."""
    if not PROGRAM:
        pytest.skip("no Alertmanager on this machine: apt-get install prometheus-alertmanager")
    folder = tmp_path_factory.mktemp("alertmanager")
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    address = f"127.0.0.1:{free_port()}"
    arguments = [f"--config.file={config}", f"--storage.path={folder}", f"--web.listen-address={address}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, *arguments, "--cluster.listen-address="], stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://{address}", process, folder / "log")
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(timeout=300)


def test_a_real_alertmanager_fires_what_was_posted(alertmanager: str) -> None:
    began = datetime.now(UTC)
    post_alerts(f"{alertmanager}/", [DRIFT, QUALITY], {"dag_id": "a", "team": "x"}, LASTS, "s3://runs/report.html")
    firing = {alert["labels"]["alertname"]: alert for alert in alerts_of(alertmanager, "a")}
    assert sorted(firing) == ["MaestroDrift", "MaestroQualityFailed"]
    quality = firing["MaestroQualityFailed"]
    assert quality["labels"] == {
        "alertname": "MaestroQualityFailed", "dataset": "trips", "severity": "critical", "dag_id": "a", "team": "x",
    }  # fmt: skip
    assert quality["annotations"] == {"summary": "12 rows twice", "report": "s3://runs/report.html"}
    assert quality["status"]["state"] == "active"
    ends = datetime.fromisoformat(quality["endsAt"])
    # Alertmanager keeps milliseconds.
    assert began + LASTS - timedelta(milliseconds=1) <= ends <= datetime.now(UTC) + LASTS


def test_posting_again_makes_no_second_alert(alertmanager: str) -> None:
    for summary in ("one", "two"):
        post_alerts(alertmanager, [DRIFT.model_copy(update={"summary": summary})], {"dag_id": "b"}, LASTS)
    assert [alert["annotations"]["summary"] for alert in alerts_of(alertmanager, "b")] == ["two"]


def test_an_alert_ends_when_it_is_not_posted_again(alertmanager: str) -> None:
    post_alerts(alertmanager, [DRIFT], {"dag_id": "c"}, timedelta(seconds=1))
    assert len(alerts_of(alertmanager, "c")) == 1
    deadline = time.monotonic() + 120
    while alerts_of(alertmanager, "c"):
        assert time.monotonic() < deadline, "the alert still fires"
        time.sleep(0.2)


def test_a_real_alertmanager_refuses_a_bad_label_name(alertmanager: str) -> None:
    with pytest.raises(AlertingError, match="400 Bad Request"):
        post_alerts(alertmanager, [DRIFT], {"": "x"}, LASTS)


@pytest.fixture
def refusing() -> Iterator[tuple[str, list[object]]]:
    """Provide the address of a server that answers 503 to everything, and what it was sent."""
    received: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_error(503)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_refusal_names_the_server_and_not_its_password(refusing: tuple[str, list[object]]) -> None:
    address, received = refusing
    with pytest.raises(AlertingError, match="503 Service Unavailable") as caught:
        post_alerts(f"http://maestro:hunter2@{address}", [DRIFT], {}, LASTS)
    assert address in str(caught.value)
    assert "did not take 1 alert(s)" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(received) == 1


def test_nothing_to_say_is_not_said(refusing: tuple[str, list[object]]) -> None:
    address, received = refusing
    post_alerts(f"http://{address}", [], {}, LASTS)
    assert received == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}", "alertmanager:9093", "http://[", "http://nowhere.invalid"])
def test_what_cannot_be_reached_is_one_clear_error(url: str) -> None:
    url = url.format(port=free_port())
    with pytest.raises(AlertingError, match="did not take 1 alert") as caught:
        post_alerts(url, [DRIFT], {}, LASTS)
    assert url in str(caught.value)
    assert caught.value.exit_code == 3


def alerts_of(url: str, dag: str) -> list[dict[str, dict[str, str]]]:
    answer = httpx.get(f"{url}/api/v2/alerts", params={"filter": f'dag_id="{dag}"'}).raise_for_status()
    return answer.json()  # type: ignore[no-any-return]


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"Alertmanager did not start:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
