"""The training steps, run as a person or a pod runs them, on a training set of a few hundred rows."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import skops.io
from small_training import DUMMY, END, Setting, folder, run, trips

from maestro_ml.metrics.registry import metrics_of
from maestro_ml.project import RequestError, load_project
from maestro_ml.steps.build_features import TRAINING_SET
from maestro_ml.steps.evaluate import EvaluateResult
from maestro_ml.steps.register import RegisterResult
from maestro_ml.steps.store import StoreError
from maestro_ml.steps.train import TrainResult
from maestro_ml.tables import DataError
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri


def test_a_good_candidate_is_trained_judged_and_registered(setting: Setting) -> None:
    project = setting()
    trained: TrainResult = run(project, "train")
    train = trained.candidate.train
    assert (train.start, train.end, train.rows) == (END - timedelta(days=10), END - timedelta(days=2), 192)
    assert train.positive_share == trips()["late"].head(192).mean()
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
        logged = client.get_logged_model(registered.reference.removeprefix("models:/"))
    assert version.tags["maestro.test_end"] == "2024-01-11T00:00:00+00:00"
    assert (str(version.version), version.run_id) == (registered.version, logged.source_run_id)


def test_a_rejected_candidate_is_logged_and_not_registered(setting: Setting) -> None:
    project = setting(above=0.99)
    judged: EvaluateResult = run(project, "train", "evaluate")
    assert judged.outcome == "passed"
    assert not judged.decision.passed
    registered: RegisterResult = run(project, "register")
    with mlflow_client(tracking_uri(project)) as client:
        run_id = client.get_logged_model(registered.reference.removeprefix("models:/")).source_run_id
        assert client.get_run(run_id).data.tags["maestro.decision"] == "rejected"
        assert client.search_model_versions(f"run_id = '{run_id}'") == []
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
    assert {metric for name, metric in values if name == "maestro.training.metric"} == {*metrics_of("binary")}
    assert values[("maestro.training.metric", "accuracy")] == (judged.evaluation.candidate.accuracy, "late")


def test_a_person_finds_the_report_first_and_a_program_the_decision(setting: Setting) -> None:
    project = setting(above=0.99)
    judged: EvaluateResult = run(project, "train", "evaluate")
    assert list(judged.artifacts) == ["report", "decision", "decision page"]
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
    with mlflow_client(tracking_uri(project)) as client:
        (logged,) = client.search_runs(
            [client.get_experiment_by_name("small").experiment_id],
            f"tags.`maestro.run` = '{folder(project.root, 'register').run_uri}'",
        )
        assert len(client.search_model_versions(f"run_id = '{logged.info.run_id}'")) == 1


def test_a_step_that_was_taken_away_after_it_registered_registers_no_second_version(setting: Setting) -> None:
    """As in a pod that is preempted before Airflow sees its result."""
    project = setting()
    first: RegisterResult = run(project, "train", "evaluate", "register")
    place = folder(project.root, "register")
    place.discard("result.json")
    second: RegisterResult = run(project, "register")
    assert second == first
    with mlflow_client(tracking_uri(project)) as client:
        assert [str(each.version) for each in client.search_model_versions(f"name = '{first.registered_name}'")] == [
            "1"
        ]


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
        (
            lambda frame: frame.assign(late=True),
            r"the label 'late' is 1 in all \d+ training rows .*two classes",
        ),
        (lambda frame: frame.head(0), "no training rows"),
        (lambda frame: frame[frame["at"] < END - timedelta(days=3)], "no test rows"),
        (lambda frame: frame.drop(columns="x"), "training_set.parquet has no column 'x'; there are: at, kind, late"),
        (lambda frame: frame.assign(late=frame["at"]), "it must be text, a boolean or a number"),
        (lambda frame: frame.assign(late=[None, *frame["late"][1:]]), "is missing in 1 of"),
        (
            lambda frame: frame.assign(x=[*frame["x"][:-1], np.inf]),
            "among the 48 test rows .*: 'x' in 1",
        ),
        (
            lambda frame: frame.assign(x=[-np.inf, *frame["x"][1:]]),
            "among the 192 training rows .*: 'x' in 1",
        ),
        (lambda frame: frame.assign(x=[1e300, *frame["x"][1:]]), "cannot be fitted: .* 'x' in 1 of 192 rows"),
    ],
    ids=[
        "one class",
        "empty",
        "no test rows",
        "missing column",
        "label is a time",
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
    with pytest.raises(CannotLearn, match=r"cannot predict the test rows: .*'x' in 1 of 48 rows"):
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


def test_the_metrics_of_a_rejected_candidate_say_so(setting: Setting) -> None:
    judged: EvaluateResult = run(setting(above=0.99), "train", "evaluate")
    assert [(s.value, s.labels) for s in judged.metrics if s.name == "maestro.training.gate"] == [
        (0.0, {"model": "late"})
    ]


def test_each_step_reads_the_training_set_once_at_most_and_the_model_is_serialised_once(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    dumps: list[object] = []
    opened, dump = pq.ParquetFile, skops.io.dump

    def counted_open(source: object, **options: object) -> object:
        reads.extend([Path(source).name] if isinstance(source, Path) else [])
        return opened(source, **options)

    def counted_dump(model: object, *arguments: object, **options: object) -> object:
        dumps.append(model)
        return dump(model, *arguments, **options)

    monkeypatch.setattr(pq, "ParquetFile", counted_open)
    monkeypatch.setattr(skops.io, "dump", counted_dump)
    monkeypatch.setattr(skops.io, "dumps", counted_dump)
    project = setting()
    counts = {}
    for step in ("train", "evaluate", "register"):
        reads.clear()
        run(project, step)
        counts[step] = reads.count(TRAINING_SET)
    assert counts == {"train": 1, "evaluate": 1, "register": 0}
    assert len(dumps) == 1
    stored = Path(folder(project.root, "train").path("model.skops")).read_bytes()
    assert [file.read_bytes() for file in project.root.glob("mlartifacts/**/*.skops")] == [stored]


def test_a_model_without_personal_columns_is_logged_with_an_example(setting: Setting) -> None:
    project = setting()
    run(project, "train", "evaluate", "register")
    (example,) = project.root.glob("mlartifacts/**/input_example.json")
    assert json.loads(example.read_text())["columns"] == ["x", "kind"]


def test_only_register_speaks_to_mlflow(setting: Setting) -> None:
    project = setting(uri="http://127.0.0.1:9")
    assert run(project, "train", "evaluate").decision.passed


def test_no_example_is_left_once_a_column_is_marked_personal(setting: Setting) -> None:
    project = setting()
    run(project, "train", "evaluate")
    assert folder(project.root, "evaluate").exists("example.parquet")
    file = project.root / "maestro.yaml"
    file.write_text(file.read_text().replace("kind: {type: string}", "kind: {type: string, pii: true}"))
    run(load_project(project.root), "evaluate", "register")
    assert not folder(project.root, "evaluate").exists("example.parquet")
    assert not list(project.root.glob("mlartifacts/**/input_example.json"))
