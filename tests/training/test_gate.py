"""The gate: strictly greater, at every digit a float has."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro_ml.project.pipelines import Gate
from maestro_ml.training.evaluation import Confusion, Metrics
from maestro_ml.training.gate import Decision, decide

EMPTY = Confusion(true_negative=0, false_positive=0, false_negative=0, true_positive=0)


def metrics(accuracy: float, f1: float = 0.5) -> Metrics:
    return Metrics(accuracy=accuracy, f1=f1, precision=0.5, recall=0.5, roc_auc=0.5, confusion=EMPTY)


def decision(value: float, above: float = 0.85) -> Decision:
    return decide("late", Gate(metric="accuracy", above=above), metrics(value), metrics(0.826))


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        (0.85 - 1e-9, False),
        (math.nextafter(0.85, 0), False),
        (0.85, False),
        (math.nextafter(0.85, 1), True),
        (0.85 + 1e-9, True),
        (1.0, True),
        (0.0, False),
        (math.nan, False),
    ],
)
def test_only_a_strictly_greater_value_passes(value: float, passed: bool) -> None:
    assert decision(value).passed is passed


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_sentence_agrees_with_the_decision(value: float, above: float) -> None:
    made = decision(value, above)
    assert made.passed == (" is above " in made.reason) == (value > above)


def test_the_record_holds_what_was_compared() -> None:
    made = decision(0.911)
    assert made.model_dump() == {
        "model": "late",
        "metric": "accuracy",
        "candidate": 0.911,
        "threshold": 0.85,
        "baseline": 0.826,
        "passed": True,
        "reason": "accuracy 0.9110 is above 0.85 (majority class: 0.8260)",
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.815, "accuracy 0.8150 is not above 0.85"),
        (0.85, "accuracy 0.8500 equals, and must be strictly above, 0.85"),
        (0.8500001, "accuracy 0.8500001 is above 0.85"),
        (0.84999999, "accuracy 0.8500 is not above 0.85"),
        (math.nan, "accuracy nan is not a number, so it is not above 0.85"),
    ],
)
def test_the_reason_shows_the_digits_that_decide(value: float, reason: str) -> None:
    assert decision(value).reason == f"{reason} (majority class: 0.8260)"


def test_the_gate_looks_at_the_metric_it_names() -> None:
    made = decide("late", Gate(metric="f1", above=0.6), metrics(accuracy=0.99, f1=0.6), metrics(accuracy=0.1, f1=0.0))
    assert (made.candidate, made.baseline, made.passed) == (0.6, 0.0, False)


def test_a_candidate_below_the_majority_class_may_still_pass_a_low_gate() -> None:
    assert decide("late", Gate(above=0.7), metrics(0.8), metrics(0.826)).passed


@pytest.mark.parametrize("value", [0.911, math.nan])
def test_the_record_survives_json(value: float) -> None:
    text = decision(value).model_dump_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = Decision.model_validate_json(text)
    assert again.reason == decision(value).reason
    assert again.candidate == value or math.isnan(again.candidate)
