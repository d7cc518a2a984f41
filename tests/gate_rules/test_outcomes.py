"""Every field of what each rule finds: the limit, the numbers and the sentence."""

import numpy as np
import pytest
from judged_rules import judge, right
from scipy import stats

from maestro_ml.gate_rules.evidence import Champion
from maestro_ml.gate_rules.outcome import RuleOutcome
from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.registry import metric_of

ACTUAL = np.arange(8.0)
NEAR = Predictions("regression", ACTUAL, ACTUAL + np.array([1, -1] * 4))
FAR = Predictions("regression", ACTUAL, ACTUAL + np.array([1, -2] * 4))


def fields(found: RuleOutcome) -> dict[str, object]:
    """Return what was found, without the sentence and the numbers."""
    return found.model_dump(exclude={"message", "numbers"})


def outcome(name: str, limit: float, passed: bool, metric: str | None = None) -> dict[str, object]:
    return {"name": name, "limit": limit, "required": True, "passed": passed, "metric": metric, "slices": ()}


@pytest.mark.parametrize(
    ("rule", "rows", "passed", "message", "value"),
    [
        ({"metric": "accuracy", "above": 0.85}, right(85, 100), False, "accuracy 0.85 is not above 0.85", 0.85),
        ({"metric": "accuracy", "above": 0.0}, right(85, 100), True, "accuracy 0.85 is above 0", 0.85),
        ({"metric": "mae", "below": 1.5}, NEAR, True, "mae 1 is below 1.5", 1.0),
        ({"metric": "mae", "below": 1}, NEAR, False, "mae 1 is not below 1", 1.0),
    ],
)
def test_a_threshold_on_the_value(rule, rows, passed, message, value) -> None:
    found = judge({"rule": "threshold", **rule}, rows)
    assert fields(found) == outcome("threshold", rule.get("above", rule.get("below")), passed, rule["metric"])
    assert found.message == message
    assert found.numbers == {"value": value, "rows": len(rows)}


@pytest.mark.parametrize(
    ("declared", "spent", "error", "method"),
    [
        ({}, None, 0.05, "Wilson"),
        ({}, 0.01, 0.01, "Clopper-Pearson"),
        ({"confidence": 0.9}, 0.01, 0.1, "Wilson"),
        ({"confidence": 0.9}, None, 0.1, "Wilson"),
    ],
)
def test_a_threshold_on_the_bound_of_a_share(declared, spent, error, method) -> None:
    rule = {"rule": "threshold", "metric": "accuracy", "above": 0.85, "bound": "lower", **declared}
    found = judge(rule, right(900, 1_000), error=spent)
    kind = "wilson" if method == "Wilson" else "exact"
    bound = stats.binomtest(900, 1_000, alternative="greater").proportion_ci(1 - error, method=kind).low
    assert fields(found) == outcome("threshold", 0.85, True, "accuracy")
    numbers = {"value": 0.9, "lower_bound": bound, "confidence": 1 - error, "rows": 1_000}
    assert {k: v for k, v in found.numbers.items() if k != "method"} == pytest.approx(numbers)
    assert found.numbers["method"] == method
    assert found.message == (
        f"accuracy is 0.9, and with {1 - error:g} confidence at least {bound:.6g} ({method}), which is above 0.85"
    )


def test_a_threshold_on_the_bound_of_an_error() -> None:
    found = judge({"rule": "threshold", "metric": "mae", "below": 1.0, "bound": "lower"}, FAR)
    assert fields(found) == outcome("threshold", 1.0, False, "mae")
    assert set(found.numbers) == {"value", "upper_bound", "confidence", "method", "rows"}
    assert found.message.startswith("mae is 1.5, and with 0.95 confidence at most 1.")
    assert found.message.endswith(" (bootstrap), which is not below 1")


