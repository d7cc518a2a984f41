"""The gate: strictly greater, at every digit a float has."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.project.models import Gate
from maestro_ml.training.evaluation import Metrics
from maestro_ml.training.gate import Decision, decide, shown


def metrics(accuracy: float, f1: float = 0.5) -> Metrics:
    return Metrics(accuracy=accuracy, f1=f1, precision=0.5, recall=0.5, roc_auc=0.5, rmse=accuracy)


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


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from([True, False, None]))
def test_the_sentence_agrees_with_the_decision(value: float, above: float, baseline: float, asked: bool | None) -> None:
    gate = Gate(above=above, beat_baseline=asked)
    made = decide("late", gate, metrics(value), metrics(baseline))
    above_limit, above_baseline = value > above, value > baseline
    assert made.passed == (above_limit and (above_baseline or not gate.must_beat_baseline))
    first, _, _ = made.reason.partition(" majority class")
    assert (" is above " in first.split(";")[0]) == above_limit
    assert (("and above the" in first) or ("it is above the" in first)) == above_baseline


def test_the_record_holds_both_rules_with_their_numbers() -> None:
    made = decision(0.911)
    assert made.model_dump(mode="json") == {
        "model": "late",
        "metric": "accuracy",
        "candidate": 0.911,
        "threshold": 0.85,
        "baseline": 0.826,
        "rules": [
            {"name": "above", "limit": 0.85, "required": True, "passed": True},
            {"name": "beat_baseline", "limit": 0.826, "required": True, "passed": True},
        ],
        "further": [],
        "budget": "",
        "passed": True,
        "reason": "accuracy 0.9110 is above 0.85 and above the majority class (0.8260)",
    }


MAJORITY = "the majority class (0.8260)"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.815, f"accuracy 0.8150 is not above 0.85; it is not above {MAJORITY}"),
        (0.85, f"accuracy 0.8500 equals, and must be strictly above, 0.85; it is above {MAJORITY}"),
        (0.8500001, f"accuracy 0.8500001 is above 0.85 and above {MAJORITY}"),
        (0.84999999, f"accuracy 0.84999999 is not above 0.85; it is above {MAJORITY}"),
        (math.nan, "accuracy is not defined for these rows: it is not above 0.85 (majority class: 0.8260)"),
    ],
)
def test_the_reason_shows_the_digits_that_decide(value: float, reason: str) -> None:
    assert decision(value).reason == reason


def test_two_metrics_that_are_close_have_the_digits_that_tell_them_from_each_other() -> None:
    made = decide("late", Gate(), metrics(0.8264980717887868), metrics(0.8264609908039158))
    assert made.reason == "accuracy 0.82650 is not above 0.85; it is above the majority class (0.82646)"


def test_the_gate_looks_at_the_metric_it_names() -> None:
    made = decide("late", Gate(metric="f1", above=0.6), metrics(accuracy=0.99, f1=0.6), metrics(accuracy=0.1, f1=0.0))
    assert (made.candidate, made.baseline, made.passed) == (0.6, 0.0, False)


@pytest.mark.parametrize(
    ("value", "baseline", "passed"),
    [(0.9396, 0.9646, False), (0.9646, 0.9646, False), (math.nextafter(0.9646, 1), 0.9646, True), (0.97, 0.96, True)],
)
def test_a_candidate_must_beat_the_majority_class(value: float, baseline: float, passed: bool) -> None:
    assert decide("late", Gate(), metrics(value), metrics(baseline)).passed is passed


def test_the_reason_names_the_majority_class_that_a_candidate_does_not_beat() -> None:
    made = decide("late", Gate(), metrics(0.9396), metrics(0.9646))
    assert made.reason == "accuracy 0.9396 is above 0.85, but not above the majority class (0.9646)"
    close = decide("late", Gate(), metrics(0.96460001), metrics(0.96460002))
    assert close.reason == "accuracy 0.96460001 is above 0.85, but not above the majority class (0.96460002)"


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        (Gate(above=0.7), False),
        (Gate(above=0.7, beat_baseline=False), True),
        (Gate(above=0.0), True),
        (Gate(above=0.0, beat_baseline=True), False),
        (Gate(above=1e-9), False),
        (Gate(above=-1.0), True),
    ],
)
def test_only_a_project_that_says_so_registers_what_is_below_the_majority_class(gate: Gate, passed: bool) -> None:
    made = decide("late", gate, metrics(0.8), metrics(0.826))
    assert made.passed is passed
    assert not made.beats_baseline
    if passed:
        assert made.reason.endswith("it is not above the majority class (0.8260), which this gate does not require")


@pytest.mark.parametrize(("value", "better"), [(0.8259, False), (0.826, False), (math.nextafter(0.826, 1), True)])
def test_better_than_the_majority_class_is_strictly_greater(value: float, better: bool) -> None:
    assert decision(value).beats_baseline is better


@pytest.mark.parametrize("must", [True, False])
def test_the_record_says_whether_the_majority_class_had_to_be_beaten(must: bool) -> None:
    made = decide("late", Gate(above=0.7, beat_baseline=must), metrics(0.9), metrics(0.826))
    assert made.needs_to_beat_baseline is must
    assert not made.model_copy(update={"rules": ()}).needs_to_beat_baseline  # a record of an earlier version


def test_equal_numbers_are_shown_short() -> None:
    made = decide("late", Gate(above=0.5), metrics(2 / 3), metrics(2 / 3))
    assert made.reason == "accuracy 0.6667 is above 0.5, but not above the majority class (0.6667)"


def test_a_baseline_nothing_can_beat_says_what_to_do() -> None:
    perfect = metrics(0.9).model_copy(update={"recall": 1.0})
    made = decide("late", Gate(metric="recall", above=0.9), perfect, perfect)
    assert not made.passed
    assert "which is impossible: choose another metric, or set beat_baseline: false" in made.reason


def test_what_is_not_a_number_passes_no_open_gate() -> None:
    assert not decide("late", Gate(above=-1.0, beat_baseline=False), metrics(math.nan), metrics(0.5)).passed


@pytest.mark.parametrize("value", [0.911, math.nan])
def test_the_record_survives_json(value: float) -> None:
    text = decision(value).model_dump_json()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = Decision.model_validate_json(text)
    assert again.reason == decision(value).reason
    assert again.candidate == value or math.isnan(again.candidate)


@pytest.mark.parametrize(
    ("value", "passed"), [(2.0, False), (math.nextafter(2.0, 0), True), (2.1, False), (math.nan, False)]
)
def test_less_is_better_of_an_error(value: float, passed: bool) -> None:
    made = decide("late", Gate(metric="rmse", below=2.0), metrics(value), metrics(3.0))
    assert made.passed is passed
    assert made.rules[0].name == "below"
    assert ("is below 2 and below the median (3.0000)" in made.reason) is passed


def test_an_error_as_large_as_the_baselines_is_rejected() -> None:
    made = decide("late", Gate(metric="rmse", below=9.0), metrics(3.0), metrics(3.0))
    assert (made.passed, made.beats_baseline) == (False, False)
    assert made.reason == "rmse 3.0000 is below 9, but not below the median (3.0000)"


def rule(name: str, passed: bool, required: bool = True) -> RuleOutcome:
    return RuleOutcome(name=name, passed=passed, required=required, message=f"{name} it is")


ACCURATE = "accuracy 0.9000 is above 0.85 and above the majority class (0.8260)"


@pytest.mark.parametrize(
    ("further", "passed", "clause"),
    [
        ((), True, ""),
        ((rule("a", True),), True, "; 1 further rule holds"),
        ((rule("a", True), rule("b", True)), True, "; 2 further rules hold"),
        ((rule("a", True), rule("b", False)), False, "; b: b it is"),
        ((rule("a", False), rule("b", False)), False, "; a: a it is; b: b it is"),
        ((rule("a", False, required=False),), True, "; 1 further rule holds"),
    ],
)
def test_every_required_rule_must_hold(further: tuple[RuleOutcome, ...], passed: bool, clause: str) -> None:
    made = decide("late", Gate(), metrics(0.9), metrics(0.826), further, "an error of 0.01")
    assert (made.passed, made.reason) == (passed, ACCURATE + clause)
    assert (made.further, made.budget) == (further, "an error of 0.01")
    assert not decide("late", Gate(), metrics(0.8), metrics(0.826), further).passed


@pytest.mark.parametrize("record", [decision(0.9), decision(0.9).rules[0], rule("a", True)])
def test_a_record_with_a_key_nobody_knows_is_refused(record: BaseModel) -> None:
    with pytest.raises(ValidationError, match="surprise"):
        type(record).model_validate({**record.model_dump(), "surprise": 1})


def test_a_decision_names_its_baseline_and_the_better_side() -> None:
    assert (decision(0.9).baseline_name, decision(0.9).higher_is_better) == ("the majority class", True)
    made = decide("late", Gate(metric="rmse", below=2.0), metrics(1.0), metrics(3.0))
    assert (made.baseline_name, made.higher_is_better, made.beats_baseline) == ("the median", False, True)
    assert made.rules[0].model_dump() == {"name": "below", "limit": 2.0, "required": True, "passed": True}


@pytest.mark.parametrize(
    ("value", "others", "text"),
    [
        (0.5, (), "0.5000"),
        (0.5, (0.5,), "0.5000"),
        (0.5, (0.50001,), "0.50000"),
        (0.123456789, (0.123456788, 0.5), "0.123456789"),
        (1e-17, (0.0,), "1e-17"),
    ],
)
def test_a_number_has_as_many_digits_as_distinguish_it(value: float, others: tuple[float, ...], text: str) -> None:
    assert shown(value, *others) == text
