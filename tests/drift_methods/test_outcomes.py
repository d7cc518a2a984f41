"""Every field of what each drift method returns, and the edges at which it takes another way."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from maestro_ml.drift_methods import psi as index
from maestro_ml.drift_methods.categories import shares_differ
from maestro_ml.drift_methods.chi_square import chi_square
from maestro_ml.drift_methods.homogeneity import homogeneity
from maestro_ml.drift_methods.jensen_shannon import of_counts, of_numbers
from maestro_ml.drift_methods.ks import ks_of_distance
from maestro_ml.drift_methods.method import Outcome
from maestro_ml.drift_methods.psi import psi_of_categories, psi_of_counts, psi_of_numbers
from maestro_ml.drift_methods.wasserstein import wasserstein

COMMON = np.array([[50, 30], [50, 80]])
RARE = np.array([[1, 0], [0, 1], [2, 0], [0, 3]])


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_chi_square_of_common_categories() -> None:
    expected = stats.chi2_contingency(COMMON, correction=False)
    assert chi_square(COMMON) == Outcome(
        100,
        110,
        statistic=near(expected.statistic),
        description=f"chi-square = {expected.statistic:.4g} over 2 categories, Cramér's V = {{value}}",
        p_value=near(expected.pvalue),
        smallest_p=0.0,
        effect=near(math.sqrt(expected.statistic / 210)),
        numbers={"categories": 2},
    )


def test_chi_square_of_common_and_rare_categories() -> None:
    table = np.vstack([COMMON, RARE])
    pooled = np.vstack([COMMON, RARE.sum(axis=0)])
    first, second = homogeneity(pooled), homogeneity(RARE)
    found = chi_square(table)
    assert found.numbers == {
        "categories": 3,
        "rare_categories": 4,
        "rare_statistic": second.statistic,
        "rare_expected": second.mean,
        "rare_p_value": second.p,
    }
    assert found.p_value == 2 * first.p
    assert first.p < second.p  # so the statistic is that of the pooled table
    assert (found.reference, found.current, found.statistic) == (103, 114, first.statistic)
    assert found.smallest_p == min(first.smallest_p, second.smallest_p)
    assert found.description == (
        f"chi-square = {first.statistic:.4g} over 3 categories and {second.statistic:.4g} among 4 rare ones "
        f"(chance: {second.mean:.6g}), Cramér's V = {{value}}"
    )
    size, rare = 217, RARE.sum(axis=0)
    as_one = stats.chi2_contingency(pooled, correction=False).statistic / size
    beyond = (second.statistic - second.mean) / (7 - second.mean)
    explained = as_one + beyond * (rare[0] / 103) * (rare[1] / 114) * size / 7
    assert found.effect == near(math.sqrt(explained))


def test_chi_square_of_rare_categories_alone() -> None:
    rare = homogeneity(RARE)
    found = chi_square(RARE)
    assert found.description == f"chi-square = 7 among 4 rare ones (chance: {rare.mean:.6g}), Cramér's V = {{value}}"
    assert (found.p_value, found.smallest_p, found.statistic) == (rare.p, rare.smallest_p, near(7))
    assert found.effect == near(1)


def test_samples_with_the_same_shares_differ_by_no_p_value() -> None:
    assert chi_square(np.array([[1, 1], [2, 2]])).smallest_p == 0.0
    assert not shares_differ(np.array([[1, 2], [3, 6]]))
    assert shares_differ(np.array([[1, 2], [3, 7]]))


def test_psi_of_common_categories() -> None:
    shares = COMMON / COMMON.sum(axis=0)
    expected = sum((b - a) * math.log(b / a) for a, b in shares)
    outcome = Outcome(100, 110, statistic=near(expected), description="PSI = {value} over 2 bins", numbers={"bins": 2})
    assert psi_of_counts(COMMON) == outcome
    assert psi_of_categories(COMMON) == outcome


def test_psi_counts_rare_categories_only_where_chance_is_unlikely() -> None:
    common = np.array([[500, 300], [500, 700]])
    table = np.vstack([common, [[3, 0]] * 20, [[0, 3]] * 20])
    among = index.psi_among_rare(table[2:], (1_060, 1_060))
    pooled = psi_of_counts(np.vstack([common, [60, 60]])).statistic
    assert among > 0.5
    assert psi_of_categories(table) == Outcome(
        1_060,
        1_060,
        statistic=near(pooled + among),
        description=f"PSI = {{value}} over 3 bins, {among:.4f} of it among 40 rare values",
        numbers={"bins": 3, "rare_categories": 40, "rare_psi": near(among)},
    )
    few = psi_of_categories(np.vstack([COMMON, RARE]))
    assert few.numbers == {"bins": 3, "rare_categories": 4, "rare_psi": 0.0}
    alone = psi_of_categories(RARE)
    assert (alone.smallest_p, alone.numbers["bins"]) == (homogeneity(RARE).smallest_p, 1)
    assert psi_of_categories(np.array([[1, 1], [2, 2]])).smallest_p == 0.0


def test_psi_of_numbers_is_over_tenths_of_the_reference() -> None:
    reference = np.arange(100.0)
    found = psi_of_numbers(reference, np.repeat(reference[:50], 2))
    shares = np.array([[0.1, 0.2]] * 5 + [[0.1, 1e-4]] * 5)
    assert found == Outcome(
        100,
        100,
        statistic=near(sum((b - a) * math.log(b / a) for a, b in shares)),
        description="PSI = {value} over 10 bins",
        numbers={"bins": 10},
    )


@pytest.mark.parametrize(("sign", "beyond", "bins"), [(1, 9, 10), (1, 10, 11), (-1, 9, 10), (-1, 10, 11)])
def test_values_beyond_the_reference_have_a_bin_from_where_they_are_no_chance(
    sign: int, beyond: int, bins: int
) -> None:
    reference = sign * np.arange(100.0)
    current = np.concatenate([reference[: 100 - beyond], np.full(beyond, sign * 200.0)])
    chance = math.comb(200 - beyond, 100) / math.comb(200, 100)
    assert (math.log(chance) < -6.9) == (bins == 11)
    assert psi_of_numbers(reference, current).numbers["bins"] == bins


def test_the_next_smaller_value_is_of_the_same_type() -> None:
    assert index.largest_below(np.array([3, -(2**63)])).tolist() == [2]
    assert index.largest_below(np.array([1.0], np.float32)).tolist() == [np.nextafter(np.float32(1), np.float32(0))]


def test_the_jensen_shannon_distance_of_counts() -> None:
    expected = jensenshannon(*(COMMON / COMMON.sum(axis=0)).T, base=2)
    text = "Jensen-Shannon distance = {value} over 2 bins"
    assert of_counts(COMMON) == Outcome(100, 110, statistic=near(expected), description=text, numbers={"bins": 2})


@pytest.mark.parametrize(
    ("reference", "current", "bins"),
    [
        (np.arange(1_000.0), np.arange(1_000.0), 10),  # by the rule of Freedman and Diaconis
        (np.arange(1_000.0), np.arange(2_000.0), 20),
        (np.arange(1_000.0), np.array([0.0, 1e9]), 100),
        (np.array([1.0] * 9 + [2.0]), np.array([3.0]), 10),  # no spread
    ],
)
def test_bins_of_the_jensen_shannon_distance(reference: np.ndarray, current: np.ndarray, bins: int) -> None:
    width = 2 * stats.iqr(reference) / len(reference) ** (1 / 3)
    span = max(reference.max(), current.max()) - min(reference.min(), current.min())
    assert bins == (min(100, max(10, int(span / width))) if width else 10)
    found = of_numbers(reference, current)
    assert (found.numbers["bins"], found.reference, found.current) == (bins, len(reference), len(current))


def test_infinite_values_are_said_with_the_sizes_of_both_sides() -> None:
    infinite = np.array([1.0, 2.0, math.inf])
    obstacle = "there are infinite values, which no bin of a width holds"
    assert of_numbers(infinite, np.ones(2)) == Outcome(3, 2, obstacle=obstacle)
    obstacle = "there are infinite values, which are infinitely far away"
    assert wasserstein(np.ones(2), infinite) == Outcome(2, 3, obstacle=obstacle)


@pytest.mark.parametrize(("reference", "current"), [(3, 5), (40, 50), (50, 40), (41, 50)])
def test_the_smallest_p_value_of_ks_is_that_of_samples_that_do_not_overlap(reference: int, current: int) -> None:
    found = ks_of_distance(reference, current, 1.0)
    smallest = 2 / math.comb(reference + current, reference)
    assert found == Outcome(
        reference,
        current,
        statistic=1.0,
        description="D = {value}",
        p_value=near(smallest),
        smallest_p=near(smallest) if min(reference, current) <= 40 else 0.0,
        effect=1.0,
    )


def test_equal_samples_need_no_smallest_p_value() -> None:
    assert ks_of_distance(3, 3, 0.0).smallest_p == 0.0
    assert ks_of_distance(1, 1, 1.0).smallest_p == 1.0


def test_wasserstein_has_the_distance_and_the_spread() -> None:
    found = wasserstein(np.array([0.0, 4.0]), np.array([1.0, 3.0, 5.0]))
    distance = stats.wasserstein_distance([0, 4], [1, 3, 5])
    assert found == Outcome(
        2,
        3,
        statistic=near(distance / 2),
        description="Wasserstein distance = {value} standard deviations",
        numbers={"distance": near(distance), "spread": near(2)},
    )
    constant = np.full(4, 3.0)
    assert wasserstein(constant, constant).numbers == {"distance": 0.0, "spread": 0.0}
    obstacle = "the reference is constant, and the window is not the same"
    assert wasserstein(constant, np.array([3.0, 4.0])) == Outcome(4, 2, obstacle=obstacle)
