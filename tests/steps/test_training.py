"""The training steps, run as a person or a pod runs them, on a training set of a few hundred rows."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.data import DataError
from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.steps import Folder, StepRecord, run_step
from maestro_ml.steps.store import StoreError
from maestro_ml.steps.training import EvaluateResult, RegisterResult, TrainResult
from maestro_ml.steps.training_set import TRAINING_SET, BuildFeaturesResult
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.tracking import TrackingError, mlflow_client, tracking_uri
from maestro_ml.training.training_set import TrainingSet

END = datetime(2024, 1, 11, tzinfo=UTC)
YAML = """\
name: small
datasets:
  trips:
    source: {{kind: parquet, path: trips.parquet}}
    timestamp: at
    columns: {{at: {{type: timestamp}}, x: {{type: number}}, kind: {{type: string}}, late: {{type: boolean}}}}
models:
  late:
    dataset: trips
    label: late
    columns: [x, kind]
    window: 10d
    test: 2d
    estimator: {estimator}
    gate: {{above: {above}, beat_baseline: {beat_baseline}}}
    register: {{name: small_late}}
tracking: {{uri: "{uri}", experiment: small}}
"""
FOREST = "{class: sklearn.ensemble.RandomForestClassifier, parameters: {n_estimators: 10, max_depth: 4}}"
# Always answers 0: its accuracy is the share of zeros among the test rows.
DUMMY = "{class: sklearn.dummy.DummyClassifier, parameters: {strategy: most_frequent}}"
Setting = Callable[..., Project]


@pytest.fixture(scope="module")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tracking store, to be copied: making one costs seconds."""
    file = tmp_path_factory.mktemp("tracking") / "mlflow.db"
    with mlflow_client(f"sqlite:///{file}") as client:
        client.search_experiments()
    return file


