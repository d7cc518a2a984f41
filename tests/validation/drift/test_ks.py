"""The statistic against scipy's, to the last bit; the p-value against its exact and asymptotic ones."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, kstwo

from maestro_ml.core.sided import CURRENT, REFERENCE, Sided, of_side
from maestro_ml.drift_methods.ecdf import arrays, buckets
from maestro_ml.drift_methods.ecdf.p_value import asymptotic, p_value
from maestro_ml.drift_methods.ks import ks_of_numbers

KINDS = {
    "normal": lambda r, n: r.normal(size=n),
    "rounded": lambda r, n: np.round(r.normal(size=n), 1),
    "integers": lambda r, n: r.integers(0, 50, n),
    "64-bit extremes": lambda r, n: r.integers(-(2**63), 2**63 - 1, n),
    "beyond a double's whole numbers": lambda r, n: 2**53 + r.integers(0, 6, n),
    "constant": lambda r, n: np.full(n, 3.5),
    "infinities and signed zeros": lambda r, n: np.where(
        r.random(n) < 0.4, r.choice([np.inf, -np.inf, 0.0, -0.0], n), r.normal(size=n)
    ),
    "long tails": lambda r, n: r.standard_cauchy(n),
    "all magnitudes": lambda r, n: np.exp(r.normal(size=n) * 50),
    "the ends of a double": lambda r, n: r.choice([-1.7e308, 1.7e308, 5e-324, 0.0, 1e-310], n),
    "single precision": lambda r, n: r.normal(size=n).astype(np.float32),
    "unsigned": lambda r, n: r.integers(0, 2**64 - 1, n, dtype=np.uint64),
}


def kolmogorov_smirnov(reference, current):
    """Return the statistic and the p-value."""
    outcome = ks_of_numbers(reference, current)
    return outcome.statistic, outcome.p_value


def scipys(reference: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        result = ks_2samp(reference, current)
    return float(result.statistic), float(result.pvalue)


@pytest.fixture
def few_buckets(monkeypatch):
    """Provide buckets so coarse, for so few values, that small samples take the way of large ones, in all its
    branches.
    """
    monkeypatch.setattr(buckets, "BUCKETS", 64)
    monkeypatch.setattr(buckets, "ROWS_AT_ONCE", 100)
    monkeypatch.setattr(arrays, "FEW_VALUES", 0)


def test_ten_thousand_pairs_have_scipys_statistic_and_p_value(few_buckets):
    random = np.random.default_rng(2024)
    draws = list(KINDS.values())
    for i in range(10_080):
        draw = draws[i % len(draws)]
        reference, current = (draw(random, int(size)) for size in np.exp(random.uniform(0, 5, 2)))
        if i % 3 == 0 and reference.dtype == np.float64:
            current = current + random.normal() / 2
        expected = scipys(reference, current)
        found = kolmogorov_smirnov(reference, current)
        assert found[0] == expected[0], (i, reference, current)
        assert found[1] == pytest.approx(expected[1], rel=1e-9, abs=3e-6), (i, reference, current)


@pytest.mark.parametrize("kind", KINDS)
def test_large_samples_have_scipys_statistic(kind):
    random = np.random.default_rng(7)
    reference, current = KINDS[kind](random, 40_000), KINDS[kind](random, 30_011)
    found, expected = kolmogorov_smirnov(reference, current), scipys(reference, current)
    assert found[0] == expected[0]
    assert found[1] == pytest.approx(expected[1], abs=3e-6)


VALUES = st.lists(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 2.0, math.inf, -math.inf, 1.7e308, -1.7e308, 5e-324])
    | st.floats(-1e3, 1e3, width=16),
    min_size=1,
    max_size=60,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(reference=VALUES, current=VALUES)
def test_the_statistic_is_the_largest_distance_of_the_two_empirical_distributions(reference, current):
    """Against the definition, written out."""

    def below(values: list[float], limit: float) -> float:
        return sum(v <= limit for v in values) / len(values)

    distance = max(abs(below(reference, v) - below(current, v)) for v in (*reference, *current))
    sides = np.array(reference), np.array(current)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "FEW_VALUES", 0)
        assert arrays.largest_distance(*sides) == distance
    assert arrays.largest_distance(*sides) == distance


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("few", "kept"), [(0, 4_000), (0, 0), (20_000, 4_000)])
def test_values_that_lie_one_among_the_other_have_the_same_distance(kind, few, kept, few_buckets, monkeypatch):
    monkeypatch.setattr(arrays, "FEW_VALUES", few)
    monkeypatch.setattr(arrays, "MOST_KEPT", kept)
    random = np.random.default_rng(9)
    values, sides = KINDS[kind](random, 2_000), random.integers(-1, 2, 2_000).astype(np.int8)
    if np.issubdtype(values.dtype, np.floating):
        values[random.random(2_000) < 0.05] = np.nan
    parts = [Sided(values[i : i + 300], sides[i : i + 300]).without_nan for i in range(0, 1_800, 300)]
    parts.append(Sided(values[1_800:], REFERENCE).without_nan)
    reference, current = (of_side(parts, side) for side in (REFERENCE, CURRENT))
    found = arrays.distance(parts)
    assert found[:2] == (len(reference), len(current))
    assert p_value(*found)[0] == scipys(reference, current)[0]


@pytest.mark.parametrize("few", [0, 20_000])
def test_a_side_without_a_value_is_no_distance_away(few, few_buckets, monkeypatch):
    monkeypatch.setattr(arrays, "FEW_VALUES", few)
    assert arrays.distance([Sided(np.array([1.0, 2.0]), CURRENT)]) == (0, 2, 0.0)
    assert arrays.distance([]) == (0, 0, 0.0)


def test_small_samples_have_the_exact_p_value():
    # All of one side above all of the other: 2 of the C(6, 3) = 20 orders are as far apart.
    assert kolmogorov_smirnov(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])) == (1.0, pytest.approx(0.1))


@pytest.mark.parametrize("sizes", [(1, 1), (1, 9), (7, 7), (60, 84), (900, 1_000), (9_999, 10_000), (10_000, 10_000)])
def test_up_to_ten_thousand_values_the_p_value_is_scipys_exact_one(sizes):
    random = np.random.default_rng(sum(sizes))
    for shift in (0.0, 0.02, 0.2):
        reference, current = random.normal(size=sizes[0]), random.normal(shift, size=sizes[1])
        result = ks_2samp(reference, current, method="exact")
        assert p_value(*sizes, arrays.largest_distance(reference, current)) == (
            result.statistic,
            pytest.approx(result.pvalue, rel=1e-9),
        )


def test_one_value_more_makes_it_asymptotic():
    exact, asymptotically = p_value(10_000, 10_000, 0.0192)[1], p_value(10_001, 10_000, 0.0192)[1]
    assert exact == pytest.approx(ks_2samp_p(10_000, 10_000, 0.0192), rel=1e-9)
    assert asymptotically == pytest.approx(float(kstwo.sf(0.0192, 5_000)), abs=1e-8)
    assert abs(exact - asymptotically) > 1e-5


@pytest.mark.parametrize("sizes", [(10_001, 10_003), (20_000, 30_001), (10_001, 7), (40_000, 10_001)])
def test_the_effective_size_is_the_nearest_whole_number_to_scipys(sizes):
    size, other = sizes
    for squared in (0.4, 1.5, 4.0):
        statistic = math.sqrt(squared * (size + other) / (size * other))
        expected = float(kstwo.sf(statistic, round(size * other / (size + other))))
        assert p_value(size, other, statistic)[1] == pytest.approx(expected, rel=1e-7, abs=0)


@pytest.mark.parametrize("n", [5_000, 100_001])
@pytest.mark.parametrize("squared", [2.1, 2.3, 5.0, 10.0, 20.0, 100.0])
def test_the_smallest_p_values_have_their_digits_too(n, squared):
    statistic = math.sqrt(squared / n)
    assert asymptotic(n, statistic) == pytest.approx(float(kstwo.sf(statistic, n)), rel=1e-4, abs=0)


def test_the_distance_may_lie_among_values_far_from_all_others():
    whole = np.arange(30_000) % 50
    for sign in (1, -1):
        reference, current = whole.copy(), whole.copy()
        reference[:90], current[:90] = sign * 10**9, sign * 2 * 10**9
        assert kolmogorov_smirnov(reference, current)[0] == scipys(reference, current)[0] == pytest.approx(0.003)


def ks_2samp_p(size: int, other: int, statistic: float) -> float:
    """Return scipy's p-value of two samples that are so far apart: one is the other with its lowest values moved up."""
    reference = np.arange(float(size))
    current = np.where(np.arange(size) < round(statistic * size), 1e9, reference)
    result = ks_2samp(reference, current)
    assert result.statistic == pytest.approx(statistic)
    return float(result.pvalue)


