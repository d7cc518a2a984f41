"""The decision record as one model: what stands in decision_record.json, and what the page is made from."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from maestro_ml.project import MaestroError
from maestro_ml.training.candidate import Candidate
from maestro_ml.training.decision.environment import Environment
from maestro_ml.training.decision.pictures import Pictures
from maestro_ml.training.evaluation import Evaluation, Metrics
from maestro_ml.training.examples import TrainingSet
from maestro_ml.training.gate import Decision
from maestro_ml.training.leakage import LeakFinding
from maestro_ml.training.origin import Origin

RECORD, PAGE = "decision_record.json", "decision_record.html"


class RecordBroken(MaestroError):
    """A decision record is not as it was written."""

    exit_code = 1


class DecisionRecord(BaseModel):
    """Everything that led to a decision.

    Attributes:
        run: the run's folder in the run store.
        window_start, window_end: of all rows, those to test on among them.
        data: the training set: its digest, rows and columns.
        origin: what it was built from; None in a record of an earlier version.
        feature_service, feature_views: where features come from in Feast; the rest are the dataset's own columns.
        model_sha256, model_bytes: of the model's file.
        champion_version, champion: the version in use and its metrics on the same test rows, where it was compared.
        approval: who or what approved; a later move of an alias stands in the ledger.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings")

    format: int = 2
    created: datetime
    project: str
    run: str
    window_start: datetime
    window_end: datetime
    candidate: Candidate
    data: TrainingSet
    origin: Origin | None = None
    feature_service: str | None
    columns: tuple[str, ...]
    model_sha256: str
    model_bytes: int
    maestro: str
    environment: Environment
    leaks: tuple[LeakFinding, ...]
    evaluation: Evaluation
    champion_version: str | None
    champion: Metrics | None
    decision: Decision
    approval: str
    pictures: Pictures
