"""How likely it is that two samples have the same shares: by a distribution, or by dealing the values again."""

import numpy as np
import pytest
from scipy import stats

from maestro_ml.drift_methods import homogeneity as alike
from maestro_ml.drift_methods.categories import Categories, smaller_p
from maestro_ml.drift_methods.homogeneity import Homogeneity, homogeneity

COMMON = np.array([[50, 30], [50, 80]])
RARE = np.array([[1, 0], [0, 1], [2, 0], [0, 3]])


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("table", [[[7, 5]], [[3, 0], [4, 0]], [[0, 3], [0, 4]]])
def test_one_category_or_one_side_shows_nothing(table: list[list[int]]) -> None:
    assert homogeneity(np.array(table)) == Homogeneity(0.0, 0.0, 1.0, smallest_p=1.0)


@pytest.mark.parametrize(
    ("table", "by_distribution"),
    [
        ([[5, 5], [6, 6]], True),  # expected 5 everywhere
        ([[1, 1], [5, 5], [5, 5], [5, 5], [5, 5]], True),  # a fifth below 5, none below 1
        ([[1, 1], [5, 5], [5, 5], [5, 5]], False),  # a quarter below 5
        ([[0, 1], [20, 20], [20, 20], [20, 20], [20, 20]], False),  # one below 1
    ],
)
def test_the_chi_square_distribution_holds_where_categories_are_not_rare(table, by_distribution: bool) -> None:
    found = homogeneity(np.array(table))
    expected = stats.chi2_contingency(np.array(table), correction=False)
    assert found.statistic == near(expected.statistic)
    if by_distribution:
        assert found == Homogeneity(near(expected.statistic), len(table) - 1, near(expected.pvalue), 0.0)
    else:
        assert found.smallest_p > 0


def test_the_moments_are_those_of_all_ways_to_deal() -> None:
    totals, first, second = np.array([1, 2, 3, 4]), 4, 6
    labels = np.repeat(np.arange(4), totals)
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(20_000):
        side = np.bincount(rng.permutation(labels)[:first], minlength=4)
        drawn.append(alike.pearson(np.column_stack([side, totals - side])))
    mean, variance = alike.moments(totals, first, second)
    assert mean == pytest.approx(np.mean(drawn), rel=0.02)
    assert variance == pytest.approx(np.var(drawn), rel=0.05)
    assert alike.gamma_tail(3.0, mean, variance) == near(stats.gamma.sf(3.0, mean**2 / variance, scale=variance / mean))


def test_three_values_are_dealt_too() -> None:
    assert alike.moments(np.array([2, 1]), 2, 1) == (1.5, 1.0)
    assert alike.moments(np.array([1, 1, 1]), 2, 1) == (3.0, 0.0)


@pytest.mark.parametrize(("categories", "drawn"), [(30, True), (31, False)])
def test_up_to_thirty_categories_that_repeat_are_drawn(categories: int, drawn: bool) -> None:
    table = np.array([[2, 0], [0, 2]] * 16)[:categories]
    found = homogeneity(table)
    assert (found.smallest_p > 0) is drawn
    assert found.p < 0.001


def test_values_that_are_there_once_are_drawn_as_one_block() -> None:
    table = np.array([[1, 0]] * 40 + [[0, 1]] * 40 + [[3, 0], [0, 3]])
    found = homogeneity(table)
    everything = 83 + 3  # of 86 rows
    mean, _ = alike.moments(table.sum(axis=1), 43, 43)
    assert (found.statistic, found.mean) == (near(everything), near(mean))
    # three of a kind on one side, twice: at best one way in five of dealing the second
    assert 0.05 < found.p < 0.15
    assert homogeneity(table[::-1]) == found


def test_a_statistic_that_every_split_has_shows_nothing() -> None:
    assert homogeneity(np.array([[1, 0], [0, 1]])) == Homogeneity(2.0, 2.0, 1.0, smallest_p=1.0)


def test_categories_are_rare_below_five_expected_in_the_smaller_side() -> None:
    categories = Categories(np.array([[50, 50], [5, 5], [6, 3], [1, 4]]))
    assert categories.common.tolist() == [[50, 50], [5, 5]]  # 62 of each
    assert categories.rare.tolist() == [[6, 3], [1, 4]]
    assert [each.tolist() for each in categories.rare_by_frequency] == [[[1, 4], [6, 3]]]
    assert categories.pooled.tolist() == [[50, 50], [5, 5], [7, 7]]
    assert categories.among_rare == homogeneity(np.array([[6, 3], [1, 4]]))
    assert Categories(np.array([[50, 50], [1, 4]])).among_rare is None
    assert Categories(np.array([[50, 50], [1, 0], [2, 0]])).among_rare is None


@pytest.mark.parametrize(("twice", "classes"), [(5, [10, 5]), (4, [14])])
def test_rare_categories_are_together_with_those_as_frequent(twice: int, classes: list[int]) -> None:
    rare = [[1, 0], [0, 1]] * 5 + [[1, 1]] * twice
    found = Categories(np.array([[1_000, 1_000], *rare])).rare_by_frequency
    assert [len(each) for each in found] == classes  # of ten values each side has five
    assert sum(int(each.sum()) for each in found) == 10 + 2 * twice


@pytest.mark.parametrize(
    ("pooled", "rare", "expected"),
    [
        ((0.02, 0.0), (0.5, 0.0), 0.04),
        ((0.5, 0.0), (0.02, 0.0), 0.04),
        ((0.7, 0.0), (0.8, 0.0), 1.0),
        ((1.0, 1.0), (0.02, 0.0), 0.02),
        ((0.02, 0.0), None, 0.02),
        ((1.0, 1.0), None, 1.0),
    ],
)
def test_of_two_tests_p_is_twice_the_smaller(pooled, rare, expected: float) -> None:
    tests = [each and Homogeneity(1.0, 1.0, *each) for each in (pooled, rare)]
    assert smaller_p(*tests) == near(expected)
