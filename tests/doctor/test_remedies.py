"""Each trouble has the command that fixes it."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from maestro_ml.doctor import airflow
from maestro_ml.doctor.machine import package_health
from maestro_ml.doctor.project import health_of
from maestro_ml.doctor.remedies import place_remedy
from maestro_ml.doctor.tracking import tracking_health
from maestro_ml.project import load_project
from maestro_ml.steps.store import StoreError

PROJECT = "name: shop\ndatasets:\n  orders: {source: {kind: parquet, path: orders.parquet}}\n"


def loaded(folder: Path, text: str = ""):
    (folder / "maestro.yaml").write_text(PROJECT + text)
    return load_project(folder, {})


def hidden(cause: Exception) -> StoreError:
    """Return an error as the run store raises it: it does not show its cause."""
    error = StoreError("the run store cannot be used")
    error.__context__, error.__suppress_context__ = cause, True
    return error


class NoCredentialsError(Exception):
    pass


class EndpointConnectionError(Exception):
    pass


@pytest.mark.parametrize(
    ("uri", "cause", "remedy"),
    [
        ("s3://lake/runs", PermissionError("Forbidden"), "export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET"),
        ("s3a://lake/runs", NoCredentialsError(), "export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET"),
        ("s3://lake/runs", EndpointConnectionError(), "export AWS_ENDPOINT_URL=http://HOST:PORT"),
        ("s3://lake/runs", ImportError("Install s3fs"), "pip install 'maestro-ml[s3]'"),
        ("gcs://lake/runs", ImportError("Install gcsfs"), "pip install 'maestro-ml[gcs]'"),
        ("gs://lake/runs", PermissionError(), "export GOOGLE_APPLICATION_CREDENTIALS=KEY_FILE"),
        ("az://lake/runs", FileNotFoundError(), "python -c \"import fsspec; fsspec.filesystem('abfs').mkdir('lake')\""),
        ("s3://lake/runs", ValueError(), "otherwise"),
        ("hdfs://lake/runs", PermissionError(), "otherwise"),
    ],
)
def test_the_remedy_of_a_bucket_follows_from_what_it_answers(uri: str, cause: Exception, remedy: str) -> None:
    assert place_remedy(uri, "otherwise")(hidden(cause)) == remedy


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "du -xh {here} | sort -h | tail"),
        (errno.EACCES, "chmod u+rwx {here}"),
        (errno.EROFS, "otherwise"),
    ],
)
def test_the_remedy_of_a_folder_follows_from_what_the_system_says(tmp_path: Path, code: int, remedy: str) -> None:
    error = hidden(OSError(code, os.strerror(code)))
    assert place_remedy(f"{tmp_path}/runs/new", "otherwise")(error) == remedy.format(here=tmp_path)


def test_a_folder_of_somebody_else_gets_another_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    error = hidden(PermissionError(errno.EACCES, "Permission denied"))
    remedy = place_remedy(f"{tmp_path}/runs", "otherwise")(error)
    assert remedy == f'sudo install -d -o "$(id -un)" {tmp_path}/runs'
    subprocess.run(remedy.removeprefix("sudo "), shell=True, check=True)
    assert (tmp_path / "runs").is_dir()


@pytest.mark.parametrize(
    ("requirement", "remedy"),
    [
        ("pytest>=1", ""),
        ("pytest<2", "pip install 'pytest<2'"),
        ("no-such-package>=3", "pip install 'no-such-package>=3'"),
        ("no-such-package>=3; extra == 'celery'", ""),  # nobody installed that extra
        ("pytest<2; extra == 'airflow'", "pip install 'pytest<2'"),  # but has a package of it
        ("pytest<2; python_version < '3'", ""),
    ],
)
def test_a_package_of_another_version_is_named_with_what_installs_the_right_one(requirement: str, remedy: str) -> None:
    assert package_health([requirement]).remedy == remedy


def test_a_folder_without_a_project_names_how_to_get_one(tmp_path: Path) -> None:
    *_, found = health_of(tmp_path, {})
    assert (found.what, found.level) == ("project", "fail")
    assert found.remedy == "maestro init FOLDER --data FILE makes a project; --project FOLDER names one"


def test_a_mistake_in_the_project_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "maestro.yaml").write_text("nmae: shop\n")
    *_, found = health_of(tmp_path, {})
    assert f"correct {tmp_path}/maestro.yaml" in found.remedy


def server_that_answers(status: int) -> type[BaseHTTPRequestHandler]:
    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else status)  # MLflow asks for no login here
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    return Server


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "export MLFLOW_TRACKING_USERNAME=NAME MLFLOW_TRACKING_PASSWORD=PASSWORD"),
        (403, "export MLFLOW_TRACKING_USERNAME=NAME MLFLOW_TRACKING_PASSWORD=PASSWORD"),
        (404, "export MLFLOW_TRACKING_URI=ADDRESS, the one that MLflow has"),
    ],
)
def test_a_server_that_refuses_is_no_server_that_answers(tmp_path: Path, status: int, remedy: str) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), server_that_answers(status)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        project = loaded(tmp_path, f"tracking: {{uri: '{uri}'}}\n")
        [found] = tracking_health(project, {"MLFLOW_TRACKING_URI": uri})
        server.shutdown()
    assert (found.level, found.remedy) == ("fail", remedy)


def test_a_tracking_file_that_is_damaged_is_moved_away(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("not a database, but long enough for the header of one: " * 4)
    [found] = tracking_health(loaded(tmp_path), {})
    assert (found.level, found.remedy) == ("fail", f"mv {tmp_path}/mlflow.db {tmp_path}/mlflow.db.old")
    subprocess.run(found.remedy, shell=True, check=True)
    [found] = tracking_health(loaded(tmp_path), {})
    assert found.level == "pass"
    assert not (tmp_path / "mlflow.db").exists()  # the doctor looks, and makes nothing


def test_a_database_for_tracking_that_is_down_fails(tmp_path: Path) -> None:
    project = loaded(tmp_path, "tracking: {uri: 'postgresql+psycopg://maestro:p@127.0.0.1:9/mlflow'}\n")
    [found] = tracking_health(project, {})
    assert found.level == "fail"
    assert "maestro:***@127.0.0.1:9" in found.found
    assert found.remedy == "set `tracking: {uri: ADDRESS}` in maestro.yaml to the one that MLflow has"


LISTED = """2026-11-27 [info] loading
[{"dag_id": "data_validation_pipeline", "is_paused": "%s"}, {"dag_id": "maestro_canary", "is_paused": "False"}]
"""
READ = "airflow dags reserialize"


def answering(text: str) -> Callable[..., str]:
    return lambda environ, *arguments: text


@pytest.mark.parametrize(
    ("printed", "level", "remedy"),
    [
        (LISTED % "False", "pass", ""),
        (LISTED % "True", "warn", "airflow dags unpause data_validation_pipeline"),
        ("[]", "warn", READ),
    ],
)
def test_a_pipeline_that_airflow_does_not_show_or_does_not_run_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str, level: str, remedy: str
) -> None:
    monkeypatch.setattr(airflow, "_airflow", answering(printed))
    [found] = airflow.dag_health(loaded(tmp_path), tmp_path, {"MAESTRO_PROJECT": str(tmp_path)})
    assert (found.level, found.remedy) == (level, remedy)
    [found] = airflow.dag_health(loaded(tmp_path), tmp_path, {})
    if printed == "[]":  # no Airflow process knows the project
        assert found.remedy == f"export MAESTRO_PROJECT={tmp_path}; {READ}"


def test_airflow_that_is_not_installed_is_installed_by_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "airflow", None)
    monkeypatch.setattr(airflow, "find_spec", lambda name: None)
    [found] = airflow.airflow_health({"AIRFLOW_HOME": "/tmp"})
    assert (found.level, found.remedy) == ("fail", "pip install 'maestro-ml[airflow]'")
