"""Checks of the values of one column."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

TEXTS = ["", "a", "ab", "abc", "äöü", "a\nb", None]


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("[a-c]*", 2), ("a", 5), ("a.*", 3), ("(?s)a.*", 2), (r"\p{L}*", 1), ("(?s).*", 0), ("^a$", 5)],
)
def test_a_pattern_is_of_the_whole_text(check, events, pattern, count):
    found = check(events(s=TEXTS), check="regex", column="s", pattern=pattern)
    assert (found.numbers["count"], found.violated) == (count, count > 0)


def test_a_pattern_with_quotes_is_only_a_pattern(check, events):
    frame = events(s=["it's", "x' OR 1=1 --"])
    assert check(frame, check="regex", column="s", pattern="it's").numbers["count"] == 1


def test_a_pattern_that_only_a_row_shows_to_be_none_is_a_finding_and_the_others_are_judged(judge, events, pick):
    checks = [{"check": "predicate", "sql": "regexp_matches(s, p)"}, {"check": "missing", "column": "s"}]
    report = judge(events(s=["a", None], p=["(", "a"]), "quality", checks=checks)
    found = pick(report, "predicate")
    assert found.violated
    assert found.message.startswith("could not be checked: ")
    assert pick(report, "missing", "s").numbers["count"] == 1


@pytest.mark.parametrize(
    ("limits", "count"), [({"min": 1}, 1), ({"max": 2}, 3), ({"min": 1, "max": 2}, 4), ({"min": 3, "max": 3}, 3)]
)
def test_length_counts_characters_and_not_bytes(check, events, limits, count):
    assert check(events(s=TEXTS), check="length", column="s", **limits).numbers["count"] == count


def test_text_checks_of_a_column_that_is_no_text_say_so(judge, events, pick):
    columns = {"at": {"type": "timestamp"}, "s": {"type": "string"}}
    checks = [{"check": "length", "column": "s", "min": 1}, {"check": "regex", "column": "s", "pattern": "a"}]
    report = judge(events(s=[1, 2]), "quality", columns=columns, checks=checks)
    for kind in ("length", "regex"):
        assert pick(report, kind).message == "cannot be checked: the column is integer, not text"


@pytest.mark.parametrize(
    ("tolerance", "violated"),
    [
        ({}, True),
        ({"max_count": 1}, True),
        ({"max_count": 2}, False),
        ({"max_share": 0.2}, True),
        ({"max_share": 0.4}, False),
    ],
)
def test_a_tolerance_is_a_share_or_a_count(check, events, tolerance, violated):
    found = check(events(n=[-1, -1, 3, 4, 5, 6]), check="range", column="n", min=0, **tolerance)
    assert (found.violated, found.numbers["count"]) == (violated, 2)


def test_a_check_with_where_sees_only_its_rows_and_shares_are_of_them(check, events):
    frame = events(n=[-1, 2, -3, 4], kind=["a", "a", "b", None])
    found = check(frame, check="range", column="n", min=0, where="kind = 'a'", max_share=0.5)
    assert (found.numbers["count"], found.numbers["rows"], found.violated) == (1, 2, False)
    assert found.message.endswith(", of the rows where kind = 'a'")
    assert check(frame, check="missing", column="kind", where="n > 2").numbers["count"] == 1
    assert check(frame, check="allowed", column="kind", values=["b"], where="n < 0").numbers["count"] == 1


def test_a_where_that_no_row_meets_passes(check, events):
    found = check(events(n=[1, 2]), check="range", column="n", min=5, where="n > 9")
    assert (found.violated, found.numbers["rows"]) == (False, 0)


def test_a_where_cannot_reach_beyond_its_column(check, events):
    frame = events(**{'x" OR 1=1 --': [1, 2, 3], "n": [-1, -2, -3]})
    found = check(frame, check="range", column="n", min=0, where='"x"" OR 1=1 --" = 2')
    assert found.numbers["rows"] == 1


EDGE = 2**63 - 1


def test_the_largest_whole_numbers_are_compared_exactly(check, events):
    frame = events(n=np.array([EDGE, EDGE - 1, -EDGE - 1], "int64"))
    assert check(frame, check="range", column="n", max=EDGE - 1).numbers["count"] == 1
    assert check(frame, check="range", column="n", min=-EDGE).numbers["count"] == 1
    assert check(frame, check="range", column="n", min=-EDGE - 1, max=EDGE).numbers["count"] == 0
    assert check(frame, check="range", column="n", max=1e19).numbers["count"] == 0


def test_a_fraction_bounds_whole_numbers_too(check, events):
    assert check(events(n=[1, 2, 3]), check="range", column="n", min=1.5, max=2.5).numbers["count"] == 2


def test_decimals_are_compared_as_they_are(judge, pick, events, tmp_path):
    table = pa.Table.from_pandas(events(x=[0, 0, 0]).drop(columns="x"))
    prices = pa.array([None, "0.10", "99999999999999.99"]).cast(pa.decimal128(16, 2))
    pq.write_table(table.append_column("n", prices), tmp_path / "events.parquet")
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}}
    checks = [{"check": "range", "column": "n", "min": 0.1, "max": 99999999999999}]
    found = pick(judge(None, "quality", columns=columns, checks=checks), "range")
    assert (found.numbers["count"], found.numbers["low"]) == (1, 0.1)


def test_nan_is_in_every_range_and_no_extreme(check, events, tmp_path, judge, pick):
    table = pa.Table.from_pandas(events(x=[0, 0, 0]).drop(columns="x"))
    table = table.append_column("n", pa.array([float("nan"), 1.0, 2.0]))
    for statistics in (True, False):
        pq.write_table(table, tmp_path / "events.parquet", write_statistics=statistics)
        columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}}
        checks = [{"check": "range", "column": "n", "min": 0, "max": 9}, {"check": "missing", "column": "n"}]
        report = judge(None, "quality", columns=columns, checks=checks)
        found = pick(report, "range")
        assert (found.violated, found.numbers["low"], found.numbers["high"]) == (False, 1, 2)
        assert pick(report, "missing", "n").numbers["count"] == 1


@pytest.mark.parametrize("count", [1, 300])
def test_allowed_values_however_many(check, events, count):
    values = [f"v{i}" for i in range(count)]
    frame = events(s=[*values, "other", None])
    assert check(frame, check="allowed", column="s", values=values).numbers["count"] == 1


def test_timestamps_of_any_zone_can_be_compared_in_a_where(judge, pick):
    at = pd.to_datetime(["2024-01-02T23:30:00+02:00", "2024-01-03T00:30:00+02:00"]).tz_convert("Europe/Berlin")
    frame = pd.DataFrame({"at": at, "n": [-1, -2]})
    checks = [{"check": "range", "column": "n", "min": 0, "where": "at >= timestamptz '2024-01-02 22:00:00+00'"}]
    assert pick(judge(frame, "quality", checks=checks), "range").numbers["count"] == 1


@pytest.mark.parametrize("statistics", [True, False])
def test_nan_is_not_counted_among_the_values_outside_a_range(statistics, events, tmp_path, judge, pick):
    table = pa.Table.from_pandas(events(x=[0] * 5).drop(columns="x"))
    table = table.append_column("n", pa.array([float("nan"), -1.0, 2.0, 9.0, None]))
    pq.write_table(table, tmp_path / "events.parquet", write_statistics=statistics)
    columns = {"at": {"type": "timestamp"}, "n": {"type": "number"}}
    checks = [{"check": "range", "column": "n", "min": 0, "max": 5}]
    found = pick(judge(None, "quality", columns=columns, checks=checks), "range")
    assert (found.numbers["count"], found.numbers["low"], found.numbers["high"]) == (2, -1, 9)


def test_a_column_that_is_not_there_cannot_be_checked_unless_it_is_optional(check, events):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}, "gone": {"type": "integer"}}
    optional = columns | {"gone": {"type": "integer", "required": False}}
    declared = {"check": "compare", "left": "n", "operator": "<", "right": "gone"}
    found = check(events(n=[1]), {"columns": columns}, **declared)
    assert (found.violated, found.message) == (True, "cannot be checked: the column gone is missing")
    found = check(events(n=[1]), {"columns": optional}, **declared)
    assert (found.violated, found.message) == (False, "the column gone is optional, and not there")
    found = check(events(n=[1]), {"columns": columns}, check="range", column="gone", min=0)
    assert (found.violated, found.message) == (True, "cannot be checked: the column is missing")


@pytest.mark.parametrize(("bounds", "count"), [({"min": 3}, 0), ({"min": 4}, 1), ({"max": 3}, 0), ({"max": 2}, 1)])
def test_a_column_of_one_value_is_in_a_range_that_begins_or_ends_there(check, events, bounds, count):
    found = check(events(n=[3, 3]), check="range", column="n", **bounds)
    assert (found.numbers["count"], found.violated) == (2 * count, count > 0)


@pytest.mark.parametrize(
    ("values", "kind", "allowed", "named"),
    [([1, 0], "integer", True, "True"), ([1.0, 0.0], "number", False, "False"), (["1"], "string", True, "True")],
)
def test_true_and_false_are_no_numbers_and_no_text(judge, events, pick, values, kind, allowed, named):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "boolean"}}
    declared = {"check": "allowed", "column": "n", "values": [allowed]}
    found = pick(judge(events(n=values), "quality", columns=columns, checks=[declared]), "allowed")
    assert (found.violated, found.message) == (
        True,
        f"cannot be checked: the column is {kind}, which cannot be {named}",
    )


@pytest.mark.parametrize(
    ("tolerance", "failing", "violated"),
    [
        ({"max_count": 0}, 0, False),
        ({"max_count": 0}, 1, True),
        ({"max_count": 3}, 2, False),
        ({"max_count": 3}, 3, False),
        ({"max_count": 3}, 4, True),
        ({"max_share": 0.0}, 0, False),
        ({"max_share": 0.0}, 1, True),
        ({"max_share": 0.3}, 2, False),
        ({"max_share": 0.3}, 3, False),
        ({"max_share": 0.3}, 4, True),
        ({"max_share": 1.0}, 10, False),
    ],
)
def test_a_tolerance_is_met_up_to_and_at_its_limit(check, events, tolerance, failing, violated):
    frame = events(n=[-1] * failing + [1] * (10 - failing))
    assert check(frame, check="range", column="n", min=0, **tolerance).violated is violated


def test_values_in_a_file_without_statistics_are_judged_too(judge, events, pick, tmp_path):
    (tmp_path / "lake").mkdir()
    for name, value, explanation in (("a", 1, True), ("b", 100, ["at"])):
        file = tmp_path / f"lake/{name}.parquet"
        events(n=[value] * 3).to_parquet(file, index=False, write_statistics=explanation)
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    checks = [{"check": "range", "column": "n", "max": 50}]
    report = judge(None, "quality", source={"kind": "parquet", "path": "lake"}, columns=columns, checks=checks)
    assert pick(report, "range").numbers["count"] == 3
