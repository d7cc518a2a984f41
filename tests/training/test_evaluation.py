"""Metrics against numbers worked out by hand, and the majority-class baseline."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline

from maestro_ml.metrics.metric import Predictions
from maestro_ml.project import Window
from maestro_ml.project.models import Estimator
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.evaluation import Metrics, evaluate
from maestro_ml.training.evaluation import score as scored
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit


def score(actual: Any, predicted: Any, scores: Any) -> Metrics:
    """Return metrics of classes 0 and 1, from the scores of class 1."""
    return scored(Predictions("binary", actual, predicted, np.column_stack([1 - scores, scores]), (0, 1)))


def mostly(label: int, window: Window) -> SplitSummary:
    """Return training rows of which most have this label."""
    return SplitSummary(start=window.start, end=window.end, rows=10, counts=(2, 8) if label else (8, 2))


def test_metrics_agree_with_the_confusion_matrix() -> None:
    actual = np.array([0] * 50 + [1] * 30)
    predicted = np.array([0] * 45 + [1] * 5 + [0] * 10 + [1] * 20)
    found = score(actual, predicted, predicted)
    assert found.confusion is not None
    assert found.confusion.model_dump() == {"classes": (0, 1), "counts": ((45, 5), (10, 20))}
    assert found.accuracy == pytest.approx(65 / 80)
    assert found.precision == pytest.approx(20 / 25)
    assert found.recall == pytest.approx(20 / 30)
    assert found.f1 == pytest.approx(2 * 0.8 * (2 / 3) / (0.8 + 2 / 3))
    assert found.roc_auc == pytest.approx((45 / 50 + 20 / 30) / 2)


def test_roc_auc_is_about_the_order_of_the_scores() -> None:
    actual = np.array([0, 1, 0, 1])
    assert score(actual, np.zeros(4), np.array([0.1, 0.2, 0.15, 0.4])).roc_auc == 1.0
    assert score(actual, np.zeros(4), 1 - np.array([0.1, 0.2, 0.15, 0.4])).roc_auc == 0.0


@pytest.mark.parametrize(("majority", "accuracy", "recall"), [(0, 0.8, 0.0), (1, 0.2, 1.0)])
def test_the_baseline_always_answers_the_training_rows_majority(
    majority: int, accuracy: float, recall: float, examples: Examples, window: Window
) -> None:
    test = Examples(examples.features.head(10), np.array([0] * 8 + [1] * 2))
    fitted = fit(Estimator(), examples)
    found = evaluate(fitted, test, window, mostly(majority, window))
    assert (found.baseline.accuracy, found.baseline.recall, found.baseline.roc_auc) == (accuracy, recall, 0.5)
    assert (found.test.rows, found.test.positive_share) == (10, 0.2)
    assert (found.test.start, found.test.end) == (window.start, window.end)


def test_a_candidate_that_has_learnt_beats_the_baseline(examples: Examples, window: Window) -> None:
    found = evaluate(fit(Estimator(), examples), examples, window, mostly(0, window))
    assert found.candidate.accuracy > 0.9
    assert found.baseline.accuracy < 0.6
    assert found.candidate.roc_auc > 0.9


def test_the_score_is_of_class_one_wherever_the_estimator_keeps_it(examples: Examples, window: Window) -> None:
    class Reversed(ClassifierMixin, BaseEstimator):
        """Knows every answer, and keeps class 1 first."""

        classes_ = (1, 0)

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def fit(self, features: object, labels: object) -> "Reversed":
            return self

        def predict(self, features: object) -> np.ndarray:
            return examples.labels

        def predict_proba(self, features: object) -> np.ndarray:
            return np.column_stack([examples.labels, 1 - examples.labels])

    assert evaluate(Pipeline([("estimator", Reversed())]), examples, window, mostly(0, window)).candidate.roc_auc == 1.0


@pytest.mark.parametrize(("right", "of"), [(17, 20), (85, 100), (5950, 7000)])
def test_an_accuracy_of_exactly_85_percent_is_the_number_in_the_gate(right: int, of: int) -> None:
    actual = np.array([0, 1] * (of // 2))
    predicted = np.where(np.arange(of) < right, actual, 1 - actual)
    assert score(actual, predicted, predicted).accuracy == 0.85


class Broken:
    """A fitted pipeline whose answers are what it is given."""

    def __init__(self, predicted: Any, scores: Any, classes: Any = (0, 1)) -> None:
        self.steps, self.classes_ = [("estimator", self)], classes
        self.predicted, self.scores = predicted, scores

    def predict(self, features: Any) -> Any:
        if isinstance(self.predicted, Exception):
            raise self.predicted
        return self.predicted

    def predict_proba(self, features: Any) -> Any:
        return self.scores


HALVES = np.full((240, 2), 0.5)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (Broken(ValueError("too many neighbours\n  advice"), HALVES), "predict the test rows: too many neighbours$"),
        (Broken(np.zeros((240, 2)), HALVES), r"predicts an array of float64 with the shape \(240, 2\)"),
        (Broken(np.full(240, "yes"), HALVES), "predicts an array of <U3"),
        (Broken(np.full(240, np.nan), HALVES), "a 0 or 1 for each of the 240 test rows is needed"),
        (Broken(np.zeros(240), HALVES[:, :1]), r"has probabilities of shape \(240, 1\)"),
        (Broken(np.zeros(240), HALVES, classes=(0, 2)), r"for the classes \[0, 2\]"),
        (Broken(np.zeros(240), np.full((240, 2), np.nan)), "240 of 240 test rows a probability that is not a n"),
        (Broken(np.zeros(240), np.tile([1.5, -0.5], (240, 1))), "a probability that is not a number between 0 and 1"),
    ],
)
def test_an_estimator_whose_answers_cannot_be_judged_is_one_clear_error(
    broken: Broken, message: str, examples: Examples, window: Window
) -> None:
    with pytest.raises(CannotLearn, match=message) as caught:
        evaluate(broken, examples, window, mostly(0, window))  # type: ignore[arg-type]
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("actual", "predicted"), [([0, 1, 1], [0, 0, 0]), ([0, 0, 1], [1, 1, 0])])
def test_precision_recall_and_f1_are_0_where_no_positive_is_found(actual: list[int], predicted: list[int]) -> None:
    found = score(np.array(actual), np.array(predicted), np.array(predicted))
    assert (found.precision, found.recall, found.f1) == (0.0, 0.0, 0.0)
