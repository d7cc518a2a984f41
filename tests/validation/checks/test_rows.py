"""Checks of whole rows, and of one row against the one before it."""

import math

import numpy as np
import pandas as pd
import pytest


@pytest.mark.parametrize(
    ("sql", "count"),
    [("a < b", 1), ("a < b OR a IS NULL", 1), ("coalesce(a < b, FALSE)", 3), ("a IS NOT NULL", 1), ("TRUE", 0)],
)
def test_a_predicate_counts_rows_of_which_it_is_false(check, events, sql, count):
    frame = events(a=[1.0, 5.0, None, 1.0], b=[2.0, 3.0, 1.0, None])
    assert check(frame, check="predicate", sql=sql).numbers["count"] == count


def test_a_predicate_the_database_cannot_compute_is_a_finding_and_the_others_run(judge, events, pick):
    checks = [
        {"check": "predicate", "sql": "cast(s AS int) > 0"},
        {"check": "missing", "column": "s"},
        {"check": "predicate", "sql": "s + 1 > 0"},
        {"check": "range", "column": "n", "min": 0},
    ]
    report = judge(events(s=["1", "x", None], n=[1, -2, 3]), "quality", checks=checks)
    refused = [f for f in report.findings if f.check == "predicate"]
    assert [f.violated for f in refused] == [True, True]
    assert all(f.message.startswith("could not be checked: ") for f in refused)
    assert pick(report, "missing", "s").numbers["count"] == 1
    assert pick(report, "range").numbers["count"] == 1


@pytest.mark.parametrize(("operator", "count"), [("<", 2), ("<=", 1), ("==", 2), ("!=", 1), (">=", 1), (">", 2)])
def test_two_columns_of_a_row_are_compared_and_missing_passes(check, events, operator, count):
    frame = events(a=[1.0, 2.0, 3.0, None, 1.0], b=[2.0, 2.0, 1.0, 1.0, math.nan])
    found = check(frame, check="compare", left="a", operator=operator, right="b")
    assert (found.numbers["count"], found.column) == (count, "a, b")


def test_times_and_whole_numbers_at_the_edge_are_compared(check, events):
    frame = events(n=np.array([2**63 - 1, 2**63 - 2], "int64"), m=np.array([2**63 - 2] * 2, "int64"))
    assert check(frame, check="compare", left="n", operator="<=", right="m").numbers["count"] == 1
    frame = events(ended=pd.to_datetime(["2024-01-01T01:00Z", "2023-01-01T01:00Z"], utc=True))
    assert check(frame, check="compare", left="at", operator="<=", right="ended").numbers["count"] == 1


def test_texts_and_truths_are_compared_with_their_like(check, events):
    frame = events(a=["a", "b", None], b=["a", "a", "a"], yes=[True, False, True], no=[True, True, False])
    assert check(frame, check="compare", left="a", operator="==", right="b").numbers["count"] == 1
    assert check(frame, check="compare", left="yes", operator=">=", right="no").numbers["count"] == 1


def test_a_column_without_any_value_is_compared_with_every_kind(check, events):
    columns = {"at": {"type": "timestamp"}, "a": {"type": "string"}, "b": {"type": "string"}}
    frame = events(a=[None, None], b=["x", "y"])
    assert not check(frame, {"columns": columns}, check="compare", left="a", operator="<", right="b").violated


def test_columns_that_turn_out_not_to_be_comparable_are_a_finding(check, events):
    columns = {"at": {"type": "timestamp"}, "a": {"type": "number"}, "b": {"type": "number"}}
    found = check(events(a=[1], b=["x"]), {"columns": columns}, check="compare", left="a", operator="<", right="b")
    assert found.message == "cannot be checked: integer and string cannot be compared"


def test_rows_can_be_counted_under_a_condition(check, events):
    frame = events(kind=["a", "b", "b"])
    assert check(frame, check="rows", min=2, where="kind = 'b'").violated is False
    assert check(frame, check="rows", min=2, where="kind = 'a'").violated is True


@pytest.mark.parametrize(
    ("values", "declared", "count"),
    [
        ([1, 2, 2, 3], {}, 0),
        ([1, 2, 2, 3], {"strict": True}, 1),
        ([1, 3, 2, 3], {}, 1),
        ([3, 2, 2, 1], {"direction": "decreasing"}, 0),
        ([3, 2, 2, 1], {"direction": "decreasing", "strict": True}, 1),
        ([1.0, None, 0.5, math.nan, 2.0], {}, 1),
        (["a", "b", "a"], {}, 1),
    ],
)
def test_values_move_one_way_in_the_order_of_time(check, events, values, declared, count):
    frame = events(n=values).sample(frac=1, random_state=3)
    assert check(frame, check="monotonic", column="n", **declared).numbers["count"] == count


def test_each_group_moves_by_itself(check, events):
    frame = events(n=[1, 10, 2, 5, 3], meter=["a", "b", "a", "b", "a"])
    assert check(frame, check="monotonic", column="n").numbers["count"] == 2
    assert check(frame, check="monotonic", column="n", by=["meter"]).numbers["count"] == 1
    found = check(frame, check="monotonic", column="n", by=["meter"], where="meter = 'a'", strict=True)
    assert (found.numbers["count"], found.numbers["rows"]) == (0, 3)


