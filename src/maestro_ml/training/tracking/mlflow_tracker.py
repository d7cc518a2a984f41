"""The tracker that keeps candidates and versions in MLflow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from maestro_ml.gate_rules.evidence import Champion
from maestro_ml.project import Project
from maestro_ml.project.models import Registration
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.gate import Decision
from maestro_ml.training.ledger import Ledger
from maestro_ml.training.tracking.alias import Promotion
from maestro_ml.training.tracking.aliases import alias_problems
from maestro_ml.training.tracking.champion import champion_of
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri
from maestro_ml.training.tracking.experiment import log_candidate
from maestro_ml.training.tracking.local_store import one_at_a_time
from maestro_ml.training.tracking.promotion import promote_version
from maestro_ml.training.tracking.registry import register_version
from maestro_ml.training.tracking.tracker import Answer, CandidateRecord, ModelTracker, Registered, ScoreModel

if TYPE_CHECKING:
    from mlflow import MlflowClient


class MlflowTracker:
    """A `ModelTracker` in MLflow: a run for each candidate, versions in the model registry."""

    def __init__(self, client: "MlflowClient", uri: str, experiment: str, ledger: Ledger | None = None) -> None:
        self._client = client
        self._uri = uri
        self._experiment = experiment
        self._ledger = ledger

    def problems(self, target: Registration) -> list[str]:
        """Return a sentence for each alias that is not where the ledger moved it."""
        return alias_problems(self._client, self._ledger, target.name) if self._ledger else []

    def champion(self, target: Registration, fingerprint: str, test: SplitSummary, answer: Answer) -> Champion:
        """Return the version in use, with its answers to the candidate's test rows."""
        return champion_of(self._client, self._uri, target, fingerprint, test, answer)

    def log(self, record: CandidateRecord) -> str:
        """Log the candidate as a run and a model; return the model's URI, `models:/<id>`."""
        return log_candidate(self._client, self._uri, self._experiment, record)

    def register(
        self,
        reference: str,
        target: Registration,
        decision: Decision,
        *,
        test: SplitSummary,
        score: ScoreModel,
        move_alias: bool = False,
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> Registered:
        """Create a version of the logged model, and decide about the alias."""
        return register_version(
            self._client,
            self._uri,
            target,
            reference,
            decision,
            test=test,
            score=score,
            move_alias=move_alias,
            tags=tags,
            ledger=self._ledger,
        )

    def promote(self, target: Registration, version: str, facts: Mapping[str, str]) -> Promotion:
        """Make a version the champion, unless something speaks against it."""
        if self._ledger is None:
            raise ValueError("a promotion needs the ledger")
        return promote_version(self._client, self._ledger, target, version, facts)


@contextmanager
def open_tracker(project: Project, ledger: Ledger | None = None) -> Iterator[ModelTracker]:
    """Yield the project's tracker; a local store is locked meanwhile.

    Args:
        ledger: where moves of aliases are written down.

    Raises:
        TrackingError: for any failure of MLflow inside the block.
    """
    uri = tracking_uri(project)
    with mlflow_client(uri) as client, one_at_a_time(uri):
        yield MlflowTracker(client, uri, project.tracking.experiment, ledger)