@pytest.mark.parametrize("n", [1, 20, 140, 141, 500, 5_000, 100_001, 300_000])
def test_the_asymptotic_p_value_is_that_of_the_one_sample_test(n):
    for squared in (0.05, 0.3, 0.9, 1.84, 2.1, 2.3, 5.0, 40.0, 369.0, 371.0):
        statistic = math.sqrt(squared / n)
        expected = float(kstwo.sf(statistic, n))
        assert asymptotic(n, statistic) == pytest.approx(expected, rel=2e-4, abs=3e-6), squared
        if 0.05 < expected < 0.9:
            assert asymptotic(n, statistic) == pytest.approx(expected, abs=1e-6)


def test_a_second_is_not_spent_on_importing_scipy_stats():
    """Where it is not needed; every Airflow task is a new process."""
    import subprocess
    import sys

    code = """
import sys
import numpy as np
from maestro_ml.drift_methods.ks import ks_of_numbers as kolmogorov_smirnov
random = np.random.default_rng(0)
for sizes in ((50, 60), (30_000, 20_000)):
    for shift in (0, 0.03, 1):
        kolmogorov_smirnov(random.normal(size=sizes[0]), random.normal(shift, size=sizes[1]))
assert not [name for name in sys.modules if name.startswith(("scipy", "sklearn", "pandas"))]
"""
    subprocess.run([sys.executable, "-c", code], check=True)
