import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maestro_ml.validation.profile import build
from maestro_ml.validation.profile.histogram import histogram, shared_edges
from maestro_ml.validation.report.charts import ends_of

PREVIOUS = {"kind": "fixed", "start": "2023-12-01", "end": "2024-01-01"}
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def profile(judge):
    """Provide the profile of one column of a frame."""

    def only(frame: pd.DataFrame, column: str, **dataset: object):
        report = judge(frame, "schema", **dataset)
        return next(p for p in report.profiles if p.column == column)

    return only


def test_a_small_side_is_described_exactly(profile, events):
    rng = np.random.default_rng(3)
    values = rng.normal(size=700)
    values[::7] = np.nan
    found = profile(events(x=values), "x").current
    present = values[~np.isnan(values)]
    assert (found.rows, found.missing, found.sampled) == (700, 100, 700)
    assert (found.low, found.high, found.distinct) == (present.min(), present.max(), 600)
    assert found.mean == pytest.approx(present.mean())
    for q, value in found.quantiles.items():
        assert value == np.quantile(present, float(q), method="inverted_cdf")
    assert found.below + sum(found.counts) + found.above == len(present)


def test_both_sides_stand_on_the_same_edges(profile, events):
    before, now = events("2023-12-05", n=list(range(10))), events(n=[5, 5, 5, 30])
    found = profile(pd.concat([before, now]), "n", reference=PREVIOUS)
    assert sum(found.current.counts) == 4
    assert sum(found.reference.counts) == 10
    assert len(found.edges) == len(found.current.counts) + 1 == len(found.reference.counts) + 1
    assert found.edges[0] <= 0
    assert found.edges[-1] >= 30


def test_nan_is_missing_and_infinities_are_beyond_the_histogram(tmp_path, profile, events):
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array(events(x=[0] * 6)["at"])
    x = pa.array([1.0, math.nan, math.inf, -math.inf, None, 2.0], from_pandas=False)
    pq.write_table(pa.table({"at": times, "x": x}), tmp_path / "events.parquet")
    columns = {"at": {"type": "timestamp"}, "x": {"type": "number"}}
    found = profile(None, "x", columns=columns).current
    assert (found.missing, found.nan, found.low, found.high) == (2, 1, -math.inf, math.inf)
    assert (found.plus_infinity, found.minus_infinity) == (1, 1)
    assert (found.below, sum(found.counts), found.above) == (1, 2, 1)
    assert found.mean is None
    assert found.quantiles["0.01"] is None


def test_the_commonest_texts_with_both_counts(profile, events):
    frame = pd.concat([events("2023-12-05", s=["b", "b", None]), events(s=["a", "a", "b", "x" * 100])])
    found = profile(frame, "s", reference=PREVIOUS)
    assert [(t.value, t.current, t.reference) for t in found.top] == [("b", 1, 2), ("a", 2, 0), ("x" * 60, 1, 0)]
    assert found.current.distinct == 3
    assert found.edges == ()


def test_of_a_personal_column_no_value_is_kept(judge, events):
    columns = {"at": {"type": "timestamp"}, "pay": {"type": "integer", "pii": True}, "who": {"type": "string"}}
    columns["who"]["pii"] = True
    report = judge(events(pay=[987654, None], who=["Ada Lovelace", "Ada Lovelace"]), "schema", columns=columns)
    profiles = {p.column: p for p in report.profiles}
    assert profiles["pay"].current.missing == 1
    assert profiles["who"].current.distinct == 1
    text = "".join(p.model_dump_json() for p in report.profiles)
    assert "987654" not in text
    assert "Lovelace" not in text


@pytest.mark.parametrize("name", ['a "quoted" one', "select", "place", "v0", "x' OR 1=1 --"])
def test_any_name_will_do(profile, events, name):
    assert profile(events(**{name: [1, 2, 3]}), name).current.high == 3


def test_an_empty_window_has_an_empty_profile(profile, events):
    found = profile(events("2025-01-01", x=[1.0], s=["a"]), "x").current
    assert (found.rows, found.missing, found.low, found.quantiles) == (0, 0, None, {})


def test_columns_of_no_contract_type_are_counted_only(profile, events):
    found = profile(events(tags=[["a"], None]), "tags").current
    assert (found.missing, found.distinct) == (1, None)


def test_no_window_no_profile(judge, events):
    report = judge(events(n=[1]), "schema", timestamp="when", columns={"when": {"type": "timestamp"}})
    assert report.profiles == ()


