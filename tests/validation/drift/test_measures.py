"""Chi-square, PSI, Wasserstein and the corrections against scipy and against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control, wasserstein_distance

from maestro_ml.core.corrections import benjamini_hochberg, holm
from maestro_ml.drift_methods.chi_square import chi_square
from maestro_ml.drift_methods.psi import psi_of_counts, psi_of_numbers
from maestro_ml.drift_methods.wasserstein import wasserstein

NUMBERS = st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=40).map(np.array)
MODEST = settings(max_examples=60, derandomize=True, deadline=None)


@MODEST
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=8))
def test_chi_square_is_scipys_without_yates(rows):
    table = np.array([row for row in rows if sum(row)] or [(1, 1)])
    table += 10  # so that none is rare
    table[:, 1] += table[:, 0]
    outcome = chi_square(table)
    expected = chi2_contingency(table, correction=False)
    assert outcome.statistic == pytest.approx(expected.statistic, abs=1e-9)
    assert outcome.p_value == pytest.approx(expected.pvalue, abs=1e-12)
    assert 0 <= outcome.effect <= 1


def test_cramers_v_is_one_where_no_category_is_shared():
    assert chi_square(np.array([[50, 0], [0, 50]])).effect == pytest.approx(1)


def test_psi_by_hand_and_with_an_empty_bin():
    assert psi_of_counts(np.array([[50, 50], [50, 50]])).statistic == 0
    assert psi_of_counts(np.array([[50, 25], [50, 75]])).statistic == pytest.approx(
        -0.25 * math.log(0.5) + 0.25 * math.log(1.5)
    )
    assert psi_of_counts(np.array([[100, 0], [0, 100]])).statistic == pytest.approx(2 * math.log(1e4), rel=1e-3)


def test_psi_sees_values_below_a_constant_reference_and_above_it():
    same, below, above = (psi_of_numbers(np.full(100, 5), np.full(100, v)).statistic for v in (5, 4, 6))
    assert same == 0
    assert below > 1
    assert above > 1


def test_psi_takes_infinities_and_grows_with_the_shift():
    reference = np.random.default_rng(0).normal(size=5_000)
    shifts = [psi_of_numbers(reference, reference + shift).statistic for shift in (0, 0.1, 0.5, np.inf)]
    assert shifts[0] == 0
    assert shifts == sorted(shifts)
    assert math.isfinite(shifts[-1])


@MODEST
@given(NUMBERS, NUMBERS)
def test_wasserstein_is_scipys_over_the_spread_of_the_reference(reference, current):
    outcome = wasserstein(reference, current)
    distance = wasserstein_distance(reference, current)
    if reference.std() == 0:
        assert (outcome.obstacle is None) == (distance == 0)
    else:
        assert outcome.statistic == pytest.approx(distance / reference.std(), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_nothing_has_a_distance_from_infinity(value):
    assert "infinite" in wasserstein(np.array([1.0, 2.0]), np.array([1.0, value])).obstacle


@MODEST
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_is_scipys_and_below_holm(p_values):
    corrected = benjamini_hochberg(p_values)
    assert corrected == pytest.approx(list(false_discovery_control(p_values)))
    assert all(raw <= bh <= h + 1e-15 for raw, bh, h in zip(p_values, corrected, holm(p_values), strict=True))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([0.7, 0.9]) == [1.0, 1.0]


def test_huge_values_are_compared_as_their_halves_are():
    reference, current = np.array([1.0, 2.0, 4.0, 7.0]), np.array([2.0, 3.0, 9.0])
    usual = wasserstein(reference, current).statistic
    assert wasserstein(reference * 2.0**1000, current * 2.0**1000).statistic == usual
    assert wasserstein(reference * 2.0**-500, current * 2.0**-500).statistic == usual


def test_a_constant_whose_mean_is_rounded_is_a_constant():
    assert "constant" in wasserstein(np.full(10, 0.1), np.full(10, 0.2)).obstacle


def test_whole_numbers_that_no_double_distinguishes_are_in_bins_of_their_own():
    reference = np.array([2**53, 2**53 + 1] * 50, dtype=np.int64)
    assert psi_of_numbers(reference, reference).statistic == 0
    assert psi_of_numbers(reference, np.full(100, 2**53 + 1, dtype=np.int64)).statistic > 0.25


def test_nothing_lies_below_the_smallest_whole_number():
    least = np.full(10, np.iinfo(np.int64).min)
    assert psi_of_numbers(least, least).statistic == 0


def test_sides_of_very_different_sizes_do_not_overflow():
    outcome = wasserstein(np.array([0.0, 1e200]), np.array([0.0, 1e-200]))
    assert outcome.statistic == pytest.approx(1.0)
    assert np.isfinite(outcome.numbers["distance"])
