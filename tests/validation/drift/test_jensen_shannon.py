"""The Jensen-Shannon distance is scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from maestro_ml.drift_methods.jensen_shannon import of_counts, of_numbers

COUNTS = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=30)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(COUNTS)
def test_of_counts_it_is_scipys(pairs):
    table = np.array([(a, b + 1) for a, b in pairs] + [(1, 0)], np.int64)
    assert of_counts(table).statistic == pytest.approx(jensenshannon(*table.T, base=2), abs=1e-7)


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.0, 100.0])
def test_of_numbers_it_is_scipys_on_the_same_bins(shift):
    random = np.random.default_rng(0)
    reference, current = random.normal(size=5_000), random.normal(shift, size=4_000)
    outcome = of_numbers(reference, current)
    low, high = min(reference.min(), current.min()), max(reference.max(), current.max())
    edges = np.linspace(low, high, outcome.numbers["bins"] + 1)
    counts = [np.histogram(side, edges)[0] for side in (reference, current)]
    assert outcome.statistic == pytest.approx(jensenshannon(*counts, base=2), abs=1e-6)
    assert 10 <= outcome.numbers["bins"] <= 100


@settings(max_examples=200, deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=20), st.lists(FINITE, min_size=1, max_size=20))
def test_it_lies_between_0_and_1_and_counts_every_value(reference, current):
    outcome = of_numbers(np.array(reference), np.array(current))
    assert 0 <= outcome.statistic <= 1
    assert (outcome.reference, outcome.current) == (len(reference), len(current))
    assert of_numbers(np.array(reference), np.array(reference)).statistic == 0


def test_samples_without_a_common_value_have_the_largest_distance():
    assert of_numbers(np.zeros(50), np.ones(70)).statistic == pytest.approx(1)
    assert of_counts(np.array([[5, 0], [0, 9]])).statistic == 1


def test_infinite_values_cannot_be_compared():
    assert "infinite" in of_numbers(np.array([1.0, np.inf]), np.array([1.0])).obstacle


@pytest.mark.parametrize(("kind", "values"), [("numeric", np.arange(744) % 50), ("categorical", ["a", "b"] * 372)])
def test_it_judges_a_window(judge, events, pick, kind, values):
    reference = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}
    drift = {"tests": {kind: "jensen_shannon"}, "columns": ["x"]}
    moved = [value + 30 for value in values] if kind == "numeric" else ["b", "c"] * 372
    same = judge(events("2023-12-01", x=[*values, *values]), "drift", reference=reference, drift=drift)
    other = judge(events("2023-12-01", x=[*values, *moved]), "drift", reference=reference, drift=drift)
    assert not pick(same, "jensen_shannon").violated
    assert pick(other, "jensen_shannon").violated
    limits = {**drift, "limits": {"jensen_shannon": 1}}
    tolerant = judge(events("2023-12-01", x=[*values, *moved]), "drift", reference=reference, drift=limits)
    assert not pick(tolerant, "jensen_shannon").violated
