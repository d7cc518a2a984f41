"""A candidate's answers to the test rows of its run."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
from maestro_ml.steps.decision_record import digest_of_file
from maestro_ml.steps.step import StepRun
from maestro_ml.steps.train import TrainResult
from maestro_ml.training import evaluation, storage
from maestro_ml.training.candidate import Candidate
from maestro_ml.training.evaluation import Answers, Evaluation
from maestro_ml.training.examples import Examples
from maestro_ml.training.split import Split, read_test, split_of, test_summary

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class TestedCandidate:
    """A candidate as `train` left it, the test rows, its answers and their metrics."""

    candidate: Candidate
    pipeline: "Pipeline"
    model_bytes: int
    model_sha256: str
    split: Split
    test: Examples
    answers: Answers
    evaluation: Evaluation


def tested_candidate(run: StepRun[Any]) -> TestedCandidate:
    """Read the candidate's model and the test rows, and compute its metrics."""
    split = split_of(run.project, run.target, run.window)
    training_set = run.result_of("build_features", BuildFeaturesResult).training_set
    candidate = run.result_of("train", TrainResult).candidate
    with run.folder.of_step("build_features").reading(TRAINING_SET) as file:
        test = read_test(file, training_set, split)
    pickles = run.project.models[run.target].allow_pickle
    with run.folder.of_step("train").reading(candidate.file) as file:
        pipeline = storage.load(file, candidate.estimator, *candidate.transformers, allow_pickle=pickles)
        size, digest = file.stat().st_size, digest_of_file(file)
    run.progress(f"evaluating on {len(test):,} rows")
    answers = evaluation.answers_to(test, pipeline, candidate.train, candidate.target)
    judged = evaluation.summarise(answers, test_summary(split, training_set, test, candidate.target))
    return TestedCandidate(candidate, pipeline, size, digest, split, test, answers, judged)
