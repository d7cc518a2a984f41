"""Numbers about all values of a column, against pandas and numpy."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro_ml.project.datasets import Dataset
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import connect
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_findings

NUMBER = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
ORACLES = {
    "mean": lambda x: x.mean(),
    "median": lambda x: x.median(),
    "stddev": lambda x: x.std(),
    "min": lambda x: x.min(),
    "max": lambda x: x.max(),
    "quantile": lambda x: np.quantile(x, 0.9, method="inverted_cdf") if len(x) else np.nan,
}
SIDES = {
    "min": lambda value, bound: value >= bound,
    "max": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "below": lambda value, bound: value < bound,
}
QUARTERS = st.integers(-12, 12).map(lambda n: n / 4)  # sums and means of these are exact


@pytest.fixture(scope="module")
def connection():
    with connect() as connection:
        yield connection


def declared(aggregate: str, **bounds: object) -> dict:
    return {"check": "aggregate", "column": "x", "aggregate": aggregate} | bounds


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(QUARTERS | st.none() | st.just(float("nan")), max_size=12),
    aggregate=st.sampled_from(list(ORACLES)),
    side=st.sampled_from(list(SIDES)),
    bound=QUARTERS,
)
def test_an_aggregate_is_on_the_side_of_its_bound_where_pandas_sees_it(
    connection, january, values, aggregate, side, bound
):
    share = {"quantile": 0.9} if aggregate == "quantile" else {}
    check = declared(aggregate, **{side: bound}, **share)
    spec = {"source": {"kind": "parquet", "path": "unused"}, "timestamp": "at", "columns": NUMBER, "checks": [check]}
    at = pa.array([january.start] * len(values), pa.timestamp("us", tz="UTC"))
    rows = connection.from_arrow(pa.table({"at": at, "x": pa.array(values, pa.float64(), from_pandas=False)}))
    dataset = LocalTable("events", Dataset.model_validate(spec), connection, rows)
    found = quality_findings(ValidationContext(dataset, january, january.end))[-1]
    expected = ORACLES[aggregate](pd.Series(values, dtype=float).dropna())
    assert found.violated is not bool(SIDES[side](expected, bound)), (found.message, expected)
    if found.numbers.get("value") is not None:
        assert found.numbers["value"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("aggregate", "values", "message"),
    [
        ("mean", [1, 2, 4], "the mean is 2.33333, which is not above 3"),
        ("median", [1, 2, 4], "the median is 2, which is not above 3"),
        ("median", [1, 2, 3, 4], "the median is 2.5, which is not above 3"),
        ("stddev", [1, 2, 4], "the standard deviation is 1.52753, which is not above 3"),
        ("min", [1, 2, 4], "the min is 1, which is not above 3"),
        ("max", [1, 2, 3], "the max is 3, which is not above 3"),
    ],
)
def test_a_violated_aggregate_says_what_it_is(check, events, aggregate, values, message):
    found = check(events(x=values), **declared(aggregate, above=3))
    assert (found.violated, found.message, found.sample) == (True, message, None)


def test_an_aggregate_that_passes_says_what_was_looked_at(check, events):
    found = check(events(x=[1, 2, 3, 4]), **declared("mean", min=2.5, max=2.5))
    assert (found.violated, found.message) == (False, "the mean is 2.5, which is at least 2.5, at most 2.5")
    found = check(events(x=[1, 2, 3, 4]), **declared("quantile", quantile=0.75, min=2, max=3))
    assert (found.violated, found.message) == (False, "the 0.75 quantile is 3, which is at least 2, at most 3")


def test_of_many_values_a_quantile_that_passes_is_counted_and_not_looked_up(check, events, monkeypatch):
    monkeypatch.setattr("maestro_ml.checks.aggregate.MOST_LOOKED_UP", 3)
    found = check(events(x=[1, 2, 3, 4]), **declared("quantile", quantile=0.75, min=2, max=3))
    assert found.message == "the 0.75 quantile is at least 2, at most 3: of 4 values 1 beyond min and 1 beyond max"
    assert not found.violated


@pytest.mark.parametrize("aggregate", [name for name in ORACLES if name != "quantile"])
@pytest.mark.parametrize("values", [[None, None], []])
def test_no_value_has_no_aggregate(check, events, aggregate, values):
    frame = events(x=pd.Series(values, dtype="float64"))
    found = check(frame, **declared(aggregate, min=0))
    assert found.violated
    assert found.message.startswith("there is no ")


def test_one_value_has_no_standard_deviation(check, events):
    assert check(events(x=[1.0]), **declared("stddev", min=0)).violated


@pytest.mark.parametrize("aggregate", ["mean", "median"])
def test_whole_numbers_and_decimals_are_averaged_exactly(judge, pick, events, aggregate):
    large = 2**63 - 1
    checks = [declared(aggregate, min=large, max=large)]
    assert not pick(judge(events(x=[large, large]), "quality", checks=checks), "aggregate").violated
    checks = [declared(aggregate, below=large)]
    assert pick(judge(events(x=[large, large]), "quality", checks=checks), "aggregate").violated
    tenths = pd.Series([Decimal("0.10"), Decimal("0.20")], dtype=object)
    checks = [declared(aggregate, min=0.15, max=0.15)]
    assert not pick(judge(events(x=tenths), "quality", checks=checks, columns=NUMBER), "aggregate").violated


def test_values_too_large_to_square_have_no_standard_deviation(check, events):
    found = check(events(x=[1.0, float("inf"), 1e200]), **declared("stddev", min=0))
    assert found.message == "cannot be checked: 2 values are too large for a standard deviation"


def test_where_narrows_the_values(check, events):
    for aggregate in ORACLES:
        share = {"quantile": 0.9} if aggregate == "quantile" else {}
        frame = events(x=[1, 2, 3, 1000])
        assert check(frame, **declared(aggregate, max=500, min=0), **share, where="x < 10").violated is False
        assert check(frame, **declared(aggregate, above=500), **share, where="x < 10").violated, aggregate


def test_personal_aggregates_are_not_shown(check, events):
    columns = {"at": {"type": "timestamp"}, "x": {"type": "integer", "pii": True}}
    for aggregate in ("mean", "median", "max"):
        found = check(events(x=[41, 43]), {"columns": columns}, **declared(aggregate, min=50))
        assert found.violated
        assert found.numbers["value"] is None
        assert not {"41", "42", "43"} & set(found.message.replace(",", "").split())


def test_text_has_no_aggregate(check, events):
    found = check(events(x=["a"]), {"columns": NUMBER}, **declared("mean", min=0))
    assert found.message == "cannot be checked: the column is string, not numeric"


class TestDeviations:
    def test_a_value_far_from_the_mean_is_found_as_by_pandas(self, check, events):
        values = pd.Series([*np.random.default_rng(3).normal(10, 2, 500), 40.0, -20.0, np.nan])
        far = (values - values.mean()).abs() > 3 * values.std()
        found = check(events(x=values), check="deviations", column="x", max=3)
        assert (found.violated, found.numbers["count"]) == (True, far.sum())
        assert found.sample
        assert {float(row[-1]) for row in found.sample.rows} <= set(values[far])

    @pytest.mark.parametrize("values", [[], [None], [5.0], [5.0, 5.0, None]])
    def test_values_without_a_spread_are_near_the_mean(self, check, events, values):
        found = check(events(x=pd.Series(values, dtype="float64")), check="deviations", column="x", max=1)
        assert (found.violated, found.numbers["count"]) == (False, 0)

    def test_a_tolerance_and_a_where_apply(self, check, events):
        frame = events(x=[0.0] * 99 + [100.0])
        assert check(frame, check="deviations", column="x", max=3).violated
        assert not check(frame, check="deviations", column="x", max=3, max_count=1).violated
        assert not check(frame, check="deviations", column="x", max=3, where="x < 50").violated

    def test_a_personal_mean_is_not_shown(self, check, events):
        columns = {"at": {"type": "timestamp"}, "x": {"type": "number", "pii": True}}
        found = check(events(x=[0.0] * 99 + [100.0]), {"columns": columns}, check="deviations", column="x", max=3)
        assert found.message == "1 of 100 (1.00 %) more than 3 standard deviations from the mean"

    def test_infinity_has_no_distance_from_the_mean(self, check, events):
        found = check(events(x=[1.0, 2.0, float("inf")]), check="deviations", column="x", max=3)
        assert "1 value is too large" in found.message
