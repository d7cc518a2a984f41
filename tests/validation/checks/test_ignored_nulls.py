"""What a share is a share of, and rows without a value that do not count."""

import pytest


def test_without_it_a_share_is_one_of_the_rows(check, events):
    frame = events(n=[-1, 1, 1, 1, None, None])
    found = check(frame, check="range", column="n", min=0, max_share=0.2)
    assert (found.violated, found.numbers["rows"]) == (False, 6)
    assert found.message == "1 of 6 (16.67 %) outside 0 to any (smallest -1, largest 1); at most 20 % of the rows"


def test_with_it_rows_without_a_value_do_not_count(check, events):
    frame = events(n=[-1, 1, 1, 1, None, None])
    found = check(frame, check="range", column="n", min=0, max_share=0.2, ignore_nulls=True)
    assert (found.violated, found.numbers["rows"]) == (True, 4)
    assert found.message == (
        "1 of 4 (25.00 %) outside 0 to any (smallest -1, largest 1); at most 20 %, of the rows with a value"
    )


def test_with_a_where_both_are_said(check, events):
    frame = events(s=["a", "b", None], n=[1, 1, 1])
    found = check(frame, check="allowed", column="s", values=["a"], ignore_nulls=True, where="n = 1", max_share=0.5)
    assert found.message.endswith("; at most 50 %, of the rows with a value where n = 1")
    assert not found.violated


@pytest.mark.parametrize(("ignored", "count", "rows"), [(False, 2, 6), (True, 1, 3)])
def test_keys_that_are_missing_repeat_each_other_unless_they_are_ignored(check, events, ignored, count, rows):
    frame = events(a=["x", "x", "y", None, None, "z"], b=[1, 1, 1, 2, 2, None])
    found = check(frame, check="unique", columns=["a", "b"], ignore_nulls=ignored)
    assert (found.numbers["count"], found.numbers["rows"]) == (count, rows)


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("count", [20, 700])
def test_repeated_keys_are_those_of_pandas(check, events, ignored, count):
    frame = events(a=[None if i % 3 == 0 else f"k{i % 7}" for i in range(count)])
    found = check(frame, check="unique", columns=["a"], ignore_nulls=ignored)
    kept = frame["a"].dropna() if ignored else frame["a"]
    assert found.numbers["count"] == kept.duplicated().sum()


def test_both_columns_of_a_comparison_must_be_there(check, events):
    frame = events(a=[1, 2, None, 4], b=[2, 1, 1, None])
    found = check(frame, check="compare", left="a", operator="<", right="b", ignore_nulls=True)
    assert (found.numbers["count"], found.numbers["rows"]) == (1, 2)


def test_columns_of_a_predicate_must_be_there(check, events):
    found = check(events(a=[1, -2, None]), check="predicate", sql="a > 0", ignore_nulls=True)
    assert (found.numbers["count"], found.numbers["rows"]) == (1, 2)


def test_no_value_at_all_is_no_violation(check, events):
    found = check(events(n=[None, None]).astype({"n": "float64"}), check="range", column="n", min=0, ignore_nulls=True)
    assert (found.violated, found.numbers["rows"]) == (False, 0)