@pytest.mark.parametrize(("confidence", "refused"), [(0.49, True), (0.5, False), (0.999, False), (1, True)])
def test_a_confidence_is_at_least_a_half_and_less_than_1(confidence: float, refused: bool) -> None:
    rule = {"rule": "threshold", "metric": "accuracy", "above": 0.5, "bound": "lower", "confidence": confidence}
    if refused:
        with pytest.raises(ValueError, match="confidence"):
            judge(rule, right(85, 100))
    else:
        assert judge(rule, right(85, 100)).numbers["confidence"] == confidence


@pytest.mark.parametrize(
    ("declared", "rows", "passed", "message"),
    [
        ({"max_ms": 12, "rows": 1_000}, 1_000, False, "of 1,000 rows take up to 29 ms, above 12 ms"),
        ({"max_ms": 40}, 1, True, "of a row take up to 29 ms, at most 40 ms"),
    ],
)
def test_a_latency(declared, rows, passed, message) -> None:
    asked: list[int] = []

    def times(count: int) -> list[float]:
        asked.append(count)
        return [0.03, 0.01, 0.02]

    found = judge({"rule": "latency", **declared}, right(1, 2), time_predictions=times)
    assert asked == [rows]
    assert fields(found) == outcome("latency", declared["max_ms"], passed)
    assert found.message == f"95 of 100 predictions {message}"
    assert found.numbers == pytest.approx({"p95_ms": 29.0, "median_ms": 20.0, "rows": rows, "repeats": 3})


@pytest.mark.parametrize(
    ("limit", "passed", "message"), [(2, True, "1.5 MB, at most 2 MB"), (1, False, "1.5 MB, above 1 MB")]
)
def test_a_size(limit: int, passed: bool, message: str) -> None:
    found = judge({"rule": "size", "max_mb": limit}, right(1, 2), model_bytes=1_500_000)
    assert fields(found) == outcome("size", limit, passed)
    assert found.message == f"the model's file has {message}"
    assert found.numbers == {"mb": 1.5}


@pytest.mark.parametrize(("correct", "passed", "message"), [(0, False, "0 is not above"), (5, True, "0.5 is above")])
def test_a_baseline(correct: int, passed: bool, message: str) -> None:
    found = judge({"rule": "baseline", "metric": "accuracy"}, right(correct, 10))
    assert fields(found) == outcome("baseline", 0.0, passed, "accuracy")
    assert found.message == f"accuracy {message} the baseline's 0"
    assert found.numbers == {"value": correct / 10, "baseline": 0.0, "rows": 10}


@pytest.mark.parametrize(
    ("declared", "limit", "passed", "message"),
    [({}, 0.05, False, "above 0.05"), ({"max_error": 0.2}, 0.2, True, "at most 0.2")],
)
def test_a_calibration(declared, limit: float, passed: bool, message: str) -> None:
    found = judge({"rule": "calibration", **declared}, right(9, 10))
    assert fields(found) == outcome("calibration", limit, passed, "calibration_error")
    assert found.message == f"calibration error 0.1 is {message}"
    assert found.numbers == pytest.approx({"value": 0.1, "rows": 10})


@pytest.mark.parametrize(
    ("champion", "passed", "message", "numbers"),
    [
        (Champion(), True, "there is no champion yet", {}),
        (Champion("3", own="4"), True, "the candidate is version 4 already", {}),
        (
            Champion("3", obstacle="it is damaged"),
            False,
            "the champion, version 3, cannot be compared with: it is damaged",
            {"champion": "3"},
        ),
    ],
)
def test_an_improvement_without_answers_of_the_champion(champion, passed, message, numbers) -> None:
    rule = {"rule": "improvement", "metric": "accuracy"}
    for error, alpha in ((None, 0.05), (0.001, 0.001)):
        found = judge(rule, right(50, 100), champion=champion, error=error)
        assert fields(found) == outcome("improvement", alpha, passed, "accuracy")
        assert (found.message, found.numbers) == (message, {**numbers, "alpha": alpha})


