"""What is said where MLflow is not there, or something else is."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from maestro_ml.training.tracking.client import TrackingError, mlflow_client


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")


def message(uri: str) -> str:
    with pytest.raises(TrackingError) as caught, mlflow_client(uri):
        pass
    assert caught.value.exit_code == 3
    return str(caught.value).removeprefix(f"MLflow at {uri}")


@contextmanager
def answering(status: int) -> Iterator[str]:
    """Yield the address of something that answers every request with this status and a page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            "http://127.0.0.1:9",
            " cannot be reached: connection refused; start the server, or correct tracking.uri (MLFLOW_TRACKING_URI)",
        ),
        (
            "http://mlflow.invalid:5000",
            " cannot be reached: no host has this name; correct tracking.uri (MLFLOW_TRACKING_URI)",
        ),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_sentence_with_what_to_do(uri: str, expected: str) -> None:
    assert message(uri) == expected


def test_a_server_that_does_not_answer_is_not_one_that_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert message(f"http://127.0.0.1:{silent.getsockname()[1]}").startswith(" does not answer in time; start ")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, " refuses the login (401): set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"),
        (403, " does not permit this (403): give the user of MLFLOW_TRACKING_USERNAME the permission"),
        (404, " answers, but is not an MLflow server (404); correct tracking.uri (MLFLOW_TRACKING_URI)"),
        (200, " answers, but is not an MLflow server; correct tracking.uri (MLFLOW_TRACKING_URI)"),
        (503, " answers with an error of its own (503); look into the server's log"),
    ],
)
def test_what_answers_instead_of_mlflow_is_named(status: int, expected: str) -> None:
    with answering(status) as place:
        assert message(f"http://{place}") == expected


def test_a_server_without_tls_is_named() -> None:
    with answering(200) as place:
        assert message(f"https://{place}").startswith(" cannot be reached by TLS: ")


def test_a_database_that_is_down_is_noticed_soon_and_without_a_page_of_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mlflow.store.db import utils

    waits: list[float] = []
    monkeypatch.setattr(utils, "MAX_RETRY_COUNT", utils.MAX_RETRY_COUNT)
    monkeypatch.setattr(utils.time, "sleep", waits.append)
    said = message("postgresql+psycopg://127.0.0.1:9/mlflow")
    assert said.startswith(": connection failed: ")
    assert "onnection refused" in said
    assert 0 < sum(waits) < 10
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
