"""Metrics against scikit-learn's and against numbers worked out by hand."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from sklearn import metrics as peer

from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.names import MetricName
from maestro_ml.metrics.registry import all_metrics, metric_of, metrics_of

RNG = np.random.default_rng(0)
CODES, GUESSES = RNG.integers(0, 3, 500), RNG.integers(0, 3, 500)
SHARES = RNG.dirichlet((1, 1, 1), 500)
MANY = Predictions("multiclass", CODES, GUESSES, SHARES, ("a", "b", "c"))
SCORE = RNG.random(500)
TWO = Predictions(
    "binary", (CODES > 0).astype(int), (SCORE > 0.5).astype(int), np.column_stack([1 - SCORE, SCORE]), (0, 1)
)
NUMBERS, ANSWERS = RNG.normal(10, 2, 500), RNG.normal(10, 2, 500)
AMOUNTS = Predictions("regression", NUMBERS, ANSWERS)


def value(name: str, of: Predictions) -> float:
    return metric_of(name).compute(of)


@pytest.mark.parametrize(
    ("name", "of", "expected"),
    [
        ("accuracy", MANY, peer.accuracy_score(CODES, GUESSES)),
        ("f1", TWO, peer.f1_score(TWO.actual, TWO.predicted)),
        ("precision", TWO, peer.precision_score(TWO.actual, TWO.predicted)),
        ("recall", TWO, peer.recall_score(TWO.actual, TWO.predicted)),
        ("f1", MANY, peer.f1_score(CODES, GUESSES, average="macro")),
        ("f1_weighted", TWO, peer.f1_score(TWO.actual, TWO.predicted, average="weighted")),
        *(
            (f"{part}_{mean}", MANY, compute(CODES, GUESSES, average=mean))
            for part, compute in (
                ("f1", peer.f1_score),
                ("precision", peer.precision_score),
                ("recall", peer.recall_score),
            )
            for mean in ("macro", "weighted")
        ),
        ("roc_auc", TWO, peer.roc_auc_score(TWO.actual, SCORE)),
        ("roc_auc", MANY, peer.roc_auc_score(CODES, SHARES, multi_class="ovr")),
        ("pr_auc", TWO, peer.average_precision_score(TWO.actual, SCORE)),
        ("pr_auc", MANY, peer.average_precision_score(np.eye(3)[CODES], SHARES)),
        ("log_loss", TWO, peer.log_loss(TWO.actual, SCORE)),
        ("log_loss", MANY, peer.log_loss(CODES, SHARES)),
        ("brier", TWO, peer.brier_score_loss(TWO.actual, SCORE)),
        ("brier", MANY, peer.brier_score_loss(CODES, SHARES, labels=[0, 1, 2], scale_by_half=False)),
        ("mae", AMOUNTS, peer.mean_absolute_error(NUMBERS, ANSWERS)),
        ("rmse", AMOUNTS, peer.root_mean_squared_error(NUMBERS, ANSWERS)),
        ("r2", AMOUNTS, peer.r2_score(NUMBERS, ANSWERS)),
        ("mape", AMOUNTS, peer.mean_absolute_percentage_error(NUMBERS, ANSWERS)),
    ],
)
def test_a_metric_agrees_with_scikit_learn(name: str, of: Predictions, expected: float) -> None:
    assert value(name, of) == pytest.approx(expected, rel=1e-12)


def test_the_calibration_error_is_the_mean_distance_between_what_was_stated_and_what_happened() -> None:
    stated = np.array([0.05] * 10 + [0.75] * 10 + [1.0] * 10)
    happened = np.array([0] * 9 + [1] + [1] * 5 + [0] * 5 + [1] * 10)
    of = Predictions("binary", happened, happened, np.column_stack([1 - stated, stated]), (0, 1))
    assert value("calibration_error", of) == pytest.approx((10 * 0.05 + 10 * 0.25 + 0) / 30)
    sure = Predictions("multiclass", CODES, CODES, np.eye(3)[CODES], ("a", "b", "c"))
    assert value("calibration_error", sure) == 0


@pytest.mark.parametrize(
    ("lower", "upper", "together"),
    [(0.95, 1.0, True), (0.9, 1.0, True), (0.8, 0.9, False), (0.89, 0.9, False), (0.0, 0.09, True), (0.09, 0.1, False)],
)
def test_probabilities_of_one_tenth_are_judged_together_and_certainty_is_of_the_last(
    lower: float, upper: float, together: bool
) -> None:
    stated, happened = np.array([lower, upper]), np.array([1, 0])  # too low by `1 - lower`, and too high by `upper`
    of = Predictions("binary", happened, happened, np.column_stack([1 - stated, stated]), (0, 1))
    off = (1 - lower, -upper)
    assert value("calibration_error", of) == pytest.approx(abs(sum(off)) / 2 if together else sum(map(abs, off)) / 2)


ONE_CLASS = TWO.take(TWO.actual == 1)


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("roc_auc", ONE_CLASS),
        ("pr_auc", ONE_CLASS),
        ("recall", TWO.take(TWO.actual == 0)),
        ("f1", Predictions("binary", np.zeros(3, int), np.zeros(3, int), None, (0, 1))),
        ("r2", Predictions("regression", np.ones(3), np.zeros(3))),
        ("mape", Predictions("regression", np.array([0.0, 1.0]), np.ones(2))),
        *((name, TWO.take([])) for name in ("log_loss", "brier", "calibration_error")),
        *((name, AMOUNTS.take(slice(0))) for name in metrics_of("regression")),
    ],
)
def test_what_is_not_defined_is_not_a_number(name: str, of: Predictions) -> None:
    of = of if len(of.actual) else of.take(np.zeros(0, dtype=int))
    assert math.isnan(value(name, of))


def test_a_class_that_does_not_occur_is_left_out_of_the_mean() -> None:
    without = MANY.take(CODES != 2)
    expected = np.mean([peer.roc_auc_score(without.actual == code, without.probabilities[:, code]) for code in (0, 1)])  # type: ignore[index]
    assert value("roc_auc", without) == pytest.approx(expected)
    answered = Predictions("multiclass", np.array([0, 1, 1]), np.array([0, 1, 1]), None, ("a", "b", "c"))
    assert value("f1", answered) == 1.0
    astray = Predictions("multiclass", np.array([0, 1, 1, 1]), np.array([0, 1, 1, 2]), None, ("a", "b", "c"))
    assert value("recall_macro", astray) == pytest.approx((1 + 2 / 3) / 2)  # no row is c
    assert value("precision_macro", astray) == pytest.approx((1 + 1 + 0) / 3)  # what is called c never is


@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
def test_a_positive_class_that_is_never_predicted_counts_as_0(name: str) -> None:
    assert value(name, Predictions("binary", np.array([0, 1]), np.zeros(2, dtype=int), None, (0, 1))) == 0.0


@pytest.mark.parametrize(("name", "metric"), list(all_metrics().items()))
def test_values_lie_within_the_stated_bounds_and_perfect_answers_are_best(name: str, metric: Any) -> None:
    for task in metric.tasks:
        of = {"binary": TWO, "multiclass": MANY, "regression": AMOUNTS}[task]
        shares = np.eye(len(of.classes))[of.actual] if of.classes else None
        perfect = metric.compute(Predictions(task, of.actual, of.actual, shares, of.classes))
        assert metric.lowest <= metric.compute(of) <= metric.highest
        assert perfect == pytest.approx(metric.highest if metric.higher_is_better else metric.lowest)
        assert metric.is_better(perfect, metric.compute(of))
        assert not metric.is_better(perfect, perfect)
        assert not metric.is_better(math.nan, perfect)


def test_probabilities_are_needed_by_the_metrics_that_say_so_and_by_no_other() -> None:
    for task, of in (("binary", TWO), ("multiclass", MANY)):
        bare = Predictions(of.task, of.actual, of.predicted, None, of.classes)
        for metric in metrics_of(task).values():  # type: ignore[arg-type]
            if metric.needs_probabilities:
                with pytest.raises(ValueError, match="no probabilities"):
                    metric.compute(bare)
            else:
                assert metric.compute(bare) == metric.compute(of)


def test_the_name_of_a_metric_is_one_that_there_is() -> None:
    names = TypeAdapter(MetricName)
    assert [names.validate_python(name) for name in all_metrics()] == list(all_metrics())
    with pytest.raises(ValidationError, match=r"Input should be 'accuracy', .* or '"):
        names.validate_python("acuracy")


def test_every_metric_is_known_by_its_name_and_has_a_label_for_people() -> None:
    for name, metric in all_metrics().items():
        assert (metric.name, metric.name.islower()) == (name, True)
        assert metric.label[0].isupper()
    means = {"macro": "mean of the classes", "weighted": "weighted by rows"}
    for part, label in {"f1": "F1", "precision": "Precision", "recall": "Recall"}.items():
        for mean, words in means.items():
            assert metric_of(f"{part}_{mean}").label == f"{label}, {words}"


def test_a_metrics_name_is_a_text_of_a_list_in_the_schema() -> None:
    schema = TypeAdapter(MetricName).json_schema()
    assert schema == {"type": "string", "enum": list(all_metrics())}


def test_a_class_that_is_never_predicted_counts_as_nothing_without_a_warning() -> None:
    rows = Predictions("binary", np.array([1, 1, 0]), np.zeros(3, int), None, (0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [metric_of(name).compute(rows) for name in ("precision", "recall", "f1")] == [0.0, 0.0, 0.0]


def test_of_two_classes_it_is_the_positive_ones_probability_that_must_be_as_frequent_as_it_says() -> None:
    stated = np.repeat([0.2, 0.8], 5)
    actual = np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 1])  # two of five and five of five, for one and four
    rows = Predictions("binary", actual, (stated > 0.5).astype(int), np.column_stack([1 - stated, stated]), (0, 1))
    assert metric_of("calibration_error").compute(rows) == pytest.approx(0.2)
