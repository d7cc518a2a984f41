import math
from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def check(judge, pick):
    """Provide the finding of one declared check on a frame."""

    def run(frame: pd.DataFrame, **declared: object):
        return pick(judge(frame, "quality", checks=[declared]), declared["check"], declared.get("column"))

    return run


TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(("limit", "violated"), [(0.1, True), (0.2, False), (0.3, False)])
def test_missing_above_its_share_and_not_at_it(check, events, limit, violated):
    found = check(events(n=[None, None, *TEN[2:]]), check="missing", column="n", max_share=limit)
    assert (found.violated, found.numbers["count"], found.numbers["rows"]) == (violated, 2, 10)


def test_nan_is_missing_and_an_empty_text_is_not(judge, pick, tmp_path, events):
    frame = events(name=["", "a", None])
    table = pa.Table.from_pandas(frame).append_column("n", pa.array([math.nan, None, 1.0]))
    pq.write_table(table, tmp_path / "events.parquet")
    columns = {"at": {"type": "timestamp"}, "name": {"type": "string"}, "n": {"type": "number"}}
    checks = [{"check": "missing", "column": "n"}, {"check": "missing", "column": "name"}]
    report = judge(None, "quality", columns=columns, checks=checks)
    assert pick(report, "missing", "n").numbers["count"] == 2
    assert pick(report, "missing", "name").numbers["count"] == 1


@pytest.mark.parametrize(
    ("bounds", "count"), [({"min": 2}, 2), ({"max": 7.5}, 2), ({"min": 2, "max": 7}, 4), ({"min": 0, "max": 9}, 0)]
)
def test_range_is_closed(check, events, bounds, count):
    found = check(events(n=TEN), check="range", column="n", **bounds)
    assert (found.numbers["count"], found.violated) == (count, count > 0)
    assert (found.numbers["low"], found.numbers["high"]) == (0, 9)


def test_missing_values_are_in_every_range_and_infinity_in_none(check, events):
    frame = events(n=[None, math.inf, -math.inf, 1.0])
    assert check(frame, check="range", column="n", min=0, max=5).numbers["count"] == 2


@pytest.mark.parametrize(
    ("values", "allowed", "count"),
    [
        (["a", "b", None], ["a"], 1),
        (["a", "b", None], ["a", "b"], 0),
        ([1, 2, 3], [1, 2.0], 1),
        ([0.5, 1.0, None], [1, 0.5], 0),
        ([True, False], [True], 1),
        (["x'; DROP TABLE events; --", "?"], ["x'; DROP TABLE events; --"], 1),
    ],
)
def test_allowed_values(check, events, values, allowed, count):
    assert check(events(n=values), check="allowed", column="n", values=allowed).numbers["count"] == count


def test_allowed_values_of_another_type_cannot_be_checked(judge, events, pick):
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    declared = {"check": "allowed", "column": "n", "values": [1, 2]}
    found = pick(judge(events(n=["1", "2"]), "quality", columns=columns, checks=[declared]), "allowed")
    assert found.violated
    assert found.message == "cannot be checked: the column is string, which cannot be 1"


def test_a_key_twice(check, events):
    frame = events(k=[1, 1, 1, 2], part=["a", "a", "b", "a"])
    assert check(frame, check="unique", columns=["k"]).numbers["count"] == 2
    found = check(frame, check="unique", columns=["k", "part"])
    assert found.message == "1 of 4 (25.00 %) rows repeat another in k, part"
    assert not check(frame, check="unique", columns=["k", "part"], max_share=0.25).violated


def test_a_missing_key_counts_as_a_value(check, events):
    assert check(events(k=[None, None, "a"]), check="unique", columns=["k"]).numbers["count"] == 1


def test_duplicate_rows_agree_in_every_column(check, events):
    frame = pd.concat([events(n=[1, 2, 3]), events(n=[1, 9, 3])])
    assert check(frame, check="duplicate_rows").numbers["count"] == 2


