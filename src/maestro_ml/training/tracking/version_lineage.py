"""The lineage of a version: from the version back to its rows, files, code, run, and who moved it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.training.decision.record import DecisionRecord
from maestro_ml.training.ledger import DECISION_RECORD, Entry
from maestro_ml.training.origin import SourceFile
from maestro_ml.training.tracking.model_registry import VersionSummary


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Rows(_Part):
    """The rows of the training set."""

    dataset: str
    label: str
    window_start: datetime
    window_end: datetime
    labelled: int
    without_label: int
    fitted_on: int
    tested_on: int
    sha256: str


class Features(_Part):
    """The features, and where they come from.

    Attributes:
        views: the feature views; a definition is there where the record has it.
        own: the columns of the dataset itself.
    """

    names: tuple[str, ...]
    service: str | None
    views: tuple[str, ...]
    definitions: dict[str, dict[str, Any]]
    own: tuple[str, ...]


class Code(_Part):
    """What the model was made by."""

    maestro: str
    estimator: str
    parameters: dict[str, Any]
    project_code: str | None
    versions: dict[str, str]
    image: str | None
    python: str
    distributions: int


class Decision(_Part):
    """What the gate decided, and the evidence."""

    passed: bool
    reason: str
    record_sha256: str
    approval: str


class Lineage(_Part):
    """Everything that a version comes from.

    Attributes:
        run: the run's folder in the run store; `mlflow_run` is its counterpart there.
        moves: the entries of the ledger that moved an alias to this version, the oldest first.
    """

    model: str
    name: str
    version: str
    aliases: tuple[str, ...]
    created: datetime
    run: str
    mlflow_run: str | None
    model_sha256: str
    rows: Rows
    files: tuple[SourceFile, ...]
    features: Features
    code: Code
    decision: Decision
    moves: tuple[Entry, ...]


def lineage_of(name: str, version: VersionSummary, record: DecisionRecord, entries: list[Entry]) -> Lineage:
    """Return the lineage of a version from its decision record and the ledger.

    Args:
        name: the registered name.
        entries: of the whole ledger.
    """
    candidate, origin = record.candidate, record.origin
    return Lineage(
        model=candidate.model,
        name=name,
        version=version.version,
        aliases=version.aliases,
        created=version.created,
        run=record.run,
        mlflow_run=version.run_id,
        model_sha256=record.model_sha256,
        rows=Rows(
            dataset=candidate.dataset,
            label=candidate.label,
            window_start=record.window_start,
            window_end=record.window_end,
            labelled=record.data.rows,
            without_label=record.data.dropped_unlabelled,
            fitted_on=candidate.train.rows,
            tested_on=record.evaluation.test.rows,
            sha256=record.data.sha256,
        ),
        files=origin.files if origin else (),
        features=Features(
            names=tuple(record.data.features),
            service=record.feature_service,
            views=tuple(record.data.views),
            definitions=origin.definitions if origin else {},
            own=record.columns,
        ),
        code=Code(
            maestro=record.maestro,
            estimator=candidate.estimator,
            parameters={**candidate.defaults, **candidate.parameters},
            project_code=candidate.versions.get("project_code"),
            versions=candidate.versions,
            image=record.environment.image,
            python=record.environment.python,
            distributions=len(record.environment.distributions),
        ),
        decision=Decision(
            passed=record.decision.passed,
            reason=record.decision.reason,
            record_sha256=version.tags[DECISION_RECORD],
            approval=record.approval,
        ),
        moves=tuple(entry for entry in entries if entry.version == version.version),
    )
