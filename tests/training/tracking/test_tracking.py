"""Where MLflow is, and one clear error when it is not there."""

import errno
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from maestro_ml.project import Project, load_project
from maestro_ml.training.tracking.client import TrackingError, artifact_location, mlflow_client, tracking_uri


def project_with(uri: str, mini: Path) -> Project:
    project = load_project(mini)
    return project.model_copy(update={"tracking": project.tracking.model_copy(update={"uri": uri})})


def test_a_relative_sqlite_file_lies_beside_the_project(mini: Path) -> None:
    assert tracking_uri(load_project(mini)) == f"sqlite:///{mini}/mlflow.db"
    assert tracking_uri(project_with("sqlite:///../db/m.db", mini)) == f"sqlite:///{mini.parent}/db/m.db"


@pytest.mark.parametrize("uri", ["sqlite:////srv/m.db", "http://mlflow:5000", "postgresql+psycopg://u:p@h/m"])
def test_other_uris_stay_as_they_are(uri: str, mini: Path) -> None:
    assert tracking_uri(project_with(uri, mini)) == uri


def test_artifacts_lie_beside_a_local_store_and_otherwise_the_server_decides() -> None:
    assert artifact_location("sqlite:////srv/x/m.db") == "file:///srv/x/mlartifacts"
    assert artifact_location("http://mlflow:5000") is None


def test_an_unreachable_server_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    uri = "http://maestro:hunter2@127.0.0.1:9"
    with pytest.raises(TrackingError) as caught, mlflow_client(uri) as client:
        client.get_experiment_by_name("x")
    assert str(caught.value).startswith(
        "MLflow at http://maestro:***@127.0.0.1:9 cannot be reached: connection refused; "
    )
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 3


def test_what_mlflow_refuses_is_said_in_one_line(tracking_uri: str) -> None:
    with (
        pytest.raises(TrackingError, match="nothing") as caught,
        mlflow_client(tracking_uri) as client,
    ):
        client.get_logged_model("nothing")
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_called_one_whatever_mlflow_makes_of_it(tracking_uri: str) -> None:
    from mlflow.exceptions import MlflowException

    full = OSError(errno.ENOSPC, "No space left on device", "/tmp/model.skops")
    with (
        pytest.raises(TrackingError, match=r": no space left on device: /tmp/model\.skops$"),
        mlflow_client(tracking_uri),
    ):
        raise MlflowException("The model could not be serialized; use cloudpickle") from full


def test_other_errors_are_not_disguised(tracking_uri: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow_client(tracking_uri):
        raise ZeroDivisionError


def test_a_first_use_prints_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom maestro_ml.training.tracking.client import mlflow_client\n"
        "with mlflow_client(sys.argv[1]) as client: client.search_experiments()"
    )
    uri = f"sqlite:///{tmp_path}/new.db"
    done = subprocess.run([sys.executable, "-c", program, uri], capture_output=True, text=True, check=True, timeout=300)
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "new.db").stat().st_size > 0


@pytest.fixture
def server() -> Iterator[str]:
    """Provide a tracking server that answers everything with one and the same run."""
    info = {"run_id": "1", "experiment_id": "1", "status": "RUNNING", "start_time": 1, "lifecycle_stage": "active"}
    answer = json.dumps({"run": {"info": info, "data": {}}, "run_info": info}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *_: object) -> None: ...

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def test_the_end_of_a_run_on_a_server_prints_no_address(server: str, capfd: pytest.CaptureFixture[str]) -> None:
    with mlflow_client(server) as client:
        client.set_terminated("1")
    assert capfd.readouterr().out == ""


def test_telemetry_is_off_unless_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch, tracking_uri: str) -> None:
    import os

    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    with mlflow_client(tracking_uri):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    with mlflow_client(tracking_uri):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "false"
    assert logging.getLogger("alembic").level == logging.WARNING


@pytest.mark.parametrize(("set_to", "requests"), [(None, 4), ("1", 2)])
def test_a_server_that_is_down_is_called_a_few_times_only(
    set_to: str | None, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and the retries; not the eight times that MLflow takes four minutes for."""
    asked = []

    class Down(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_JITTER", "0")
    # set and removed, so that what mlflow_client sets is undone
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", set_to or "")
    if set_to is None:
        monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Down)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(TrackingError), mlflow_client(f"http://127.0.0.1:{server.server_port}"):
            pass
    finally:
        server.shutdown()
        server.server_close()
    assert len(asked) == requests
