"""Categories too rare for the chi-square distribution: they are judged, or the finding says that they cannot be."""

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.drift_methods.chi_square import chi_square
from maestro_ml.drift_methods.homogeneity import homogeneity, pearson
from maestro_ml.drift_methods.psi import psi_of_categories, psi_of_counts, psi_of_numbers

METHODS = ("chi_square", "psi")
CODES = [f"A{i % 400}" for i in range(1000)]
OTHERS = [f"B{i % 400}" for i in range(1000)]


@pytest.fixture
def compared(judge, pick, events):
    """Provide the finding of a text (or boolean) column, with December's values against January's."""

    def found(method: str, december: list, january: list, kind: str = "string", **drift: object):
        frame = pd.concat(
            [
                events(start="2023-12-01", t=pd.array(december, "boolean" if kind == "boolean" else "string")),
                events(t=pd.array(january, "boolean" if kind == "boolean" else "string")),
            ]
        )
        # minutes, so that every row is inside its month
        start = [pd.Timestamp("2023-12-01", tz="UTC")] * len(december) + [pd.Timestamp("2024-01-01", tz="UTC")] * len(
            january
        )
        minutes = [*range(len(december)), *range(len(january))]
        frame["at"] = [moment + pd.Timedelta(minutes=m) for moment, m in zip(start, minutes, strict=True)]
        report = judge(
            frame,
            "drift",
            columns={"at": {"type": "timestamp"}, "t": {"type": kind}},
            reference={"kind": "previous"},
            drift={"tests": {"categorical": method}, **drift},
        )
        return pick(report, method, "t")

    return found


