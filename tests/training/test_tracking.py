"""Where MLflow is, and one clear error when it is not there."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from maestro_ml.project import Project, load_project
from maestro_ml.training.tracking import TrackingError, artifact_location, mlflow_client, tracking_uri


def project_with(uri: str, mini: Path) -> Project:
    project = load_project(mini)
    return project.model_copy(update={"tracking": project.tracking.model_copy(update={"uri": uri})})


def test_a_relative_sqlite_file_lies_beside_the_project(mini: Path) -> None:
    assert tracking_uri(load_project(mini)) == f"sqlite:///{mini}/mlflow.db"
    assert tracking_uri(project_with("sqlite:///../db/m.db", mini)) == f"sqlite:///{mini.parent}/db/m.db"


@pytest.mark.parametrize("uri", ["sqlite:////srv/m.db", "http://mlflow:5000", "postgresql+psycopg://u:p@h/m"])
def test_other_uris_stay_as_they_are(uri: str, mini: Path) -> None:
    assert tracking_uri(project_with(uri, mini)) == uri


def test_artifacts_lie_beside_a_local_store_and_elsewhere_the_server_decides() -> None:
    assert artifact_location("sqlite:////srv/x/m.db") == "file:///srv/x/mlartifacts"
    assert artifact_location("http://mlflow:5000") is None


def test_an_unreachable_server_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    uri = "http://maestro:hunter2@127.0.0.1:9"
    with pytest.raises(TrackingError) as caught, mlflow_client(uri) as client:
        client.get_experiment_by_name("x")
    assert str(caught.value).startswith("MLflow at http://maestro:***@127.0.0.1:9: ")
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


def test_other_errors_are_not_disguised(tracking_uri: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow_client(tracking_uri):
        raise ZeroDivisionError


def test_a_first_use_prints_nothing(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom maestro_ml.training.tracking import mlflow_client\n"
        "with mlflow_client(sys.argv[1]) as client: client.search_experiments()"
    )
    uri = f"sqlite:///{tmp_path}/new.db"
    done = subprocess.run([sys.executable, "-c", program, uri], capture_output=True, text=True, check=True, timeout=300)
    assert (done.stdout, done.stderr) == ("", "")
    assert (tmp_path / "new.db").stat().st_size > 0


def test_telemetry_is_off_unless_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch, tracking_uri: str) -> None:
    import os

    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    with mlflow_client(tracking_uri):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    with mlflow_client(tracking_uri):
        assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "false"
    assert logging.getLogger("alembic").level == logging.WARNING