def test_values_move_one_way_whatever_their_columns_are_called(check, events):
    frame = events(before=[1, 3, 2], Before_=[3, 2, 2])
    assert check(frame, check="monotonic", column="before").numbers["count"] == 1
    assert check(frame, check="monotonic", column="Before_", direction="decreasing").numbers["count"] == 0


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({}, "fall against the value before"),
        ({"strict": True}, "do not rise against the value before"),
        ({"direction": "decreasing"}, "rise against the value before"),
        ({"direction": "decreasing", "strict": True}, "do not fall against the value before"),
        ({"by": ["k"]}, "fall against the value before of the same k"),
    ],
)
def test_the_message_says_which_way_the_values_should_move(check, events, declared, message):
    found = check(events(n=[1, 1], k=["a", "a"]), check="monotonic", column="n", **declared)
    assert found.message.endswith(message)


def test_rows_of_the_same_time_take_the_order_that_suits(check, events):
    frame = pd.concat([events(n=[2]), events(n=[1])])
    assert check(frame, check="monotonic", column="n").numbers["count"] == 0
    assert check(frame, check="monotonic", column="n", direction="decreasing").numbers["count"] == 0


def test_repeated_rows_under_a_condition_and_with_a_count_as_tolerance(check, events):
    frame = events(k=[1, 1, 2, 2, 2], kind=["a", "a", "b", "b", "c"])
    found = check(frame, check="unique", columns=["k"], where="kind <> 'c'", max_count=2)
    assert (found.numbers["count"], found.numbers["rows"], found.violated) == (2, 4, False)
    assert check(frame, check="unique", columns=["k"], max_count=2).violated


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_duplicates_are_counted_exactly_however_many_there_are(check, events, copies):
    frame = events(**{f"n{i}": np.arange(200) % 50 for i in range(8)}, x=np.arange(200) / 7)
    found = check(pd.concat([frame] * copies + [frame.head(3)]), check="duplicate_rows")
    assert found.numbers["count"] == 200 * (copies - 1) + 3


def test_rows_that_share_their_key_and_time_are_still_distinguished(check, events):
    frame = events(x=[1.0] * 6, y=[2.0] * 6, z=[1, 2, 3, 4, 5, 5], s=list("abcdee"), t=list("abcdee"))
    frame["at"] = frame["at"].iloc[0]
    assert check(frame, check="duplicate_rows").numbers["count"] == 1


def test_rows_repeat_another_in_many_columns_of_which_none_identifies_them(check, events):
    frame = events(**{name: ["x", "y", "x", "x"] for name in "abcd"}, n=[1, 2, 3, 4])
    found = check(frame, check="unique", columns=list("abcd"))
    assert (found.numbers["count"], found.message) == (2, "2 of 4 (50.00 %) rows repeat another in a, b, c, d")


def test_a_repeated_row_is_shown_by_its_key_and_its_first_eight_columns(check, events):
    frame = pd.concat([events(**{f"n{i}": [i] for i in range(12)}, k=["a"])] * 2)
    sample = check(frame, {"keys": ["k"]}, check="duplicate_rows").sample
    assert sample.columns == ("k", "at", *(f"n{i}" for i in range(7)))


@pytest.mark.parametrize(
    ("bounds", "rows", "violated", "message"),
    [
        ({"max": 2}, 0, False, "the window is empty (at most 2)"),
        ({"max": 0}, 0, False, "the window is empty (at most 0)"),
        ({"max": 0}, 1, True, "1 row in the window (at most 0)"),
        ({"max": 2}, 3, True, "3 rows in the window (at most 2)"),
        ({"min": 2}, 1, True, "1 row in the window (at least 2)"),
        ({"min": 1, "max": 2}, 0, True, "the window is empty (at least 1, at most 2)"),
        ({"min": 0}, 0, False, "the window is empty (at least 0)"),
    ],
)
def test_rows_knows_no_bound_but_those_it_was_given(check, events, bounds, rows, violated, message):
    frame = events(n=[1] * max(rows, 1), start="2024-01-01" if rows else "2023-06-01")
    found = check(frame, check="rows", **bounds)
    assert (found.message.partition("; the data run")[0], found.violated) == (message, violated)
    assert (found.numbers["min"], found.numbers["max"]) == (bounds.get("min"), bounds.get("max"))


@pytest.mark.parametrize(
    ("bounds", "message"),
    [({"min": 3}, "do not have at least 3 characters"), ({"max": 1}, "do not have at most 1 characters")],
)
def test_length_names_the_bounds_it_was_given(check, events, bounds, message):
    assert message in check(events(s=["ab"]), check="length", column="s", **bounds).message


@pytest.mark.parametrize("name", ["copies", "Copies", "copies_"])
def test_repeated_rows_are_counted_whatever_their_columns_are_called(check, events, name):
    frame = events(**{name: [1, 1, 2], "copies__": [1, 1, 1]})
    assert check(frame, check="unique", columns=[name]).numbers["count"] == 1
    assert check(frame, check="unique", columns=[name, "copies__"]).numbers["count"] == 1
    assert check(pd.concat([frame, frame.tail(1)]), check="duplicate_rows").numbers["count"] == 1


def test_a_count_of_some_rows_leaves_an_empty_window_a_finding(judge, events):
    conditional = {"check": "rows", "min": 0, "where": "n > 5"}
    report = judge(events(start="2023-06-01", n=[1]), "quality", checks=[conditional])
    assert [f.numbers["rows"] for f in report.violated if f.check == "rows"] == [0]
    assert judge(events(n=[1]), "quality", checks=[conditional]).verdict == "pass"


def test_missing_values_judged_in_some_rows_leave_an_empty_column_a_finding(judge, events, pick):
    declared = {"check": "missing", "column": "n", "max_share": 1}
    frame = events(n=[None, None], kind=["a", "b"])
    report = judge(frame, "quality", checks=[declared | {"where": "kind = 'a'"}])
    assert pick(report, "all_missing", "n").violated
    assert not [
        f for f in judge(frame, "quality", checks=[declared]).findings if (f.check, f.column) == ("all_missing", "n")
    ]
