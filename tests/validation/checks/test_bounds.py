"""Bounds that leave themselves out, and bounds of dates and times, against pandas."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

EDGE = 2**53


@pytest.mark.parametrize(
    ("values", "bounds", "count"),
    [
        ([0, 1, 2], {"above": 0, "below": 2}, 2),
        ([0, 1, 2], {"above": -1, "below": 3}, 0),
        ([0.0, -0.0, 1e-300], {"above": 0}, 2),
        ([0, 1, 2], {"above": 0.5, "below": 1.5}, 2),
        ([EDGE, EDGE + 1], {"above": EDGE}, 1),
        ([EDGE, EDGE + 1], {"below": EDGE + 1}, 1),
        ([1.0, np.nan, None, np.inf], {"below": 1}, 2),
        ([1.0, np.nan, None], {"above": 1}, 1),
        ([0.1, 0.2], {"above": 0.1}, 1),
        ([1, 2], {"above": 1e30}, 2),
        ([1, 2], {"below": 1e30, "above": -1e30}, 0),
        ([], {"above": 0}, 0),
    ],
)
@pytest.mark.parametrize("where", [None, "true"])
def test_a_bound_can_leave_itself_out(check, events, values, bounds, count, where):
    whole = all(isinstance(value, int) for value in values) and values
    frame = events(x=pd.Series(values, dtype="int64" if whole else "float64"))
    found = check(frame, check="range", column="x", where=where, **bounds)
    assert (found.numbers["count"], found.violated) == (count, count > 0)


def test_the_finding_says_which_bound_was_left_out(check, events):
    found = check(events(x=[0, 1, 2]), check="range", column="x", above=0, max=2)
    assert found.message == "1 of 3 (33.33 %) not above 0, at most 2 (smallest 0, largest 2)"
    assert {key: found.numbers[key] for key in ("min", "max", "above")} == {"min": None, "max": 2, "above": 0}
    assert found.sample
    assert [row[-1] for row in found.sample.rows] == ["0"]


class TestTimes:
    @pytest.mark.parametrize(
        ("bounds", "count"),
        [
            ({"min": "2024-01-01 01:00Z"}, 1),
            ({"above": "2024-01-01T01:00:00+00:00"}, 2),
            ({"max": "2024-01-01 02:00+01:00"}, 2),
            ({"below": "2024-01-01 02:00+01:00"}, 3),
            ({"min": "2024-01-01"}, 0),
            ({"below": "2024-01-01"}, 4),
            ({"min": "2024-01-01 00:00", "below": "2024-01-01 04:00"}, 0),
        ],
    )
    def test_instants_are_compared_with_their_zone(self, check, events, bounds, count):
        found = check(events(x=range(4)), check="range", column="at", **bounds)
        assert (found.numbers["count"], found.violated) == (count, count > 0)

    def test_a_bound_without_an_offset_is_of_the_datasets_zone(self, check, events):
        zone = {"timezone": "Europe/Berlin"}
        assert check(events(x=range(4)), zone, check="range", column="at", min="2024-01-01 02:00").numbers["count"] == 1
        assert check(events(x=range(4)), zone, check="range", column="at", min=date(2024, 1, 1)).numbers["count"] == 0

    def test_nanoseconds_decide(self, check, events):
        frame = events(x=range(3))
        frame["t"] = pd.to_datetime(["2024-01-05", "2024-01-05 00:00:00.000000001", None], format="mixed").as_unit("ns")
        columns = {"at": {"type": "timestamp"}, "t": {"type": "timestamp"}}
        found = check(frame, {"columns": columns}, check="range", column="t", max=date(2024, 1, 5))
        assert found.numbers["count"] == 1

    def test_dates_are_compared_with_days(self, check, events):
        frame = events(d=[date(2024, 1, 1), date(2024, 1, 31), None])
        given = {"columns": {"at": {"type": "timestamp"}, "d": {"type": "date"}}}
        found = check(frame, given, check="range", column="d", above=date(2024, 1, 1), max="2024-01-31")
        assert found.message == "1 of 3 (33.33 %) are not above 2024-01-01, at most 2024-01-31"
        assert found.sample
        assert [row[-1] for row in found.sample.rows] == ["2024-01-01"]
        assert check(frame.iloc[:0], given, check="range", column="d", min=date(2024, 1, 1)).numbers["count"] == 0

    def test_numbers_are_no_times(self, check, events):
        given = {"columns": {"at": {"type": "timestamp"}, "x": {"type": "date"}}}
        found = check(events(x=[1]), given, check="range", column="x", min=date(2024, 1, 1))
        assert found.message == "cannot be checked: the column is integer, not a time"


def test_zero_has_no_sign(check, events):
    found = check(events(x=[-0.0, 1.0]), check="range", column="x", min=0)
    assert found.message == "0 of 2 outside 0 to any (smallest 0, largest 1)"
    found = check(events(x=[-1.0, -0.0]), check="range", column="x", max=0)
    assert found.message == "0 of 2 outside any to 0 (smallest -1, largest 0)"
