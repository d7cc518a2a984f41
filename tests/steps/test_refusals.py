"""Credentials that a system refuses, as the systems' own clients report it."""

import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from postgres_server import running_postgres

from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import SystemFailed
from maestro_ml.project import MaestroError, RequestError
from maestro_ml.steps.failure import may_help_again
from maestro_ml.steps.refusals import are_credentials_refused
from maestro_ml.steps.step_folder import StepFolder
from maestro_ml.steps.store import StoreError


@pytest.fixture
def port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def answering():
    """Provide a server that answers every request with one status; call it with the status, get its URL."""
    servers = []

    def start(status):
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                if length := int(self.headers.get("Content-Length") or 0):
                    self.rfile.read(length)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_HEAD = do_GET

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_bucket_that_refuses_the_keys(answering, monkeypatch):
    for name, value in {
        "AWS_ENDPOINT_URL": answering(403),
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StoreError, match="cannot be used: Forbidden") as raised:
        StepFolder("s3://refusing/dag/run", "train").exists("result.json")
    assert not may_help_again(raised.value)


@pytest.mark.parametrize(("status", "again"), [(401, False), (403, False), (404, True)])
def test_mlflow_that_refuses_the_login(answering, monkeypatch, status, again):
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(MaestroError) as raised, boundary("train"):
        MlflowClient(answering(status)).search_experiments()
    assert may_help_again(raised.value) == again


@pytest.fixture
def redis_with_password(port):
    server = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--requirepass", "right"], stdout=-3)
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(300)


@pytest.mark.parametrize("password", ["wrong", None])
def test_redis_that_refuses_the_password(redis_with_password, password):
    import redis

    with pytest.raises(SystemFailed) as raised, boundary("materialize"):
        redis.Redis(port=redis_with_password, password=password).ping()
    assert not may_help_again(raised.value)
    assert redis.Redis(port=redis_with_password, password="right").ping()


def test_a_database_that_refuses_the_password():
    import psycopg
    import sqlalchemy

    with running_postgres() as url:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("create role feast login password 'right'")
            (file,) = connection.execute("show hba_file").fetchone()
            connection.execute(f"copy (select 'host all feast all scram-sha-256') to '{file}'")
            connection.execute("select pg_reload_conf()")
        time.sleep(0.5)
        feast = sqlalchemy.make_url(url).set(username="feast")
        with pytest.raises(SystemFailed) as raised, boundary("train"):
            sqlalchemy.create_engine(feast.set(password="wrong")).connect()
        assert not may_help_again(raised.value)
        sqlalchemy.create_engine(feast.set(password="right")).connect().close()


def test_a_folder_that_may_not_be_written():
    error = SystemFailed("x")
    error.__cause__ = PermissionError(13, "Permission denied", str(Path("/x")))
    assert not may_help_again(error)


def test_what_is_not_about_credentials_is_tried_again(answering):
    for cause in (ConnectionRefusedError(111, "Connection refused"), TimeoutError(), OSError(28, "No space left")):
        error = SystemFailed("x")
        error.__cause__ = cause
        assert may_help_again(error)
        assert not are_credentials_refused(error)


def test_a_wrong_request_is_not_tried_again():
    assert not may_help_again(RequestError("x"))
