"""The scripts of `helm test`, run against a pretended Airflow and a pretended exporter."""

import json
import runpy
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from composition import ROOT

SCRIPTS = ROOT / "files/tests"
DAGS = ["feast_feature_materialization", "model_training_pipeline", "data_validation_pipeline", "maestro_canary"]


class PretendedAirflow(ThreadingHTTPServer):
    """Answer requests by their method and path: of several answers each once, the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[dict]] = {}
        self.requests: list[tuple[str, str, dict | None, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length, path = int(self.headers.get("Content-Length") or 0), urlsplit(self.path)
                body = json.loads(self.rfile.read(length)) if length else None
                outer.requests.append((self.command, path.path, body, self.headers.get("Authorization")))
                answers = outer.answers.get((self.command, path.path))
                # As Airflow does for more than `[api] maximum_page_limit`.
                refused = int(parse_qs(path.query).get("limit", ["50"])[0]) > 100
                self.send_response(404 if answers is None else 422 if refused else 200)
                self.end_headers()
                if answers:
                    self.wfile.write(json.dumps(answers.pop(0) if len(answers) > 1 else answers[0]).encode())

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def airflow(monkeypatch):
    """Provide an Airflow whose user is `admin`, as the environment of a script names it."""
    server = PretendedAirflow()
    server.answers["POST", "/auth/token"] = [{"access_token": "t0ken"}]
    monkeypatch.setenv("AIRFLOW_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AIRFLOW_USERNAME", "admin")
    monkeypatch.setenv("AIRFLOW_PASSWORD", "-secret")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(monkeypatch) -> Callable[[str], tuple[str, float]]:
    """Provide what runs a script on a clock that only its sleeping moves: with what it exits, and after how long."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    passed = [0.0]
    monkeypatch.setattr(time, "sleep", lambda seconds: passed.__setitem__(0, passed[0] + seconds))
    monkeypatch.setattr(time, "monotonic", lambda: passed[0])

    def script(name: str) -> tuple[str, float]:
        try:
            runpy.run_path(str(SCRIPTS / f"{name}.py"), run_name="__main__")
        except SystemExit as ended:
            return str(ended.code or ""), passed[0]
        return "", passed[0]

    return script


HEALTH = {name: {"status": "healthy"} for name in ("metadatabase", "scheduler", "dag_processor", "triggerer")}


@pytest.mark.parametrize("status", ["unhealthy", None])
def test_every_part_that_airflow_knows_of_is_healthy(airflow, run, status):
    airflow.answers["GET", "/api/v2/monitor/health"] = [HEALTH, HEALTH | {"triggerer": {"status": status}}]
    assert run("api") == ("", 0)
    assert run("api") == (f"not healthy: {{'triggerer': {status!r}}}", 0)


CANARY = "/api/v2/dags/maestro_canary"


@pytest.fixture
def canary(airflow, monkeypatch):
    """Provide what sets the states that the run of the canary will have, one after another."""
    monkeypatch.setenv("CANARY_TIMEOUT_SECONDS", "300")
    airflow.answers["PATCH", CANARY] = [{}]
    airflow.answers["POST", f"{CANARY}/dagRuns"] = [{"dag_run_id": "manual__1+00:00"}]

    def states(*names: str) -> None:
        airflow.answers["GET", f"{CANARY}/dagRuns/manual__1%2B00%3A00"] = [{"state": name} for name in names]

    return states


def test_a_canary_run_is_waited_for_until_it_succeeds(airflow, run, canary):
    canary("queued", "running", "success")
    assert run("canary") == ("", 9)
    login, unpause, trigger, *_ = airflow.requests
    assert login == ("POST", "/auth/token", {"username": "admin", "password": "-secret"}, None)
    assert unpause == ("PATCH", CANARY, {"is_paused": False}, "Bearer t0ken")
    assert trigger == ("POST", f"{CANARY}/dagRuns", {"logical_date": None}, "Bearer t0ken")


def test_a_canary_run_that_fails_ends_the_test_at_once(run, canary):
    canary("running", "failed", "success")
    assert run("canary") == ("the canary run is failed after 300 s", 6)


def test_a_canary_run_that_does_not_end_fails_when_its_time_is_over(run, canary):
    canary("running")
    assert run("canary") == ("the canary run is running after 300 s", 300)


def known(*names: str) -> dict:
    return {"dags": [{"dag_id": name} for name in names]}


def test_dags_have_two_minutes_to_be_read(airflow, run):
    airflow.answers["GET", "/api/v2/importErrors"] = [{"import_errors": []}]
    airflow.answers["GET", "/api/v2/dags"] = [known(), known(*DAGS[1:]), known(*DAGS, "own")]
    assert run("dags") == ("", 6)
    airflow.answers["GET", "/api/v2/dags"] = [known(*DAGS[1:])]
    said, after = run("dags")
    assert said == f"missing: ['{DAGS[0]}']"
    assert 120 <= after - 6 <= 126


def test_a_dag_file_that_cannot_be_imported_is_shown_with_its_error(airflow, run):
    error = {"filename": "own.py", "stack_trace": "NameError: x"}
    airflow.answers["GET", "/api/v2/importErrors"] = [{"import_errors": [error]}, {"import_errors": []}]
    airflow.answers["GET", "/api/v2/dags"] = [known(*DAGS)]
    assert run("dags") == ("", 3)  # it was read again
    airflow.answers["GET", "/api/v2/importErrors"] = [{"import_errors": [error]}]
    assert run("dags")[0] == "own.py: NameError: x"


@pytest.fixture
def exporter(monkeypatch):
    """Provide a pretended exporter: a list of what was sent, of which its page shows what is after the first `lost`."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(60)
    received: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        lost = 0

        def do_GET(self) -> None:
            received.append(receiver.recv(1000).decode())
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            shown = [line.replace(":1|g", " 1") for line in received[type(self).lost :]]
            self.wfile.write("\n".join(["# HELP", *shown]).encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    page = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    monkeypatch.setenv("STATSD_HOST", "127.0.0.1")
    monkeypatch.setenv("STATSD_PORT", str(receiver.getsockname()[1]))
    monkeypatch.setenv("METRICS_PORT", str(page.server_port))
    yield Handler, received
    page.shutdown()
    page.server_close()
    receiver.close()


def test_a_metric_that_is_lost_is_sent_again(exporter, run):
    handler, received = exporter
    handler.lost = 2
    assert run("statsd") == ("", 3)
    assert len(received) == 3
    assert all(line.endswith(":1|g") for line in received)


def test_a_metric_that_does_not_arrive_fails_after_ten(exporter, run):
    handler, received = exporter
    handler.lost = 100
    said, _ = run("statsd")
    assert said.endswith("was sent ten times and did not arrive")
    assert len(received) == 10


def test_the_metric_goes_where_the_values_say(composition, tmp_path):
    from workloads import with_values

    values = {"statsd": {"service": {"metricsPort": 9200}}}
    [container] = [
        c for c in with_values(tmp_path, values, "minikube").containers if c.owner == "Pod/maestro-test-statsd"
    ]
    variables = {variable["name"]: variable["value"] for variable in container.spec["env"]}
    assert variables == {"STATSD_HOST": "maestro-statsd", "STATSD_PORT": "9125", "METRICS_PORT": "9200"}
