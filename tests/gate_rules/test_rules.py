"""Each rule: what it lets through, what it rejects, and the numbers it leaves."""

import math
from typing import Literal

import numpy as np
import pytest
from judged_rules import ANY_RULE, judge, right
from pydantic import ValidationError

from maestro_ml.gate_rules.evidence import Champion, Evidence
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.gate_rules.registry import RULES, reason_of
from maestro_ml.gate_rules.rule import JudgedModel, Rule
from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.registry import metric_of


def test_every_rule_has_a_reason_and_a_sentence() -> None:
    assert set(RULES.built_in) == {"baseline", "calibration", "improvement", "latency", "size", "slices", "threshold"}
    assert all(reason_of(name) == kind.why and kind.__doc__ for name, kind in RULES.built_in.items())


@pytest.mark.parametrize(("correct", "passed"), [(84, False), (85, False), (86, True)])
def test_a_threshold_on_the_value_is_strict(correct: int, passed: bool) -> None:
    found = judge({"rule": "threshold", "metric": "accuracy", "above": 0.85}, right(correct, 100))
    assert found.passed is passed
    assert found.required  # a rule that a project declares always is
    assert found.numbers == {"value": correct / 100, "rows": 100}


def test_a_lower_bound_needs_more_than_the_value() -> None:
    rule = {"rule": "threshold", "metric": "accuracy", "above": 0.85, "bound": "lower"}
    few, many = judge(rule, right(90, 100)), judge(rule, right(9_000, 10_000))
    assert (few.passed, many.passed) == (False, True)
    assert few.numbers["lower_bound"] == pytest.approx(0.8396, abs=1e-4)
    assert few.message == (
        "accuracy is 0.9, and with 0.95 confidence at least 0.839644 (Wilson), which is not above 0.85"
    )