@pytest.fixture
def store_uri(made_store: Path, tmp_path: Path) -> str:
    """An empty tracking store of the test's own."""
    shutil.copy(made_store, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture
def setting(tmp_path: Path, store_uri: str) -> Setting:
    """setting(frame=..., above=..., estimator=..., uri=...) -> a project whose build_features is done."""

    def make(
        frame: pd.DataFrame | None = None,
        above: float = 0.7,
        estimator: str = FOREST,
        uri: str = store_uri,
        beat_baseline: str = "true",
    ) -> Project:
        text = YAML.format(above=above, estimator=estimator, uri=uri, beat_baseline=beat_baseline)
        (tmp_path / "maestro.yaml").write_text(text)
        rows = trips() if frame is None else frame
        built = folder(tmp_path, "build_features")
        with built.writing(TRAINING_SET) as file:
            rows.to_parquet(file)
        description = TrainingSet(rows=len(rows), features=["x", "kind"], label="late", timestamp="at")
        result = BuildFeaturesResult(outcome="passed", summary="", training_set=description)
        built.write_model("result.json", record_of(result, built))
        return load_project(tmp_path)

    return make


def trips(rows: int = 240) -> pd.DataFrame:
    """A row an hour in the ten days before END; late follows x."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=rows)
    at = pd.date_range(END - timedelta(hours=rows), periods=rows, freq="1h")
    kind = rng.choice(np.array(["a", None], dtype=object), rows)
    return pd.DataFrame({"at": at, "x": x, "kind": kind, "late": x + rng.normal(scale=0.1, size=rows) > 0})


def folder(root: Path, step: str) -> Folder:
    return Folder.of_run(str(root / "runs"), "model_training_pipeline", "run", step, "late")


def record_of(result: BuildFeaturesResult, built: Folder) -> StepRecord[Any]:
    return StepRecord[Any](
        step="build_features", target="late", window_start=END - timedelta(days=10), window_end=END, uri=built.uri,
        finished_at=END, seconds=1, peak_mb=1, version="0", result=result,
    )  # fmt: skip


def run(project: Project, *steps: str) -> Any:
    """Run the steps in turn; the last one's result."""
    for step in steps:
        record = run_step(step, project, folder(project.root, step), end=END)
    return record.result


def test_a_good_candidate_is_trained_judged_and_registered(setting: Setting) -> None:
    project = setting()
    trained: TrainResult = run(project, "train")
    assert trained.candidate.train.rows == 192
    assert trained.candidate.features == {"x": "number", "kind": "text"}
    assert folder(project.root, "train").exists("model.skops")
    judged: EvaluateResult = run(project, "evaluate")
    assert judged.outcome == "passed"
    assert judged.decision.passed
    assert judged.evaluation.test.rows == 48
    assert judged.summary == f"passed the gate: {judged.decision.reason}"
    registered: RegisterResult = run(project, "register")
    assert (registered.outcome, registered.registered_name, registered.alias) == ("passed", "small_late", "staging")
    assert registered.version is not None
    with mlflow_client(tracking_uri(project)) as client:
        version = client.get_model_version_by_alias("small_late", "staging")
    assert version.tags["maestro.test_end"] == "2024-01-11T00:00:00+00:00"
    assert (str(version.version), version.run_id) == (registered.version, judged.logged.run_id)


def test_a_rejected_candidate_is_logged_and_not_registered(setting: Setting) -> None:
    project = setting(above=0.99)
    judged: EvaluateResult = run(project, "train", "evaluate")
    assert judged.outcome == "passed"
    assert not judged.decision.passed
    with mlflow_client(tracking_uri(project)) as client:
        assert client.get_run(judged.logged.run_id).data.tags["maestro.decision"] == "rejected"
        registered: RegisterResult = run(project, "register")
        assert client.search_model_versions(f"run_id = '{judged.logged.run_id}'") == []
    assert (registered.outcome, registered.version) == ("skipped", None)
    assert registered.summary == f"not registered: {judged.decision.reason}"


@pytest.mark.parametrize(("zeros", "outcome"), [(33, "skipped"), (34, "skipped"), (35, "passed")])
def test_at_exactly_the_threshold_nothing_is_registered(zeros: int, outcome: str, setting: Setting) -> None:
    frame = trips(200)
    frame["at"] = pd.date_range(END - timedelta(days=10), periods=200, freq="1h")
    frame.loc[:159, "late"] = np.arange(160) % 3 == 0
    frame.loc[160:, "at"] = pd.date_range(END - timedelta(days=2), periods=40, freq="1h")
    frame.loc[160:, "late"] = np.arange(40) >= zeros
    project = setting(frame, above=0.85, estimator=DUMMY, beat_baseline="false")
    result: RegisterResult = run(project, "train", "evaluate", "register")
    assert result.decision.candidate == zeros / 40
    assert result.outcome == outcome


def test_the_metrics_of_a_run_are_the_gate_and_every_metric_of_the_model(setting: Setting) -> None:
    judged: EvaluateResult = run(setting(), "train", "evaluate")
    values = {(s.name, s.labels.get("metric")): (s.value, s.labels["model"]) for s in judged.metrics}
    assert values[("maestro.training.gate", None)] == (1.0, "late")
    assert {metric for name, metric in values if name == "maestro.training.metric"} == {
        "accuracy", "f1", "precision", "recall", "roc_auc",
    }  # fmt: skip
    assert values[("maestro.training.metric", "accuracy")] == (judged.evaluation.candidate.accuracy, "late")


def test_a_person_finds_the_report_first_and_a_program_the_decision(setting: Setting) -> None:
    project = setting(above=0.99)
    judged: EvaluateResult = run(project, "train", "evaluate")
    assert list(judged.artifacts) == ["report", "decision"]
    assert "Rejected by the gate" in Path(judged.artifacts["report"]).read_text()
    decision = json.loads(Path(judged.artifacts["decision"]).read_text())
    assert decision == judged.decision.model_dump(mode="json")


def test_a_model_that_is_no_better_than_the_majority_class_is_rejected(setting: Setting) -> None:
    frame = trips()
    frame["late"] = np.arange(len(frame)) % 25 == 0
    judged: EvaluateResult = run(setting(frame, above=0.85, estimator=DUMMY), "train", "evaluate")
    assert judged.evaluation.candidate.accuracy > 0.85
    assert not judged.decision.passed
    assert "but not above the majority class" in judged.summary
    page = Path(judged.artifacts["report"]).read_text()
    assert 'class="decision rejected"' in page
    registered: RegisterResult = run(setting(frame, above=0.85, estimator=DUMMY), "register")
    assert (registered.outcome, registered.version) == ("skipped", None)


def test_running_everything_again_gives_the_same_numbers_one_run_and_one_version(setting: Setting) -> None:
    project = setting()
    steps = ("train", "evaluate", "register")
    first: RegisterResult = run(project, *steps)
    second: RegisterResult = run(project, *steps)
    assert first == second
    judged = folder(project.root, "evaluate").read_model("result.json", StepRecord[EvaluateResult]).result
    with mlflow_client(tracking_uri(project)) as client:
        same = f"tags.`maestro.run` = '{folder(project.root, 'evaluate').run_uri}'"
        assert len(client.search_runs([judged.logged.experiment_id], same)) == 1
        assert len(client.search_model_versions(f"run_id = '{judged.logged.run_id}'")) == 1


def test_other_data_under_the_same_run_is_another_candidate(setting: Setting) -> None:
    project = setting()
    first: RegisterResult = run(project, "train", "evaluate", "register")
    changed = trips()
    changed["x"] += 0.5
    second: RegisterResult = run(setting(changed), "train", "evaluate", "register")
    assert int(second.version or 0) == int(first.version or 0) + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.assign(late=True), "have the label late = 1; a classifier needs both classes"),
        (lambda frame: frame.head(0), "no rows to fit on"),
        (lambda frame: frame[frame["at"] < END - timedelta(days=3)], "no rows to test on"),
        (lambda frame: frame.drop(columns="x"), "training_set.parquet has no column 'x'; there are: at, kind, late"),
        (lambda frame: frame.assign(late=frame["late"].map(str)), "it must be boolean, or 0 or 1"),
        (lambda frame: frame.assign(late=[None, *frame["late"][1:]]), "is missing in 1 of"),
        (lambda frame: frame.assign(x=[*frame["x"][:-1], np.inf]), "of 48 rows to test on .* is infinite: 'x' in 1"),
        (lambda frame: frame.assign(x=[-np.inf, *frame["x"][1:]]), "of 192 rows to fit on .* is infinite: 'x' in 1"),
        (lambda frame: frame.assign(x=[1e300, *frame["x"][1:]]), "cannot be fitted: .* 'x' in 1 of 192 rows"),
    ],
    ids=[
        "one class",
        "empty",
        "no test rows",
        "missing column",
        "text label",
        "missing label",
        "inf to test",
        "inf to fit",
        "huge",
    ],
)
def test_a_training_set_nothing_can_be_learnt_from_is_one_clear_error(
    change: Callable[[pd.DataFrame], pd.DataFrame], message: str, setting: Setting
) -> None:
    project = setting(change(trips()))
    with pytest.raises(DataError, match=message):
        run(project, "train")
    assert not Path(folder(project.root, "train").path("result.json")).exists()