def test_a_large_side_is_sampled_evenly_and_in_every_run_alike(monkeypatch, profile, events):
    monkeypatch.setattr(build, "SAMPLE_ROWS", 100)
    monkeypatch.setattr(build, "FEWEST_ROWS", 1)
    frame = events(x=np.repeat(np.arange(70.0), 10))
    first, again = (profile(frame, "x").current for _ in range(2))
    assert first == again
    assert first.sampled == 100
    assert first.distinct is None
    assert (first.rows, first.low, first.high) == (700, 0, 69)
    assert first.quantiles["0.5"] == pytest.approx(34.5, abs=10)


def test_the_columns_with_something_to_say_come_first(monkeypatch, judge, events):
    monkeypatch.setattr(build, "MOST_COLUMNS", 3)
    frame = pd.concat(
        [
            events("2023-12-05", quiet=[1.0] * 50, moved=[1.0] * 50, bad=[1] * 50, odd=[1] * 50, both=[1] * 50),
            events(quiet=[1.0] * 50, moved=[2.0] * 50, bad=[9] * 50, odd=[9] * 50, both=[9] * 50),
        ]
    )
    checks = [{"check": "range", "column": column, "max": 5} for column in ("bad", "both")]
    checks.append({"check": "range", "column": "odd", "max": 5, "severity": "warn"})
    report = judge(frame, reference=PREVIOUS, drift={"columns": ["quiet", "moved", "both"]}, checks=checks)
    assert [p.column for p in report.profiles] == ["both", "bad", "moved"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(FINITE | st.just(math.inf) | st.just(-math.inf), max_size=30),
    st.lists(FINITE, max_size=30),
    st.booleans(),
)
@example(now=[2.0**52 + 2], then=[], whole=True)
def test_every_value_is_counted_once(now, then, whole):
    """Edges ascend, and below, bins and above add up, for any doubles at all."""
    sides = [np.array(values, float) for values in (now, then)]
    if whole:
        sides = [np.trunc(values) for values in sides]
    edges = shared_edges(*sides, whole=whole)
    assert all(a < b for a, b in pairwise(edges))
    for values in sides:
        below, counts, above = histogram(values, edges)
        assert below + sum(counts) + above == len(values)
        if edges:
            assert below == (values < edges[0]).sum()
            assert above == (values > edges[-1]).sum()


def test_one_value_far_out_does_not_flatten_the_rest():
    values = np.append(np.linspace(0, 1, 500), 1e9)
    edges = shared_edges(values, whole=False)
    assert edges[-1] < 2
    assert histogram(values, edges)[2] >= 1


def _stored(path, kind, values):
    import pyarrow as pa
    import pyarrow.parquet as pq

    at = pd.date_range("2024-01-01", periods=len(values), freq="h", tz="UTC")
    pq.write_table(pa.table({"at": pa.array(at), "x": pa.array(values, kind)}), path / "events.parquet")


def _exact_values():
    import datetime as dt
    from decimal import Decimal

    import pyarrow as pa

    large = 2**63 - 1
    yield "integer", pa.int64(), [large, -large, 0], -large, large
    yield "integer", pa.uint64(), [2**64 - 1, 1], 1, 2**64 - 1
    decimals = [Decimal("12345678901234567890.123456789"), Decimal("-0.000000001")]
    yield "number", pa.decimal128(38, 9), decimals, -1e-9, "12345678901234567890.123456789"
    yield "number", pa.decimal128(10, 2), [Decimal("0.10"), Decimal("1.25")], 0.1, 1.25
    yield "number", pa.float32(), [0.1, 2.5], float(np.float32(0.1)), 2.5
    yield "number", pa.float64(), [5e-324, 1.7976931348623157e308], 5e-324, 1.7976931348623157e308
    yield "number", pa.float64(), [1.0, math.inf], 1.0, math.inf
    yield "number", pa.float32(), [-math.inf, math.nan, 1.0], -math.inf, 1.0
    yield "number", pa.float64(), [math.inf, math.inf], math.inf, math.inf
    yield "number", pa.float64(), [math.nan, None], None, None
    yield "date", pa.date32(), [dt.date(1, 1, 1), dt.date(9999, 12, 31)], "0001-01-01", "9999-12-31"
    moment = pd.Timestamp("2024-01-02T23:59:59.999999999")
    earlier = "2024-01-02 23:59:59.999999998"
    yield "timestamp", pa.timestamp("ns"), [moment, moment - pd.Timedelta(1)], earlier, str(moment)


