"""Put the decision record together from what the steps of a run left."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import maestro_ml
from maestro_ml.gate_rules.evidence import Evidence
from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.registry import metric_of
from maestro_ml.project import Project
from maestro_ml.steps.build_features import BuildFeaturesResult
from maestro_ml.steps.step import StepRun
from maestro_ml.steps.train import TrainResult
from maestro_ml.training.decision.environment import environment_of
from maestro_ml.training.decision.importance import permutation_importance, rows_to_shuffle
from maestro_ml.training.decision.pictures import Pictures, pictures_of
from maestro_ml.training.decision.record import PAGE, RECORD, DecisionRecord
from maestro_ml.training.decision.shap_importance import shap_importance
from maestro_ml.training.evaluation import Evaluation, score
from maestro_ml.training.examples import Examples
from maestro_ml.training.gate import Decision
from maestro_ml.training.ledger import DECISION_RECORD
from maestro_ml.training.model_card import importances
from maestro_ml.training.predictions import predict

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

__all__ = ["PAGE", "RECORD", "digest_of_file", "image_of", "record_of", "version_tags"]
BY_THE_GATE = "Decided by the gate, without an approval"


def record_of(
    run: StepRun[Any],
    *,
    pipeline: "Pipeline",
    model_sha256: str,
    test: Examples,
    evidence: Evidence,
    judged: Evaluation,
    decision: Decision,
) -> DecisionRecord:
    """Return the record of a decision."""
    model, trained = run.project.models[run.target], run.result_of("train", TrainResult)
    built = run.result_of("build_features", BuildFeaturesResult)
    champion = evidence.champion
    return DecisionRecord(
        created=datetime.now(UTC),
        project=run.project.name,
        run=run.folder.run_uri,
        window_start=run.window.start,
        window_end=run.window.end,
        candidate=trained.candidate,
        data=built.training_set,
        origin=built.origin,
        feature_service=model.feature_service,
        columns=model.columns,
        model_sha256=model_sha256,
        model_bytes=evidence.model_bytes,
        maestro=maestro_ml.__version__,
        environment=environment_of(image_of(run.project)),
        leaks=tuple(trained.leaks),
        evaluation=judged,
        champion_version=champion.version,
        champion=score(champion.predictions) if champion.predictions else None,
        decision=decision,
        approval=BY_THE_GATE,
        pictures=_pictures(run, trained, pipeline, test, evidence),
    )


def image_of(project: Project) -> str | None:
    """Return the image that the project's steps run in; None where they do not run in pods."""
    return project.execution.image if project.execution.mode == "kubernetes" else None


def version_tags(run: StepRun[Any]) -> dict[str, str]:
    """Return the tags of a version: what its decision record says, in short, and the record's digest."""
    with run.folder.of_step("evaluate").reading(RECORD) as file:
        content = file.read_bytes()
    record = DecisionRecord.model_validate_json(content)
    return {
        "maestro.run": record.run,
        DECISION_RECORD: hashlib.sha256(content).hexdigest(),
        "maestro.training_set": record.data.sha256,
        "maestro.model_file": record.model_sha256,
        "maestro.serialization": record.candidate.serialization,
        "maestro.approval": record.approval,
    }


def digest_of_file(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _pictures(
    run: StepRun[Any], trained: TrainResult, pipeline: "Pipeline", test: Examples, evidence: Evidence
) -> Pictures:
    candidate, model = trained.candidate, run.project.models[run.target]

    def answer(rows: Examples) -> Predictions:
        return predict(pipeline, rows, candidate.target)

    left_out = 0
    if model.importance == "shap":
        importance, rows = shap_importance(pipeline, test)
    else:
        rows = rows_to_shuffle(len(test), len(candidate.features))
        importance = permutation_importance(answer, test, metric_of(model.gate.metric), importances(pipeline))
        left_out = len(candidate.features) - len(importance)
    kind = {"importance_kind": model.importance, "importance_rows": rows, "importance_left_out": left_out}
    if candidate.target.task == "regression" and run.project.hides(model.label):
        return Pictures(importance=importance).model_copy(update=kind)  # the others show values of the label
    answers = {"candidate": evidence.candidate, "baseline": evidence.baseline}
    if evidence.champion.predictions:
        answers["champion"] = evidence.champion.predictions
    return pictures_of(answers, importance).model_copy(update=kind)
