"""A candidate in MLflow: everything is kept, once, and the model can be loaded and used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from maestro_ml.project import Window
from maestro_ml.project.models import Estimator, Gate, Registration
from maestro_ml.training.candidate import Candidate, SplitSummary
from maestro_ml.training.evaluation import evaluate
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit, schema_of
from maestro_ml.training.gate import decide
from maestro_ml.training.storage import load, save
from maestro_ml.training.tracking.client import mlflow_client
from maestro_ml.training.tracking.experiment import log_candidate
from maestro_ml.training.tracking.registry import register_version
from maestro_ml.training.tracking.requirements import requirements_unchecked
from maestro_ml.training.tracking.tracker import CandidateRecord

FOREST = "sklearn.ensemble.RandomForestClassifier"
MakeRecord = Callable[..., CandidateRecord]


@pytest.fixture
def record(examples: Examples, window: Window, tmp_path: Path) -> MakeRecord:
    """Provide `record(fingerprint, above)`: a judged forest of five trees; above 1 rejects it."""

    def make(fingerprint: str, above: float = 0.7) -> CandidateRecord:
        parameters, file = {"n_estimators": 5}, tmp_path / "model.skops"
        pipeline = fit(Estimator.model_validate({"class": FOREST, "parameters": parameters}), examples)
        candidate = Candidate(
            model="late", dataset="trips", label="late", estimator=FOREST, parameters=parameters,
            features=schema_of(examples), train=SplitSummary.of(window, examples),
            trusted_types=save(pipeline, file, FOREST), fingerprint=fingerprint, versions={"skops": "1"},
        )  # fmt: skip
        judged = evaluate(pipeline, examples, window, candidate.train)
        decision = decide("late", Gate(above=above), judged.candidate, judged.baseline)
        files = {"report.html": b"<p>", "decision.json": decision.model_dump_json().encode()}
        return CandidateRecord("runs/dag/run", candidate, judged, decision, file, examples.features.head(3), files)

    return make


def test_everything_about_a_candidate_is_kept(record: MakeRecord, tracking_uri: str, tmp_path: Path) -> None:
    made = record("kept")
    with mlflow_client(tracking_uri) as client:
        model = model_of(client, log_candidate(client, tracking_uri, "kept", made))
        run = client.get_run(model.source_run_id)
        saved = client.download_artifacts(model.source_run_id, "decision.json", str(tmp_path))
    assert run.info.status == "FINISHED"
    assert run.data.params["n_estimators"] == "5"
    assert run.data.params["gate"] == "accuracy > 0.7 and > majority class"
    assert run.data.metrics["accuracy"] == made.evaluation.candidate.accuracy
    assert run.data.metrics["baseline_accuracy"] == made.evaluation.baseline.accuracy
    assert run.data.tags["maestro.decision"] == "passed"
    assert run.data.tags["maestro.dataset"] == "trips"
    assert run.data.tags["maestro.test_end"] == "2024-01-11T00:00:00+00:00"
    assert run.data.tags["mlflow.note.content"] == made.decision.reason
    assert run.data.tags["mlflow.runName"] == "late 2024-01-11"
    assert json.loads(Path(saved).read_text())["passed"] is True
    assert {metric.key for metric in model.metrics} >= {"accuracy", "roc_auc"}
    assert model.status == "READY"
    assert [output.model_id for output in run.outputs.model_outputs] == [model.model_id]
    assert Path(run.info.artifact_uri.removeprefix("file://")).is_relative_to(
        Path(tracking_uri.removeprefix("sqlite:///")).parent / "mlartifacts"
    )


def test_a_rejected_candidate_is_kept_too(record: MakeRecord, tracking_uri: str) -> None:
    with mlflow_client(tracking_uri) as client:
        logged = log_candidate(client, tracking_uri, "rejected", record("rejected", above=1.0))
        tags = client.get_run(model_of(client, logged).source_run_id).data.tags
    assert tags["maestro.decision"] == "rejected"
    assert "is not above 1" in tags["mlflow.note.content"] or "must be strictly above" in tags["mlflow.note.content"]


def test_logging_again_makes_no_second_run_and_no_second_model(record: MakeRecord, tracking_uri: str) -> None:
    with mlflow_client(tracking_uri) as client:
        first, second = (log_candidate(client, tracking_uri, "again", record("again")) for _ in range(2))
        other = log_candidate(client, tracking_uri, "again", record("another"))
        assert counts(client, model_of(client, first).experiment_id) == (2, 2)
    assert first == second != other


@pytest.mark.parametrize("broken", ["log_batch", "log_artifact", "log_model_artifacts", "log_outputs"])
def test_a_run_cut_off_in_the_middle_is_completed_by_the_next_try(
    broken: str, record: MakeRecord, tracking_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    made = record(f"cut {broken}")
    with mlflow_client(tracking_uri) as client:
        with monkeypatch.context() as patch:
            patch.setattr(client, broken, cut)
            with pytest.raises(KeyboardInterrupt):
                log_candidate(client, tracking_uri, f"cut {broken}", made)
        logged = log_candidate(client, tracking_uri, f"cut {broken}", made)
        model = model_of(client, logged)
        assert counts(client, model.experiment_id) == (1, 1)
        assert client.get_run(model.source_run_id).info.status == "FINISHED"
        assert model.status == "READY"


def test_the_registered_model_answers_as_the_candidate_did(
    record: MakeRecord, tracking_uri: str, examples: Examples, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A relative store is MLflow's own default.
    monkeypatch.chdir(tmp_path)
    made = record("registered")
    target = Registration(name="registered", alias="staging")
    with mlflow_client(tracking_uri) as client:
        logged = log_candidate(client, tracking_uri, "registered", made)
        versions = [register(client, tracking_uri, target, logged, made) for _ in range(2)]
        version = client.get_model_version_by_alias("registered", "staging")
    assert versions == ["1", "1"]
    assert (str(version.version), version.description) == ("1", made.decision.reason)
    assert list(tmp_path.glob("*.db")) == [], "the process-wide store was used"
    mlflow.set_tracking_uri(tracking_uri)
    loaded = mlflow.pyfunc.load_model("models:/registered@staging")
    inputs = loaded.metadata.signature.inputs
    assert [(column.name, column.to_dict()["type"], column.required) for column in inputs] == [
        ("first", "any", True), ("second", "any", True), ("kind", "any", True),
    ]  # fmt: skip
    assert loaded.metadata.metadata["maestro"]["features"] == {"first": "number", "second": "number", "kind": "text"}
    holes = pd.concat([examples.features.head(20), examples.features.head(1).assign(first=None, kind=None)])
    holes["first"] = holes["first"].astype(float)
    assert loaded.predict(holes).tolist() == load(made.model, FOREST).predict(holes).tolist()
    requirements = mlflow.pyfunc.get_model_dependencies("models:/registered@staging")
    assert "scikit-learn==" in Path(requirements).read_text()


def test_a_rejected_candidate_cannot_be_registered(record: MakeRecord, tracking_uri: str) -> None:
    made = record("refused", above=1.0)
    with mlflow_client(tracking_uri) as client:
        logged = log_candidate(client, tracking_uri, "refused", made)
        with pytest.raises(ValueError, match="the gate rejected late"):
            register(client, tracking_uri, Registration(name="refused"), logged, made)
        assert client.search_registered_models("name = 'refused'") == []


def test_a_requested_move_needs_no_comparison_with_the_version_that_has_the_alias(
    record: MakeRecord, tracking_uri: str
) -> None:
    def score(_: Path) -> float:
        raise AssertionError("the other model was scored")

    target = Registration(name="requested")
    with mlflow_client(tracking_uri) as client:
        for name, forced in (("first", False), ("second", True)):
            made = record(f"requested {name}")
            logged = log_candidate(client, tracking_uri, "requested", made)
            decision, test = made.decision, made.evaluation.test
            done = register_version(
                client, tracking_uri, target, logged, decision, test=test, score=score, move_alias=forced
            )
            assert done.move.moved
        assert str(client.get_model_version_by_alias("requested", "staging").version) == "2"


def test_an_experiment_that_another_process_makes_meanwhile_is_used(
    record: MakeRecord, tracking_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first look there is no experiment yet."""
    with mlflow_client(tracking_uri) as client:
        there = client.create_experiment("raced", artifact_location=tmp_path.as_uri())
        answers = iter([None, client.get_experiment(there)])
        monkeypatch.setattr(client, "get_experiment_by_name", lambda _: next(answers))
        logged = log_candidate(client, tracking_uri, "raced", record("raced"))
        assert model_of(client, logged).experiment_id == there


def register(client: MlflowClient, uri: str, target: Registration, logged: str, made: CandidateRecord) -> str:
    test = made.evaluation.test
    return register_version(client, uri, target, logged, made.decision, test=test, score=lambda _: 0.0).version


def model_of(client: MlflowClient, reference: str) -> Any:
    return client.get_logged_model(reference.removeprefix("models:/"))


def counts(client: MlflowClient, experiment: str) -> tuple[int, int]:
    return len(client.search_runs([experiment])), len(client.search_logged_models([experiment]))


def test_mlflow_compares_requirements_again_once_the_model_is_saved() -> None:
    from mlflow.utils import environment

    before = environment.warn_dependency_requirement_mismatches
    with requirements_unchecked():
        assert environment.warn_dependency_requirement_mismatches is not before
    assert environment.warn_dependency_requirement_mismatches is before
