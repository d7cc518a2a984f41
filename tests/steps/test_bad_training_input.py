"""Wrong or odd input: each trains a model that answers, or is one clear error that leaves nothing."""

import errno
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_training import END, Setting, folder, run, trips

from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.steps.failure import may_help_again
from maestro_ml.training.storage import StorageError
from maestro_ml.training.tracking.client import TrackingError, mlflow_client, tracking_uri

# A classifier whose fitted state is an open connection.
OWN = """
import socket
from sklearn.dummy import DummyClassifier

class Connected(DummyClassifier):
    def fit(self, X, y, sample_weight=None):
        self.connection_ = socket.socket()
        self.connection_.close()
        return super().fit(X, y, sample_weight)
"""


def versions(project: Project) -> list[str]:
    with mlflow_client(tracking_uri(project)) as client:
        return [str(each.version) for each in client.search_model_versions("name = 'small_late'")]


AMOUNTS = """\
name: small
datasets: {trips: {source: {kind: parquet, path: trips.parquet}, timestamp: at}}
models:
  late:
    dataset: trips
    label: minutes
    columns: [x]
    window: 10d
    test: 2d
    estimator: {class: sklearn.linear_model.LinearRegression}
    gate: {metric: mae, below: 10, beat_baseline: false}
    register: {name: small_late}
"""


def test_a_metric_that_the_test_rows_do_not_define_is_left_out_of_the_gauges_and_named_on_the_pages(
    tmp_path: Path, empty_tracking_store: Path
) -> None:
    shutil.copy(empty_tracking_store, tmp_path / "mlflow.db")
    (tmp_path / "maestro.yaml").write_text(AMOUNTS)
    frame = trips()
    same = frame["at"] >= END - timedelta(days=2)  # so that R2 has no variance to explain
    minutes = frame["x"] + np.random.default_rng(1).normal(scale=0.3, size=len(frame))
    frame.assign(minutes=minutes.where(~same, 3.5)).to_parquet(tmp_path / "trips.parquet")
    project = load_project(tmp_path)
    judged = run(project, "build_features", "train", "evaluate")
    assert np.isnan(judged.evaluation.candidate.value("r2"))
    names = {value.labels.get("metric") for value in judged.metrics}
    assert ("mae" in names, "r2" in names) == (True, False)
    place = folder(project.root, "evaluate")
    for page in ("report.html", "decision_record.html"):
        assert "not defined" in Path(place.path(page)).read_text()
    assert run(project, "register").version == "1"


def test_a_feature_without_any_value_is_one_the_model_does_without(setting: Setting) -> None:
    project = setting(trips().assign(kind=None, x=np.nan), above=0.0)
    judged = run(project, "train", "evaluate")
    assert judged.evaluation.test.rows == 48
    project = setting(trips().assign(kind=None))
    assert run(project, "train", "evaluate").decision.passed


def test_a_category_that_no_training_row_has_is_answered(setting: Setting) -> None:
    frame = trips()
    frame.loc[frame.index[-20:], "kind"] = "never seen"
    judged = run(setting(frame), "train", "evaluate")
    assert judged.evaluation.test.rows == 48
    assert judged.decision.passed


def test_a_registry_that_cannot_be_reached_is_tried_again_and_nothing_is_registered(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    project = setting(uri="http://127.0.0.1:9")
    run(project, "train", "evaluate")
    with pytest.raises(TrackingError) as caught:
        run(project, "register")
    assert caught.value.exit_code == 3
    assert may_help_again(caught.value)
    assert not folder(project.root, "register").exists("result.json")
    assert versions(setting()) == []


def test_a_disk_that_is_full_while_the_model_is_logged_is_named_and_a_retry_registers_once(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = setting()
    run(project, "train", "evaluate")
    real = shutil.copyfile

    def full(source: Any, target: Any, **options: Any) -> Any:
        if "mlartifacts" in str(target) and str(target).endswith("model.skops"):
            Path(target).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return real(source, target, **options)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(TrackingError, match="no space left on device") as caught:
        run(project, "register")
    assert caught.value.exit_code == 3
    assert not folder(project.root, "register").exists("result.json")
    assert versions(project) == []
    monkeypatch.setattr(shutil, "copyfile", real)
    assert run(project, "register").version == "1"
    assert versions(project) == ["1"]


def test_an_estimator_that_does_not_import_is_refused_before_the_rows_are_read(setting: Setting) -> None:
    project = setting(estimator="{class: nowhere.Forest}")
    Path(folder(project.root, "build_features").path("training_set.parquet")).unlink()
    with pytest.raises(RequestError, match=r"nowhere\.Forest cannot be imported") as caught:
        run(project, "train")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("allowed", [False, True])
def test_an_estimator_that_cannot_be_serialised_leaves_no_model(
    setting: Setting, tmp_path: Path, allowed: bool
) -> None:
    (tmp_path / "connected.py").write_text(OWN)
    also = ", class: connected.Connected}" + ("\n    allow_pickle: true" if allowed else "")
    project = setting(estimator="{parameters: {strategy: most_frequent}" + also)
    with pytest.raises(StorageError, match=r"the model of connected\.Connected cannot be stored") as caught:
        run(project, "train")
    assert caught.value.exit_code == 1
    assert not folder(project.root, "train").exists("result.json")
    assert not [each for each in Path(folder(project.root, "train").uri).iterdir() if each.name.startswith("model")]
