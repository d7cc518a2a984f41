import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.validation.drift.ks import kolmogorov_smirnov

PREVIOUS = {"reference": {"kind": "previous"}, "drift": {}}


@pytest.fixture
def months(events):
    """A frame with December's values and January's, an hour apart each."""

    def build(december: list, january: list, **columns: object) -> pd.DataFrame:
        return pd.concat([events(start="2023-12-02", x=december), events(x=january)]).assign(**columns)

    return build


@pytest.fixture
def drift(judge):
    return lambda frame, **dataset: judge(frame, "drift", **PREVIOUS | dataset)


NORMAL = np.random.default_rng(7).normal(size=400)


def test_the_same_distribution_passes_and_a_shifted_one_warns(drift, months, pick):
    same = pick(drift(months(NORMAL[:200], NORMAL[200:])), "kolmogorov_smirnov", "x")
    shifted = drift(months(NORMAL[:200], NORMAL[200:] + 1))
    assert not same.violated
    assert shifted.verdict == "warn"
    assert pick(shifted, "kolmogorov_smirnov", "x").numbers["p_value"] < 1e-6


def test_drift_may_be_an_error(drift, months):
    assert drift(months(NORMAL[:200], NORMAL[200:] + 1), drift={"severity": "error"}).verdict == "fail"


def test_p_at_the_limit_is_no_drift(drift, months, pick):
    frame = months([1, 2, 3, 4], [3, 4, 5, 6])
    p_value = pick(drift(frame), "kolmogorov_smirnov", "x").numbers["p_value"]
    at, above = (drift(frame, drift={"p_value": limit}) for limit in (p_value, math.nextafter(p_value, 1)))
    assert not pick(at, "kolmogorov_smirnov", "x").violated
    assert pick(above, "kolmogorov_smirnov", "x").violated


def test_missing_values_are_dropped_and_counted(drift, months, pick):
    numbers = pick(drift(months([1.0, None, 2.0], [None, 1.0, 2.0, None])), "kolmogorov_smirnov", "x").numbers
    assert (numbers["statistic"], numbers["p_value"]) == (0, 1)
    assert (numbers["reference_values"], numbers["reference_missing"]) == (2, 1)
    assert (numbers["values"], numbers["missing"]) == (2, 2)


@pytest.mark.parametrize(
    ("december", "january", "where"),
    [([], [1.0], "reference"), ([1.0], [], "window"), ([None], [1.0], "reference"), ([1.0], [None], "window")],
)
def test_an_empty_side_is_a_finding(drift, months, pick, december, january, where):
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    found = pick(drift(months(december, january), columns=columns), "kolmogorov_smirnov", "x")
    assert found.violated
    assert f"cannot be compared: no value in the {where} (2" in found.message


def test_every_numeric_column_but_the_keys_unless_some_are_named(drift, months):
    frame = months(NORMAL[:200], NORMAL[200:], id=1, n=2, text="a", flag=True)
    assert [f.column for f in drift(frame, keys=["id"]).findings] == ["x", "n"]
    assert [f.column for f in drift(frame, drift={"columns": ["n"]}).findings] == ["n"]


def test_a_column_that_is_missing_or_text_says_so_and_the_others_are_tested(drift, months, pick):
    columns = {name: {"type": "number"} for name in ("x", "gone", "text")} | {"at": {"type": "timestamp"}}
    report = drift(months(NORMAL[:200], NORMAL[200:], text="a"), columns=columns)
    assert pick(report, "kolmogorov_smirnov", "gone").message == "cannot be checked: the column is missing"
    assert pick(report, "kolmogorov_smirnov", "text").message == "cannot be checked: the column is string, not numeric"
    assert [f.column for f in report.drift_tests] == ["x"]


def test_a_dataset_that_declares_no_drift_has_no_such_stage(judge, months):
    assert judge(months(NORMAL[:200], NORMAL[200:]), "schema", "drift").stages == ("schema",)


VALUES = st.lists(
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 2.0, math.inf, -math.inf]) | st.floats(-1e3, 1e3, width=16),
    min_size=1,
    max_size=60,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(reference=VALUES, current=VALUES)
def test_the_statistic_is_the_largest_distance_of_the_two_empirical_distributions(reference, current):
    """Against the definition, written out; the p-value's exactness is scipy's own."""

    def below(values: list[float], limit: float) -> float:
        return sum(v <= limit for v in values) / len(values)

    distance = max(abs(below(reference, v) - below(current, v)) for v in (*reference, *current))
    statistic, p_value = kolmogorov_smirnov(np.array(reference), np.array(current))
    assert statistic == pytest.approx(distance, abs=1e-12)
    assert 0 <= p_value <= 1


def test_small_samples_have_the_exact_p_value():
    # All of one side above all of the other: 2 of the C(6, 3) = 20 orders are as far apart.
    assert kolmogorov_smirnov(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])) == (1.0, pytest.approx(0.1))