@pytest.mark.parametrize(("alpha", "passed", "verdict"), [(0.1, True, "at most 0.1"), (0.02, False, "above 0.02")])
def test_an_improvement_of_accuracy(alpha: float, passed: bool, verdict: str) -> None:
    rule = {"rule": "improvement", "metric": "accuracy", "alpha": alpha}
    found = judge(rule, right(50, 100, 5), champion=Champion("3", right(40, 100)))
    p = stats.binomtest(15, 20, alternative="greater").pvalue
    assert fields(found) == outcome("improvement", alpha, passed, "accuracy")
    assert found.message == (
        "accuracy 0.5 against 0.4 of the champion, version 3: 15 rows only it gets right against 5; "
        f"p = 0.0207 is {verdict} (exact McNemar)"
    )
    expected = {"value": 0.5, "champion_value": 0.4, "rows": 100, "better_rows": 15, "worse_rows": 5, "p_value": p}
    texts = {"champion": "3", "method": "exact McNemar"}
    assert {k: v for k, v in found.numbers.items() if k not in texts} == pytest.approx({**expected, "alpha": alpha})
    assert {k: found.numbers[k] for k in texts} == texts


def test_a_p_value_of_just_alpha_is_an_improvement() -> None:
    champion = Champion("3", right(95, 100))
    for alpha, passed in ((1 / 32, True), (1 / 33, False)):  # five rows that differ, all for the candidate
        rule = {"rule": "improvement", "metric": "accuracy", "alpha": alpha}
        assert judge(rule, right(100, 100), champion=champion).passed is passed


@pytest.mark.parametrize(("metric", "mine", "theirs"), [("mae", 1.0, 1.5), ("r2", 1 - 8 / 42, 1 - 20 / 42)])
def test_an_improvement_of_a_regression(metric: str, mine: float, theirs: float) -> None:
    found = judge({"rule": "improvement", "metric": metric}, NEAR, champion=Champion("7", FAR))
    numbers = dict(found.numbers)
    error = numbers.pop("standard_error")
    rng, better = np.random.default_rng(0), metric_of(metric)
    sign = -1 if metric == "mae" else 1
    drawn = [rng.integers(0, 8, 8) for _ in range(500)]
    again = np.std([sign * (better.compute(NEAR.take(r)) - better.compute(FAR.take(r))) for r in drawn], ddof=1)
    assert error == pytest.approx(again)
    p = stats.norm.sf(abs(mine - theirs) / again)
    texts = {"champion": "7", "method": "paired bootstrap"}
    assert {k: numbers.pop(k) for k in texts} == texts
    difference = abs(mine - theirs)
    expected = {"value": mine, "champion_value": theirs, "rows": 8, "difference": difference, "p_value": p}
    assert numbers == pytest.approx({**expected, "alpha": 0.05})
    assert fields(found) == outcome("improvement", 0.05, p <= 0.05, metric)
    assert f": standard error of the difference {error:.6g}; p = {p:.3g} is " in found.message
    assert found.message.endswith("(paired bootstrap)")


def test_two_models_with_the_same_answers_are_no_improvement_on_each_other() -> None:
    found = judge({"rule": "improvement", "metric": "mae", "alpha": 0.5}, NEAR, champion=Champion("7", NEAR))
    assert (found.passed, found.numbers["p_value"], found.numbers["standard_error"]) == (False, 1.0, 0.0)


def test_an_improvement_that_is_the_same_for_every_row_is_certain() -> None:
    worse = Predictions("regression", ACTUAL, ACTUAL + 2)
    better = Predictions("regression", ACTUAL, ACTUAL + 1)
    found = judge({"rule": "improvement", "metric": "mae"}, better, champion=Champion("7", worse))
    assert (found.passed, found.numbers["p_value"]) == (True, 0.0)


@pytest.mark.parametrize("alpha", [0.5, 0.500001])
def test_alpha_is_at_most_a_half(alpha: float) -> None:
    rule = {"rule": "improvement", "metric": "accuracy", "alpha": alpha}
    if alpha > 0.5:
        with pytest.raises(ValueError, match="alpha"):
            judge(rule, right(1, 2))
    else:
        assert judge(rule, right(1, 2)).passed
