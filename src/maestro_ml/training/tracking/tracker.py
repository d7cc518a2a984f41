"""The seam to the system that keeps runs and models: what a tracker takes, and what it returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from maestro_ml.gate_rules.evidence import Champion
from maestro_ml.metrics.metric import Predictions
from maestro_ml.project.models import Registration
from maestro_ml.training.candidate import Candidate, SplitSummary
from maestro_ml.training.evaluation import Evaluation
from maestro_ml.training.gate import Decision
from maestro_ml.training.tracking.alias import AliasMove, Promotion

if TYPE_CHECKING:
    import pandas as pd

# (a stored model's file) -> the gate's metric on the candidate's test rows; raises NotComparable.
ScoreModel = Callable[[Path], float]
# (a stored model's file) -> its answers to the candidate's test rows; raises NotComparable.
Answer = Callable[[Path], Predictions]


@dataclass(frozen=True)
class CandidateRecord:
    """Everything a tracker keeps of an evaluated candidate.

    Attributes:
        run: the run's folder in the run store.
        candidate: its description.
        evaluation: its metrics.
        decision: the gate's.
        model: the file that `train` wrote; it is kept as it is.
        example: a few test rows; None if a feature is `pii`.
        files: more files by name, such as the report.
        code: the project's own modules, which the model needs to be loaded; none where it uses none of them.
    """

    run: str
    candidate: Candidate
    evaluation: Evaluation
    decision: Decision
    model: Path
    example: "pd.DataFrame | None"
    files: Mapping[str, bytes]
    code: Sequence[Path] = ()


@dataclass(frozen=True)
class Registered:
    """The candidate's version, and whether it took the alias."""

    version: str
    move: AliasMove


class ModelTracker(Protocol):
    """Keep candidates and versions. `log` and `register` are idempotent: a retry completes what an attempt began."""

    def champion(self, target: Registration, fingerprint: str, test: SplitSummary, answer: Answer) -> Champion:
        """Return the version in use, with its answers to the candidate's test rows.

        Args:
            target: the registered name and its aliases.
            fingerprint: the candidate's.
            test: its test rows.
            answer: computes a stored model's answers to them.
        """

    def problems(self, target: Registration) -> list[str]:
        """Return a sentence for each alias that is not where the ledger moved it."""

    def log(self, record: CandidateRecord) -> str:
        """Keep a candidate, rejected or not, and return a reference to it."""

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
        """Register a logged candidate that passed the gate.

        The alias moves to it, unless the version that has it was tested on later rows or is better.

        Args:
            reference: what `log` returned.
            target: the registered name and the alias.
            decision: the gate's.
            test: the candidate's test rows.
            score: scores the model that has the alias now.
            move_alias: move the alias in any case.
            tags: of the version.
        """

    def promote(self, target: Registration, version: str, facts: Mapping[str, str]) -> Promotion:
        """Make a registered version the champion; never one that was tested on earlier rows than the champion.

        Args:
            target: the registered name and its aliases.
            version: the version, which must have the alias of new versions.
            facts: `actor` and `why`, for the ledger.
        """
