"""Training without MLflow, or killed on the way: nothing is half-written, and a retry succeeds."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_training import END, Setting, folder, run

from maestro_ml.steps.store import StoreError
from maestro_ml.training.tracking.client import TrackingError, mlflow_client, tracking_uri


def test_without_mlflow_registering_fails_without_the_password_and_a_retry_succeeds(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    project = setting(uri="http://maestro:hunter2@127.0.0.1:9")
    assert run(project, "train", "evaluate").decision.passed
    with pytest.raises(TrackingError, match=r"MLflow at http://maestro:\*\*\*@127\.0\.0\.1:9") as caught:
        run(project, "register")
    assert "hunter2" not in str(caught.value)
    assert not folder(project.root, "register").exists("result.json")
    assert run(setting(), "train", "evaluate", "register").version == "1"


# Writes half of the model, says so, and waits for its end.
CUT_OFF = """
import sys, pathlib, signal
from datetime import datetime
from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.training import storage

def half(source, file):
    content = source.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    pathlib.Path(root, "writing").touch()
    signal.pause()

storage.write_in_order = half
root, end = sys.argv[1:]
folder = StepFolder.of_run(f"{root}/runs", "model_training_pipeline", "run", "train", "late")
run_step("train", load_project(root), folder, end=datetime.fromisoformat(end))
"""


def test_killing_a_step_while_it_writes_leaves_nothing_half_written_and_a_retry_succeeds(setting: Setting) -> None:
    project = setting()
    command = [sys.executable, "-c", CUT_OFF, str(project.root), END.isoformat()]
    process = subprocess.Popen(command)
    try:
        _wait_for(process, (project.root / "writing").exists)
    finally:
        process.kill()
        code = process.wait(timeout=300)
    assert code == -signal.SIGKILL
    place = Path(folder(project.root, "train").uri)
    assert [p.name.startswith(".unfinished-") for p in place.iterdir()] == [True]
    assert next(place.glob("*/model.skops")).stat().st_size > 0
    with pytest.raises(StoreError, match="has the step 'train' of this run succeeded"):
        run(project, "evaluate")
    assert run(project, "train", "evaluate").decision.passed
    assert sorted(p.name for p in place.iterdir()) == ["model.skops", "result.json"]


def _wait_for(process: "subprocess.Popen[bytes]", there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not there():
        assert process.poll() is None, "the step ended first"
        assert time.monotonic() < deadline
        time.sleep(0.01)


MAESTRO = "from maestro_ml.cli import main; main()"


def test_a_step_killed_while_it_logs_in_mlflow_is_completed_by_a_retry(setting: Setting) -> None:
    project = setting()
    run(project, "train", "evaluate")
    arguments = ["run", "register", "--target", "late", "--project", str(project.root), "--at", END.isoformat()]
    arguments += ["--run-uri", folder(project.root, "register").run_uri]
    process = subprocess.Popen([sys.executable, "-c", MAESTRO, *arguments], stderr=subprocess.DEVNULL)
    try:
        _wait_for(process, lambda: any(project.root.glob("mlartifacts/**/decision.json")))
    finally:
        process.kill()
        process.wait(timeout=300)
    assert not folder(project.root, "register").exists("result.json")
    assert run(project, "register").version == "1"
    with mlflow_client(tracking_uri(project)) as client:
        experiment = client.get_experiment_by_name("small").experiment_id
        (logged,) = client.search_runs([experiment])
        assert logged.info.status == "FINISHED"
        assert len(client.search_logged_models([experiment])) == 1