def test_the_bound_of_an_error_is_its_upper_one() -> None:
    rng = np.random.default_rng(0)
    rows = Predictions("regression", rng.normal(size=500), np.zeros(500))
    found = judge({"rule": "threshold", "metric": "rmse", "below": 1.02, "bound": "lower"}, rows)
    assert found.numbers["upper_bound"] > found.numbers["value"]  # type: ignore[operator]
    assert found.numbers["method"] == "bootstrap"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"rule": "threshold", "metric": "accuracy"}, "needs `above`"),
        ({"rule": "threshold", "metric": "accuracy", "above": 1}, "no model could ever pass"),
        ({"rule": "threshold", "metric": "accuracy", "below": 0.5}, "more accuracy is better: give `above`"),
        ({"rule": "threshold", "metric": "rmse", "above": 0.5}, "less rmse is better: give `below`"),
        ({"rule": "threshold", "metric": "rmse", "below": 0}, "no model could ever pass"),
        ({"rule": "threshold", "metric": "accuracy", "above": 0.5, "confidence": 0.9}, "add `bound: lower`"),
        ({"rule": "threshold", "metric": "acuracy", "above": 0.5}, "Input should be"),
        ({"rule": "slices", "by": ["x"]}, "needs a floor"),
        ({"rule": "slices", "by": ["x"], "metric": "rmse", "above": 1}, "is given by `below`"),
        ({"rule": "slices", "by": [], "above": 1}, "at least 1 item"),
        ({"rule": "latency", "max_ms": 0}, "greater than 0"),
        ({"rule": "size", "max_mb": -1}, "greater than 0"),
        ({"rule": "improvement", "alpha": 0}, "greater than 0"),
        ({"rule": "sise", "max_mb": 1}, "sise"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ANY_RULE.validate_python(rule)


@pytest.mark.parametrize(("better", "worse", "passed"), [(5, 0, True), (4, 0, False), (40, 20, True), (35, 25, False)])
def test_an_improvement_is_judged_by_the_rows_where_the_two_differ(better: int, worse: int, passed: bool) -> None:
    rows = 1_000
    mine, theirs = right(500, rows), right(500 - better + worse, rows)
    theirs_hit = np.arange(rows) < 500 - better
    theirs_hit[500 : 500 + worse] = True
    predicted = np.where(theirs_hit, theirs.actual, 1 - theirs.actual)
    champion = Champion("3", Predictions("binary", theirs.actual, predicted, None, (0, 1)))
    found = judge({"rule": "improvement", "metric": "accuracy"}, mine, champion=champion)
    assert (found.numbers["better_rows"], found.numbers["worse_rows"]) == (better, worse)
    assert found.numbers["method"] == "exact McNemar"
    assert found.passed is passed


def test_where_there_is_no_champion_there_is_nothing_to_improve_on() -> None:
    assert judge({"rule": "improvement", "metric": "accuracy"}, right(50, 100)).passed


def test_a_champion_that_cannot_answer_is_not_improved_on() -> None:
    champion = Champion("3", obstacle="it takes y, which the training set no longer has")
    found = judge({"rule": "improvement", "metric": "accuracy"}, right(99, 100), champion=champion)
    assert not found.passed
    assert "version 3, cannot be compared with: it takes y" in found.message


def test_the_budget_decides_the_error_of_an_improvement() -> None:
    champion = Champion("1", right(495, 1_000))
    rule = {"rule": "improvement", "metric": "accuracy", "alpha": 0.05}
    assert judge(rule, right(500, 1_000), champion=champion).passed
    found = judge(rule, right(500, 1_000), champion=champion, error=0.001)
    assert not found.passed
    assert found.numbers["alpha"] == 0.001


@pytest.mark.parametrize(("metric", "scale", "passed"), [("rmse", 0.5, True), ("rmse", 1.0, False), ("r2", 0.5, True)])
def test_an_improvement_of_an_error_is_judged_by_the_paired_bootstrap(metric: str, scale: float, passed: bool) -> None:
    rng = np.random.default_rng(2)
    actual, noise = rng.normal(size=400), rng.normal(size=400)
    mine = Predictions("regression", actual, actual + scale * noise)
    champion = Champion("1", Predictions("regression", actual, actual + noise))
    found = judge({"rule": "improvement", "metric": metric}, mine, champion=champion)
    assert found.numbers["method"] == "paired bootstrap"
    assert found.passed is passed


def test_the_paired_bootstrap_agrees_with_the_textbooks_test_of_a_mean_difference() -> None:
    rng = np.random.default_rng(3)
    actual = np.zeros(3_000)
    theirs = rng.normal(size=3_000)
    mine = theirs * 0.98 + rng.normal(scale=0.05, size=3_000)
    champion = Champion("1", Predictions("regression", actual, theirs))
    found = judge({"rule": "improvement", "metric": "mae"}, Predictions("regression", actual, mine), champion=champion)
    difference = np.abs(theirs) - np.abs(mine)
    z = difference.mean() / (difference.std(ddof=1) / math.sqrt(3_000))
    assert found.numbers["difference"] / found.numbers["standard_error"] == pytest.approx(z, rel=0.1)  # type: ignore[operator]


def test_a_baseline_must_be_beaten_strictly() -> None:
    rule = {"rule": "baseline", "metric": "accuracy"}
    assert judge(rule, right(1, 100)).passed
    assert not judge(rule, right(0, 100)).passed


def test_calibration_counts_probabilities_that_promise_too_much() -> None:
    actual = np.arange(1_000) % 10 == 0
    stated = np.full(1_000, 0.3)
    rows = Predictions(
        "binary", actual.astype(int), np.zeros(1_000, int), np.column_stack([1 - stated, stated]), (0, 1)
    )
    found = judge({"rule": "calibration", "max_error": 0.1}, rows)
    assert (found.passed, found.numbers["value"]) == (False, pytest.approx(0.2))
    assert judge({"rule": "calibration", "max_error": 0.25}, rows).passed


def test_the_baselines_rule_names_the_side_that_is_better() -> None:
    found = judge({"rule": "baseline", "metric": "accuracy"}, right(60, 100))
    assert "is above the baseline's" in found.message
    brier = Predictions("binary", np.ones(4, int), np.ones(4, int), np.tile([0.1, 0.9], (4, 1)), (0, 1))
    worse = Predictions("binary", np.ones(4, int), np.ones(4, int), np.tile([0.5, 0.5], (4, 1)), (0, 1))
    evidence = Evidence(brier, worse)
    assert (
        "is below the baseline's"
        in ANY_RULE.validate_python({"rule": "baseline", "metric": "brier"}).judge(evidence).message
    )


def test_a_calibration_error_of_just_the_limit_is_kept() -> None:
    always = Predictions("binary", np.ones(10, int), np.ones(10, int), np.full((10, 2), 0.5), (0, 1))
    assert judge({"rule": "calibration", "max_error": 0.5}, always).passed
    assert not judge({"rule": "calibration", "max_error": 0.49}, always).passed


def test_a_latency_of_just_the_limit_is_kept() -> None:
    rule = {"rule": "latency", "max_ms": 50}
    assert judge(rule, right(9, 10), time_predictions=lambda _: [0.05] * 3).passed
    assert not judge(rule, right(9, 10), time_predictions=lambda _: [0.051] * 3).passed


@pytest.mark.parametrize(("limit", "passed"), [(9.9, False), (10.1, True)])
def test_latency_is_what_95_of_100_predictions_keep(limit: float, passed: bool) -> None:
    times = [0.001] * 90 + [0.01] * 10
    found = judge({"rule": "latency", "max_ms": limit, "rows": 5}, right(9, 10), time_predictions=lambda rows: times)
    assert found.passed is passed
    assert found.numbers["p95_ms"] == pytest.approx(10)


@pytest.mark.parametrize(("size", "passed"), [(2_000_000, True), (2_000_001, False)])
def test_size_counts_the_bytes_of_the_file(size: int, passed: bool) -> None:
    assert judge({"rule": "size", "max_mb": 2}, right(9, 10), model_bytes=size).passed is passed


def mistakes(rule: dict[str, object], metric: str, features: tuple[str, ...] | None) -> list[tuple[object, ...]]:
    """Return what a rule says of a model before there is a candidate: the key, the first words, and what it follows
    from.
    """
    model = JudgedModel(metric_of(metric), features, lambda name: name == "who", ("gate", "metric"), ("columns",))
    return [(m.path, m.message, m.because) for m in ANY_RULE.validate_python(rule).mistakes_with(model)]


def test_a_rule_says_itself_what_does_not_suit_a_model() -> None:
    slices = {"rule": "slices", "by": ["x", "y", "who"], "above": 0.5}
    assert mistakes(slices, "accuracy", ("x",)) == [
        (("by", 1), "'y' is no feature of the model; slices are made by features; there are: x", (("columns",),)),
        (("by", 2), "'who' is marked pii, and slices show its values", ()),
    ]
    assert mistakes({**slices, "by": ["y"]}, "accuracy", None) == []  # a feature service may have it
    assert mistakes({**slices, "by": ["x"], "metric": "accuracy"}, "brier", ("x",)) == []  # a metric of its own
    floor = "the floor of rmse is given by `below`"
    assert mistakes({**slices, "by": ["x"]}, "rmse", ("x",)) == [(("above",), floor, (("gate", "metric"),))]


def test_a_model_without_a_file_has_no_size() -> None:
    assert judge({"rule": "size", "max_mb": 1}, right(1, 2)).numbers["mb"] == 0


def test_a_rule_of_a_metric_of_another_task_is_refused_at_the_key_that_names_it() -> None:
    message = "rmse and the gate's accuracy are not metrics of one task"
    found = mistakes({"rule": "threshold", "metric": "rmse", "below": 2}, "accuracy", ("x",))
    assert found == [(("metric",), message, (("gate", "metric"),))]
    assert mistakes({"rule": "size", "max_mb": 1}, "accuracy", ("x",)) == []
    message = "calibration_error and the gate's rmse are not metrics of one task"
    assert mistakes({"rule": "calibration"}, "rmse", ("x",)) == [((), message, (("gate", "metric"),))]
    assert mistakes({"rule": "calibration"}, "accuracy", ("x",)) == []


class EveryThird(Rule):
    """A rule of nobody's registry."""

    why = "for a test"
    rule: Literal["every_third"] = "every_third"

    def judge(self, evidence: Evidence) -> RuleOutcome:
        return RuleOutcome(name=self.name(), passed=len(evidence.candidate) % 3 == 0, message="thirds")


def test_a_rule_that_is_made_already_stays_as_it_is() -> None:
    rule = EveryThird()
    assert ANY_RULE.validate_python(rule) is rule