@pytest.mark.parametrize(("kind", "stored", "values", "low", "high"), _exact_values())
def test_the_smallest_and_largest_value_are_exact(tmp_path, profile, kind, stored, values, low, high):
    _stored(tmp_path, stored, values)
    found = profile(None, "x", columns={"at": {"type": "timestamp"}, "x": {"type": kind}})
    assert (found.current.low, found.current.high) == (low, high)
    again = type(found).model_validate_json(found.model_dump_json()).current
    for end, expected in ((again.low, low), (again.high, high)):
        assert end == expected or float(end) == expected  # Infinity is text in JSON
        assert type(end) is type(expected) or end == f"{'-' * (expected < 0)}Infinity"


def test_missing_nan_and_infinities_add_up(tmp_path, profile):
    import pyarrow as pa

    values = [math.inf] * 3 + [-math.inf] * 2 + [math.nan] * 4 + [None] * 5 + [1.0] * 6
    _stored(tmp_path, pa.float64(), values)
    found = profile(None, "x", columns={"at": {"type": "timestamp"}, "x": {"type": "number"}}).current
    assert (found.rows, found.missing, found.nan) == (20, 9, 4)
    assert (found.plus_infinity, found.minus_infinity) == (3, 2)
    assert found.below + sum(found.counts) + found.above == 11


def test_whole_numbers_beyond_doubles_are_not_counted_as_doubles(tmp_path, profile):
    import pyarrow as pa

    values = [2**62 + i for i in range(100)]
    _stored(tmp_path, pa.int64(), values)
    found = profile(None, "x", columns={"at": {"type": "timestamp"}, "x": {"type": "integer"}}).current
    assert found.distinct > 50


@pytest.mark.parametrize(
    ("low", "high", "each", "bins"), [(0, 23, 1, 24), (0, 24, 2, 13), (-3, 100, 5, 21), (5, 5, 1, 1)]
)
def test_a_bin_of_whole_numbers_holds_as_many_of_them_as_any_other(low, high, each, bins):
    edges = shared_edges(np.arange(low, high + 1, dtype=float), whole=True)
    assert (edges[0], len(edges) - 1) == (low - 0.5, bins)
    assert set(np.diff(edges)) == {each}
    assert edges[-1] > high


def test_times_have_a_histogram_on_the_edges_of_both_sides(profile, events):
    frame = pd.concat([events("2023-12-05", n=[0] * 10), events(n=[0] * 5)])
    frame["day"] = frame["at"].dt.date
    columns = {"at": {"type": "timestamp"}, "day": {"type": "date"}}
    moments = profile(frame, "at", columns=columns, reference=PREVIOUS)
    assert (sum(moments.current.counts), sum(moments.reference.counts)) == (5, 10)
    seconds = frame["at"].map(pd.Timestamp.timestamp)
    assert (moments.edges[0], moments.edges[-1]) == (seconds.min(), seconds.max())
    assert (moments.current.quantiles, moments.current.mean) == ({}, None)
    days = profile(frame, "day", columns=columns, reference=PREVIOUS)
    assert (sum(days.current.counts), sum(days.reference.counts)) == (5, 10)
    assert all(edge % 86_400 == 0 for edge in days.edges)
    assert ends_of(days)[0] == str(frame["day"].min())
    assert ends_of(days)[1] >= str(frame["day"].max())


@pytest.mark.parametrize("dtype", ["datetime64[s]", "datetime64[ns]", "datetime64[ns, Europe/Berlin]"])
def test_times_of_every_unit_have_a_histogram(profile, events, dtype):
    frame = events(n=[0] * 5)
    frame["when"] = pd.Series(["1999-12-31 23:00", "2024-01-01", None, "2024-02-01", "2024-02-02"]).astype(dtype)
    columns = {"at": {"type": "timestamp"}, "when": {"type": "timestamp"}}
    found = profile(frame, "when", columns=columns, timezone="UTC")
    assert found.current.below + sum(found.current.counts) + found.current.above == 4
    assert ends_of(found)[0].startswith("1999-12-31 2" if found.edges[0] < 1e9 else "20")


def test_dates_beyond_every_calendar_of_python_are_drawn_too(tmp_path, profile):
    import duckdb

    values = "('2024-01-05'::TIMESTAMPTZ, '12024-01-01'::DATE), ('2024-01-06', '2024-01-01'), ('2024-01-07', NULL)"
    target = tmp_path / "events.parquet"
    duckdb.sql(f'SELECT * FROM (VALUES {values}) AS t("at", day)').write_parquet(str(target))
    found = profile(None, "day", columns={"at": {"type": "timestamp"}, "day": {"type": "date"}})
    assert found.current.below + sum(found.current.counts) + found.current.above == 2
    assert len(ends_of(found)[1]) > len("2024-01-01")
