"""Tests and bounds of the gate against scipy and against sums over every outcome."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from maestro_ml.gate_rules import statistics
from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.registry import metric_of

counts = st.integers(0, 400)
errors = st.floats(1e-4, 0.5)


@given(counts, counts)
def test_mcnemars_p_value_is_the_one_sided_binomial_test_of_the_rows_that_differ(better: int, worse: int) -> None:
    if better + worse:
        expected = stats.binomtest(better, better + worse, 0.5, alternative="greater").pvalue
        assert statistics.mcnemar(better, worse) == pytest.approx(expected, rel=1e-9)


def test_mcnemars_p_value_counts_every_way_the_rows_that_differ_can_fall() -> None:
    better, worse = 7, 3
    ways = [sum(way) >= better for way in product((0, 1), repeat=better + worse)]
    assert statistics.mcnemar(better, worse) == pytest.approx(sum(ways) / len(ways))


def test_mcnemar_takes_arrays_and_equal_models_have_the_p_value_1() -> None:
    assert statistics.mcnemar(0, 0) == 1.0
    assert statistics.mcnemar(np.array([0, 5, 0]), np.array([0, 0, 5])) == pytest.approx([1.0, 1 / 32, 1.0])


@given(counts, st.integers(1, 400), st.floats(0.01, 0.99))
def test_the_tails_of_a_share_are_the_binomial_tests(successes: int, more: int, chance: float) -> None:
    trials = successes + more
    greater = stats.binomtest(successes, trials, chance, alternative="greater").pvalue
    less = stats.binomtest(successes, trials, chance, alternative="less").pvalue
    assert statistics.at_least(successes, trials, chance) == pytest.approx(greater, rel=1e-6, abs=1e-14)
    assert statistics.at_most(successes, trials, chance) == pytest.approx(less, rel=1e-6, abs=1e-14)


@given(counts, st.integers(1, 400), errors)
def test_the_exact_bound_is_clopper_and_pearsons(successes: int, more: int, error: float) -> None:
    trials = successes + more
    ci = stats.binomtest(successes, trials, alternative="greater").proportion_ci(1 - error, method="exact")
    assert statistics.exact_lower(successes, trials, error) == pytest.approx(ci.low, abs=1e-8)


@pytest.mark.parametrize("rows", [500, 100_000])
def test_the_bootstraps_error_of_a_mean_is_the_known_one_however_many_rows_there_are(rows: int) -> None:
    values = np.random.default_rng(1).normal(size=rows)
    found = statistics.standard_error(lambda places: float(values[places].mean()), rows)
    assert found == pytest.approx(values.std() / math.sqrt(rows), rel=0.1)


@given(counts, st.integers(1, 400), errors)
def test_wilsons_bound_is_scipys(successes: int, more: int, error: float) -> None:
    trials = successes + more
    ci = stats.binomtest(successes, trials, alternative="greater").proportion_ci(1 - error, method="wilson")
    assert statistics.wilson_lower(successes, trials, error) == pytest.approx(ci.low, abs=1e-8)


@pytest.mark.parametrize(("trials", "chance", "error"), [(50, 0.85, 0.05), (200, 0.5, 0.001), (30, 0.97, 0.05)])
def test_the_exact_bound_is_too_high_at_most_as_often_as_it_says(trials: int, chance: float, error: float) -> None:
    wrong = sum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
        for k in range(trials + 1)
        if statistics.exact_lower(k, trials, error) > chance
    )
    assert wrong <= error


def binary(actual: list[int], predicted: list[int]) -> Predictions:
    shares = np.column_stack([1 - np.array(predicted), np.array(predicted)]).astype(float)
    return Predictions("binary", np.array(actual), np.array(predicted), shares, (0, 1))


def test_the_shares_behind_accuracy_recall_and_precision() -> None:
    rows = binary([1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0, 0])
    for name, counted in {"accuracy": (6, 8), "recall": (2, 3), "precision": (2, 3)}.items():
        found = statistics.shares_of(metric_of(name), rows)
        assert found == statistics.Shares(*counted)
        assert metric_of(name).compute(rows) == pytest.approx(counted[0] / counted[1])
    assert statistics.shares_of(metric_of("f1"), rows) is None


def test_precision_of_several_classes_is_no_share() -> None:
    rows = Predictions("multiclass", np.array([0, 1, 2]), np.array([0, 1, 1]), None, ("a", "b", "c"))
    assert statistics.shares_of(metric_of("precision"), rows) is None
    assert statistics.shares_of(metric_of("accuracy"), rows) == statistics.Shares(2, 3)


def test_the_bootstraps_error_of_a_mean_is_the_textbooks() -> None:
    rng = np.random.default_rng(1)
    actual = rng.normal(size=2_000)
    rows = Predictions("regression", actual, np.zeros(2_000))
    expected = np.abs(actual).std(ddof=1) / math.sqrt(2_000)
    assert statistics.error_of(metric_of("mae"), rows) == pytest.approx(expected, rel=0.1)


@settings(max_examples=3, deadline=None)
@given(st.integers(20, 200), st.integers(0, 1_000))
def test_a_bound_is_never_better_than_the_value(rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = binary(rng.integers(0, 2, rows).tolist(), rng.integers(0, 2, rows).tolist())
    for name in ("accuracy", "recall"):
        found = statistics.bound_of(metric_of(name), drawn, 0.05)
        assert not found.bound > found.value
    number = Predictions("regression", rng.normal(size=rows), rng.normal(size=rows))
    found = statistics.bound_of(metric_of("rmse"), number, 0.05)
    assert found.bound > found.value
    assert found.method == "bootstrap"


def test_a_bootstrap_bound_is_the_value_less_its_error_times_the_quantile() -> None:
    actual = np.arange(200) % 2
    rows = Predictions("binary", actual, np.where(np.arange(200) < 30, 1 - actual, actual), None, (0, 1))
    f1 = metric_of("f1")
    found = statistics.bound_of(f1, rows, 0.05, exact=False)
    assert found.method == "bootstrap"
    assert found.value - found.bound == pytest.approx(stats.norm.ppf(0.95) * statistics.error_of(f1, rows))
    assert 0 < found.value - found.bound < 0.1