def test_a_number_too_large_for_the_estimator_in_the_test_rows_only_is_named(setting: Setting) -> None:
    frame = trips()
    project = setting(frame.assign(x=[*frame["x"][:-1], 1e300]))
    run(project, "train")
    with pytest.raises(CannotLearn, match=r"cannot answer to the test rows: .*'x' in 1 of 48 rows"):
        run(project, "evaluate")
    assert not folder(project.root, "evaluate").exists("result.json")


def test_features_that_are_rounded_are_named(setting: Setting) -> None:
    frame = trips().assign(x=lambda f: np.where(f["late"], 2**60 + 1, 5).astype("int64"))
    trained: TrainResult = run(setting(frame), "train")
    assert trained.candidate.rounded == ["x"]
    assert "whole numbers beyond 2^53 are rounded in x" in trained.summary


def test_a_wrong_estimator_is_a_wrong_request(setting: Setting) -> None:
    with pytest.raises(RequestError, match=r"nowhere\.Forest cannot be imported"):
        run(setting(estimator="{class: nowhere.Forest}"), "train")


def test_a_step_before_its_turn_names_the_one_that_is_missing(setting: Setting) -> None:
    project = setting()
    with pytest.raises(StoreError, match="has the step 'train' of this run succeeded"):
        run(project, "evaluate")
    with pytest.raises(StoreError, match="has the step 'evaluate' of this run succeeded"):
        run(project, "register")


