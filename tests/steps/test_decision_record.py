"""The decision record: what it holds, that its page is complete, safe and attached to the run and the version."""

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
from small_training import FOREST, Setting, folder, run, trips

from maestro_ml.steps.decision_record import PAGE, RECORD
from maestro_ml.steps.register import RegisterResult
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri


def test_the_record_holds_data_code_environment_and_every_rule(setting: Setting) -> None:
    project = setting()
    run(project, "train", "evaluate")
    place = Path(folder(project.root, "evaluate").path(RECORD))
    record = json.loads(place.read_text())
    model = Path(folder(project.root, "train").path("model.skops"))
    built = Path(folder(project.root, "build_features").path("training_set.parquet"))
    assert record["data"]["sha256"] == hashlib.sha256(built.read_bytes()).hexdigest()
    assert record["model_sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert (record["window_start"], record["window_end"]) == ("2024-01-01T00:00:00Z", "2024-01-11T00:00:00Z")
    assert record["environment"]["distributions"]["scikit-learn"] == version("scikit-learn")
    assert record["columns"] == ["x", "kind"]
    assert [rule["name"] for rule in record["decision"]["rules"]] == ["above", "beat_baseline"]
    assert set(record["pictures"]["importance"]) == {"x", "kind"}
    assert record["approval"] == "Decided by the gate, without an approval"


def test_the_page_needs_nothing_and_runs_nothing(setting: Setting) -> None:
    frame = trips()
    frame["kind"] = np.where(frame["kind"].isna(), None, "<script>alert(1)</script>")
    project = setting(frame, estimator=FOREST + "\n    importance: shap")
    run(project, "train", "evaluate")
    page = Path(folder(project.root, "evaluate").path(PAGE)).read_text()
    assert "<script" not in page
    pictures = json.loads(Path(folder(project.root, "evaluate").path(RECORD)).read_text())["pictures"]
    assert (pictures["importance_kind"], pictures["importance_rows"]) == ("shap", 48)
    assert "the mean absolute SHAP value of 48 of the test rows" in page
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    for part in ("Rules", "ROC curve", "Calibration", "Confusion matrix", "Importance", "Installed distributions"):
        assert part in page
    assert len(page.encode()) < 200_000


def test_the_record_is_attached_to_the_run_and_its_digest_to_the_version(setting: Setting) -> None:
    project = setting()
    done: RegisterResult = run(project, "train", "evaluate", "register")
    content = Path(folder(project.root, "evaluate").path(RECORD)).read_bytes()
    with mlflow_client(tracking_uri(project)) as client:
        found = client.get_model_version("small_late", done.version)
        kept = Path(client.download_artifacts(found.run_id, RECORD)).read_bytes()
        names = {each.path for each in client.list_artifacts(found.run_id)}
    assert {RECORD, PAGE, "decision.json", "report.html"} <= names
    assert kept == content
    assert found.tags["maestro.decision_record"] == hashlib.sha256(content).hexdigest()
    assert found.tags["maestro.training_set"] == json.loads(content)["data"]["sha256"]
    assert found.tags["maestro.run"].endswith("model_training_pipeline/run")
    assert found.tags["maestro.approval"] == "Decided by the gate, without an approval"