@pytest.mark.parametrize(
    ("limits", "violated"), [({"min": 4}, False), ({"min": 5}, True), ({"max": 3}, True), ({"max": 4}, False)]
)
def test_row_counts(check, events, limits, violated):
    assert check(events(n=[1, 2, 3, 4]), check="rows", **limits).violated is violated


def test_an_empty_window_is_a_finding(judge, events, pick):
    report = judge(events(start="2023-06-01", n=[1, 2]), "quality", checks=[{"check": "missing", "column": "n"}])
    assert report.rows == 0
    assert pick(report, "rows").message == (
        "the window is empty (at least 1 row, unless a rows check says otherwise); "
        "the data run from 2023-06-01 00:00 to 2023-06-01 01:00 UTC: try --at latest, or --at 2023-06-02"
    )
    assert [f.check for f in report.violated] == ["rows"]


def test_an_empty_window_may_be_allowed(judge, events):
    assert judge(events(start="2023-06-01", n=[1]), "quality", checks=[{"check": "rows", "min": 0}]).verdict == "pass"


def test_an_all_null_column_is_a_finding_unless_its_missing_values_are_judged_already(judge, events, pick):
    frame = events(n=[None, None])
    found = pick(judge(frame, "quality"), "all_missing", "n")
    assert (found.violated, found.message) == (True, "no value at all in 2 rows")
    tolerated = judge(frame, "quality", checks=[{"check": "missing", "column": "n", "max_share": 1}])
    assert tolerated.verdict == "pass"


@pytest.mark.parametrize("where", [None, "n IS NOT NULL"])
def test_a_check_of_some_rows_stands_for_none_of_what_all_rows_are_judged_by(judge, events, where):
    some = {} if where is None else {"where": where}
    empty = judge(events(start="2023-06-01", n=[1]), "quality", checks=[{"check": "rows", "min": 0, **some}])
    assert [found.check for found in empty.violated] == ([] if where is None else ["rows"])
    missing = {"check": "missing", "column": "n", "max_share": 1, **some}
    hollow = judge(events(n=[None, None]), "quality", checks=[missing])
    assert [found.check for found in hollow.violated] == ([] if where is None else ["all_missing"])


def test_every_check_has_its_own_severity(judge, events):
    declared = {"check": "range", "column": "n", "min": 5, "severity": "warn"}
    assert judge(events(n=[1]), "quality", checks=[declared]).verdict == "warn"


def test_a_check_whose_column_is_missing_or_of_another_type_says_so_and_the_others_run(judge, events, pick):
    columns = {
        "at": {"type": "timestamp"},
        "gone": {"type": "number"},
        "text": {"type": "number"},
        "n": {"type": "number"},
    }
    checks = [{"check": "range", "column": name, "min": 0} for name in ("gone", "text", "n")]
    report = judge(events(text=["a"], n=[1]), "quality", columns=columns, checks=checks)
    assert pick(report, "range", "gone").message == "cannot be checked: the column is missing"
    assert pick(report, "range", "text").message == "cannot be checked: the column is string, not numeric"
    assert not pick(report, "range", "n").violated


def test_a_check_of_an_optional_column_that_is_not_there_passes(judge, events):
    columns = {"at": {"type": "timestamp"}, "gone": {"type": "number", "required": False}}
    checks = [{"check": "missing", "column": "gone"}, {"check": "unique", "columns": ["gone"]}]
    assert judge(events(n=[1]), "quality", columns=columns, checks=checks).verdict == "pass"


@pytest.mark.parametrize(("max_age", "violated"), [("1h", True), ("2h", False), ("3h", False)])
def test_freshness_is_judged_against_the_windows_end(judge, events, pick, max_age, violated):
    report = judge(events(start="2024-01-31 21:00", n=[1, 2]), "quality", freshness={"max_age": max_age})
    found = pick(report, "freshness")
    assert (found.violated, found.numbers["staleness_seconds"]) == (violated, 7200)
    assert report.staleness == timedelta(hours=2)


