"""The version in use, for the rules that compare with it."""

from pathlib import Path
from typing import Any

from maestro_ml.gate_rules.evidence import Champion
from maestro_ml.metrics.metric import Predictions
from maestro_ml.steps.step import StepRun
from maestro_ml.training.candidate import Candidate, SplitSummary
from maestro_ml.training.comparison import answers_of
from maestro_ml.training.examples import Examples
from maestro_ml.training.tracking.mlflow_tracker import open_tracker


def find_champion(run: StepRun[Any], candidate: Candidate, summary: SplitSummary, test: Examples) -> Champion:
    """Return the version in use with its answers to the candidate's test rows.

    Raises:
        TrackingError: MLflow cannot be reached.
    """
    model = run.project.models[run.target]
    run.progress("comparing with the version in use")

    def answer(file: Path) -> Predictions:
        return answers_of(file, test, candidate.estimator, candidate.target, candidate.transformers, model.allow_pickle)

    with open_tracker(run.project) as tracker:
        return tracker.champion(model.register_as, candidate.fingerprint, summary, answer)