CHANGED = {
    "all replaced": (CODES, OTHERS),
    "half replaced": (CODES, CODES[:500] + OTHERS[500:]),
    "every other one replaced": (CODES, [f"{'AB'[i % 2]}{i % 400}" for i in range(1000)]),
    "some that are there once are new": (CODES, CODES[:900] + [f"u{i}" for i in range(100)]),
    "a frequent new one among many rare ones": (CODES, [*CODES[:900], *["new"] * 100]),
    "rare ones where common ones were": (["a", "b"] * 500, OTHERS),
    "common ones where rare ones were": (CODES, ["a", "b"] * 500),
    "all unique where common ones were": (["a", "b"] * 500, [f"u{i}" for i in range(1000)]),
    "one value where all were unique": ([f"u{i}" for i in range(1000)], ["a"] * 1000),
    "another constant": (["a"] * 200, ["b"] * 200),
    "new rare ones beside a common one": (["a"] * 500 + CODES[:500], ["a"] * 500 + OTHERS[:500]),
    "small samples": ([f"a{i % 5}" for i in range(15)], [f"b{i % 5}" for i in range(15)]),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("change", CHANGED)
def test_values_that_are_not_shared_are_drift(compared, method, change):
    found = compared(method, *CHANGED[change])
    assert found.violated
    assert found.message.startswith("differs from the reference")


ALIKE = {
    "the same rare values": (CODES, CODES),
    "as many rare values, others more often": (CODES, CODES[::-1]),
    "the same constant": (["a"] * 200, ["a"] * 300),
    "the same constant, twice": (["a"] * 2, ["a"] * 2),
    "the same unique values": ([f"u{i}" for i in range(500)], [f"u{i}" for i in range(500)]),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("same", ALIKE)
def test_values_that_are_shared_are_none(compared, method, same):
    found = compared(method, *ALIKE[same])
    assert not found.violated
    assert found.message.startswith("is like the reference")


UNKNOWN = {
    "unique values, new ones": ([f"a{i}" for i in range(500)], [f"b{i}" for i in range(500)]),
    "unique values but for one": ([f"a{i}" for i in range(500)], [f"b{i}" for i in range(499)] + ["b0"]),
    "three against three": (["a"] * 3, ["b"] * 3),
    "nothing before": ([None] * 10, ["a"] * 10),
    "nothing now": (["a"] * 10, [None] * 10),
    "no rows now": (["a"] * 10, []),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_cannot_be_judged_is_no_pass(compared, method, unknown):
    found = compared(method, *UNKNOWN[unknown])
    assert found.violated
    assert found.message.startswith("cannot be compared")


@pytest.mark.parametrize("method", METHODS)
def test_a_boolean_that_has_turned_is_drift(compared, method):
    assert compared(method, [True] * 100, [False] * 100, kind="boolean").violated
    assert not compared(method, [True, False] * 50, [False, True] * 50, kind="boolean").violated


def test_a_smallest_effect_holds_for_rare_values_too(compared):
    assert compared("chi_square", CODES, OTHERS, min_effect=0.9).violated
    assert not compared("chi_square", CODES, [*CODES[:970], *OTHERS[970:]], min_effect=0.9).violated


def test_psi_numbers_far_outside_the_reference_count(judge):
    reference = np.linspace(0, 1, 2_000)
    outside = np.concatenate([reference[:1_800], np.full(200, 1e9)])
    assert psi_of_numbers(reference, outside).statistic > 0.2
    assert psi_of_numbers(-reference, -outside).statistic > 0.2


def test_a_few_numbers_outside_are_chance():
    reference, current = np.random.default_rng(3).normal(size=(2, 5_000))
    assert psi_of_numbers(reference, current).numbers["bins"] == 10


def _table(reference: np.ndarray, current: np.ndarray) -> np.ndarray:
    counts = np.column_stack([np.bincount(side, minlength=10**5) for side in (reference, current)])
    return counts[counts.sum(axis=1) > 0]


@pytest.mark.parametrize("rare", [6, 40])
def test_values_that_each_occur_once_add_nothing_to_the_effect(rare):
    """As many rare values as rows is what chance gives: there is no variance left to explain."""
    common = [[500, 500], [400, 420]]
    once = chi_square(np.array([*common, *[[1, 0]] * rare, *[[0, 1]] * rare]))
    pooled = chi_square(np.array([*common, [rare, rare]]))
    assert once.effect == pytest.approx(pooled.effect)
    twice = chi_square(np.array([*common, *[[2, 0]] * rare, *[[0, 2]] * rare]))
    assert twice.effect > 2 * once.effect


SHAPES = {
    "many of the same frequency": lambda random, n: random.integers(0, 800, n),
    "a long tail": lambda random, n: random.zipf(1.5, n).clip(0, 99_999),
    "nearly unique": lambda random, n: random.integers(0, 20_000, n),
    "few": lambda random, n: random.choice(4, n, p=[0.9, 0.08, 0.015, 0.005]),
}


@pytest.mark.parametrize("sizes", [(1_000, 1_000), (1_000, 60), (40, 30)])
@pytest.mark.parametrize("shape", SHAPES)
def test_without_drift_p_is_below_the_limit_as_often_as_the_limit_says(shape, sizes):
    random = np.random.default_rng(11)
    tables = [_table(*(SHAPES[shape](random, n) for n in sizes)) for _ in range(200)]
    outcomes = [chi_square(table) for table in tables]
    alarms = np.mean([outcome.p_value < 0.05 for outcome in outcomes])
    assert alarms < 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
    assert np.mean([outcome.p_value < 0.001 for outcome in outcomes]) < 0.01


def test_with_drift_of_half_the_values_p_is_below_the_limit_nearly_always():
    random = np.random.default_rng(13)
    tables = [_table(random.integers(0, 400, 1_000), random.integers(200, 600, 1_000)) for _ in range(50)]
    assert all(chi_square(table).p_value < 1e-6 for table in tables)
    assert all(psi_of_categories(table).statistic > 0.2 for table in tables)


@pytest.mark.parametrize("shape", SHAPES)
def test_without_drift_psi_stays_small(shape):
    random = np.random.default_rng(12)
    statistics = [
        psi_of_categories(_table(*(SHAPES[shape](random, 2_000) for _ in range(2)))).statistic for _ in range(100)
    ]
    assert np.mean(np.array(statistics) > 0.2) < 0.02


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any), min_size=2, max_size=4))
def test_small_tables_are_judged_as_all_their_permutations_say(rows):
    table = np.array(rows)
    if not table.sum(axis=0).all():
        return
    found = homogeneity(table)
    labels = np.repeat(np.arange(len(table)), table.sum(axis=1))
    first = int(table[:, 0].sum())
    statistics = []
    for chosen in combinations(range(len(labels)), first):
        counts = np.bincount(labels[list(chosen)], minlength=len(table))
        statistics.append(pearson(np.column_stack([counts, table.sum(axis=1) - counts])))
    exact = np.mean(np.array(statistics) >= pearson(table) - 1e-9)
    assert found.p == pytest.approx(exact, abs=0.04)
    assert found.statistic == pytest.approx(pearson(table))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=2, max_size=8))
def test_common_categories_have_the_plain_psi(rows):
    table = np.array(rows) + 10
    table[:, 1] += table[:, 0]
    assert psi_of_categories(table).statistic == psi_of_counts(table).statistic


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=5, max_size=200), st.lists(st.integers(0, 30), min_size=5, max_size=200))
def test_the_order_of_categories_does_not_matter(reference, current):
    counted = Counter(reference), Counter(current)
    table = np.array([[side[value] for side in counted] for value in sorted({*reference, *current})])
    shuffled = np.random.default_rng(0).permutation(table)
    for measure in (chi_square, psi_of_categories):
        first, second = measure(table), measure(shuffled)
        assert second.statistic == pytest.approx(first.statistic, abs=1e-9)
        assert second.p_value == (None if first.p_value is None else pytest.approx(first.p_value, abs=1e-9))
        assert 0 <= (first.effect or 0) <= 1