def test_without_mlflow_evaluating_fails_without_the_password_and_a_retry_succeeds(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    project = setting(uri="http://maestro:hunter2@127.0.0.1:9")
    run(project, "train")
    with pytest.raises(TrackingError, match=r"MLflow at http://maestro:\*\*\*@127\.0\.0\.1:9") as caught:
        run(project, "evaluate")
    assert "hunter2" not in str(caught.value)
    assert not folder(project.root, "evaluate").exists("result.json")
    assert run(setting(), "evaluate").decision.passed


# Writes half of the model, says so, and waits for its end.
CUT_OFF = """
import sys, pathlib, signal, skops.io
from datetime import datetime
from maestro_ml.project import load_project
from maestro_ml.steps import Folder, run_step

def half(model, file, **options):
    content = skops.io.dumps(model)
    pathlib.Path(file).write_bytes(content[: len(content) // 2])
    print("writing", flush=True)
    signal.pause()

skops.io.dump = half
root, end = sys.argv[1:]
folder = Folder.of_run(f"{root}/runs", "model_training_pipeline", "run", "train", "late")
run_step("train", load_project(root), folder, end=datetime.fromisoformat(end))
"""


def test_killing_a_step_while_it_writes_leaves_nothing_half_written_and_a_retry_succeeds(setting: Setting) -> None:
    project = setting()
    command = [sys.executable, "-c", CUT_OFF, str(project.root), END.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.kill()
        assert process.wait(timeout=30) == -signal.SIGKILL
    place = Path(folder(project.root, "train").uri)
    assert [p.name.startswith(".unfinished-") for p in place.iterdir()] == [True]
    assert next(place.glob("*/model.skops")).stat().st_size > 0
    with pytest.raises(StoreError, match="has the step 'train' of this run succeeded"):
        run(project, "evaluate")
    assert run(project, "train", "evaluate").decision.passed
    assert sorted(p.name for p in place.iterdir()) == ["model.skops", "result.json"]


MAESTRO = "from maestro_ml.cli import main; main()"


def test_a_step_killed_while_it_logs_in_mlflow_is_completed_by_a_retry(setting: Setting) -> None:
    project = setting()
    run(project, "train")
    place = Path(folder(project.root, "evaluate").uri)
    arguments = ["run", "evaluate", "--target", "late", "--project", str(project.root), "--at", END.isoformat()]
    arguments += ["--run-uri", folder(project.root, "evaluate").run_uri]
    process = subprocess.Popen([sys.executable, "-c", MAESTRO, *arguments], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        while not (place / "report.html").exists():
            assert process.poll() is None, "the step ended without a report"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait(timeout=30)
    assert not (place / "result.json").exists()
    judged: EvaluateResult = run(project, "evaluate")
    with mlflow_client(tracking_uri(project)) as client:
        same = f"tags.`maestro.run` = '{folder(project.root, 'evaluate').run_uri}'"
        assert len(client.search_runs([judged.logged.experiment_id], same)) == 1