@pytest.mark.parametrize("row_group_size", [1, 2, 3])
@pytest.mark.parametrize("statistics", [True, False])
def test_a_row_at_the_windows_end_is_not_its_newest(judge, events, pick, tmp_path, row_group_size, statistics):
    frame = pd.concat([events(start="2024-01-31 22:00", n=[1]), events(start="2024-02-01 00:00", n=[2, 3])])
    file = tmp_path / "events.parquet"
    frame.to_parquet(file, index=False, row_group_size=row_group_size, write_statistics=statistics)
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    report = judge(None, "quality", columns=columns, freshness={"max_age": "1h"})
    assert (report.rows, report.newest) == (1, pd.Timestamp("2024-01-31 22:00", tz="UTC"))
    assert pick(report, "freshness").numbers["staleness_seconds"] == 7200


def test_freshness_of_an_empty_window_tells_how_old_the_newest_row_is(judge, events, pick):
    report = judge(events(start="2023-12-31", n=[1]), "quality", freshness={"max_age": "1d"})
    assert pick(report, "freshness").message == "the newest row is 32d older than the window's end; at most 1d"


def test_freshness_without_any_row(judge, events, pick):
    report = judge(events(n=[1]).head(0), "quality", freshness={"max_age": "1d"})
    assert pick(report, "freshness").message == "there is no row before the window's end; at most 1d"
    assert report.staleness is None


def test_a_row_after_the_window_is_in_the_future_only_if_it_is_after_now_too(judge, events, pick):
    frame = pd.concat([events(n=[1]), events(start="2024-03-01", n=[2])])
    later, sooner = pd.Timestamp("2024-03-02", tz="UTC"), pd.Timestamp("2024-02-10", tz="UTC")
    assert not pick(judge(frame, "quality", now=later), "future").violated
    found = pick(judge(frame, "quality", now=sooner), "future")
    assert (found.violated, found.numbers["count"]) == (True, 1)
    before = pd.Timestamp("2020-01-01", tz="UTC")
    assert pick(judge(frame.head(1), "quality", now=before), "future").violated is False


def test_rows_without_an_event_time_are_counted(judge, events, pick):
    frame = events(n=[1, 2, 3])
    frame.loc[1, "at"] = None
    found = pick(judge(frame, "quality"), "untimed")
    assert (found.violated, found.numbers["count"]) == (True, 1)


def test_rows_of_no_window_are_shown(judge, pick, events):
    late = events(id=[1, 2], x=[1.0, 2.0])
    late["at"] = pd.to_datetime(["2024-01-05T00:00Z", "2025-01-01T00:00Z"])
    lost = late.assign(at=pd.to_datetime(["2024-01-05T00:00Z", None], utc=True))
    future = pick(judge(late, "quality", keys=["id"]), "future")
    untimed = pick(judge(lost, "quality", keys=["id"]), "untimed")
    assert [found.sample.columns for found in (future, untimed)] == [("id", "at")] * 2
    assert [found.sample.rows[0][0] for found in (future, untimed)] == ["2", "2"]
    assert pick(judge(late, "quality", keys=["id"]), "untimed").sample is None


NASTY = ["a b", 'quo"te', "select", "x;y", "it's", '"; DROP TABLE events; --', "Größe", "back\\slash", "{{ 7 * 7 }}"]


@pytest.mark.parametrize("name", NASTY)
def test_any_column_name_is_only_a_name(judge, name, events):
    frame = events(**{name: [1.0, 1.0, 50.0, None]})
    checks = [
        {"check": "missing", "column": name},
        {"check": "range", "column": name, "max": 10},
        {"check": "allowed", "column": name, "values": [1]},
        {"check": "unique", "columns": [name]},
        {"check": "duplicate_rows"},
    ]
    report = judge(frame, "schema", "quality", checks=checks)
    assert [(f.check, f.numbers["count"]) for f in report.violated] == [
        ("allowed", 1),
        ("missing", 1),
        ("range", 1),
        ("unique", 1),
    ]
