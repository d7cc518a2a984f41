"""Checks against another dataset of the project."""

import math
from decimal import Decimal

import pandas as pd
import pytest

from maestro_ml.checks.reconcile import values_agree


@pytest.fixture
def depots(tmp_path):
    """Provide `depots(frame)`: the arguments that put a second dataset, `depots`, beside the first."""

    def build(frame: pd.DataFrame | None, **columns: str) -> dict:
        if frame is not None:
            frame.to_parquet(tmp_path / "depots.parquet", index=False)
        types = {"at": "timestamp"} | columns
        source = {"kind": "parquet", "path": "depots.parquet"}
        spec = {"source": source, "timestamp": "at", "columns": {name: {"type": kind} for name, kind in types.items()}}
        return {"others": {"depots": spec}}

    return build


def test_values_must_stand_in_the_other_dataset_whenever_its_rows_are(check, events, depots):
    other = depots(events(start="2019-01-01", code=["A", "B", None]), code="string")
    frame = events(depot=["A", "B", "C", "c", None])
    declared = {"check": "references", "column": "depot", "dataset": "depots", "key": "code"}
    found = check(frame, other, **declared)
    assert (found.numbers["count"], found.violated) == (2, True)
    assert check(frame, other, **declared, max_count=2).violated is False
    assert check(frame, other, **declared, where="depot <> 'C'").numbers["count"] == 1


def test_nothing_stands_in_an_empty_dataset(check, events, depots):
    other = depots(events(code=["A"]).head(0), code="string")
    found = check(events(depot=["A", None]), other, check="references", column="depot", dataset="depots", key="code")
    assert found.numbers["count"] == 1


def test_numbers_of_different_types_are_compared_and_texts_with_numbers_are_not(check, events, depots):
    declared = {"check": "references", "column": "depot", "dataset": "depots", "key": "code"}
    assert check(events(depot=[1, 2]), depots(events(code=[1.0, 3.0]), code="number"), **declared).numbers["count"] == 1
    found = check(events(depot=["1"]), depots(events(code=[1]), code="string"), **declared)
    assert found.message == "cannot be checked: integer and string cannot be compared"


def test_a_dataset_that_cannot_be_read_is_a_finding_and_the_others_are_judged(judge, events, depots, pick):
    checks = [
        {"check": "references", "column": "n", "dataset": "depots", "key": "code"},
        {"check": "reconcile", "dataset": "depots"},
        {"check": "range", "column": "n", "min": 2},
    ]
    report = judge(events(n=[1, 2]), "quality", checks=checks, **depots(None, code="integer"))
    for kind in ("references", "reconcile"):
        found = pick(report, kind)
        assert found.violated
        assert "no parquet file at" in found.message
    assert pick(report, "range").numbers["count"] == 1


@pytest.mark.parametrize(
    ("declared", "violated"),
    [
        ({}, True),
        ({"tolerance": 0.5}, False),
        ({"tolerance": 0.2}, True),
        ({"aggregate": "sum", "column": "n", "other_column": "m"}, False),
        ({"aggregate": "max", "column": "n", "other_column": "m"}, True),
        ({"aggregate": "mean", "column": "n", "other_column": "m", "tolerance": 0.5}, False),
        ({"aggregate": "distinct", "column": "n", "other_column": "m"}, True),
    ],
)
def test_an_aggregate_must_agree_with_that_of_the_other_dataset(check, events, depots, declared, violated):
    other = depots(pd.concat([events(m=[4, 2]), events(start="2023-05-01", m=[100])]), m="integer")
    found = check(events(n=[1, 2, 3]), other, check="reconcile", dataset="depots", **declared)
    assert found.violated is violated


def test_the_message_tells_both_numbers(check, events, depots):
    found = check(events(n=[1, 2, 3]), depots(events(m=[4, 2]), m="integer"), check="reconcile", dataset="depots")
    assert found.message == "rows is 3, in depots 2"
    assert (found.numbers["value"], found.numbers["expected"]) == (3, 2)


def test_without_any_value_on_both_sides_they_agree_and_on_one_side_they_do_not(check, events, depots):
    declared = {"check": "reconcile", "dataset": "depots", "aggregate": "sum", "column": "n", "other_column": "m"}
    empty = depots(events(m=[1]).head(0), m="integer")
    assert check(events(n=[1.0, None]), empty, **declared).violated is True
    assert check(events(n=pd.array([None, None], "Int64")), empty, **declared).violated is False


def test_two_datasets_of_csv_files_can_stand_side_by_side(judge, events, depots, pick, tmp_path):
    other = depots(None, code="integer")
    other["others"]["depots"]["source"] = {"kind": "csv", "path": "depots.csv"}
    events(code=[1]).to_csv(tmp_path / "depots.csv", index=False)
    events(n=[1, 2]).to_csv(tmp_path / "events.csv", index=False)
    columns = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    checks = [{"check": "references", "column": "n", "dataset": "depots", "key": "code"}]
    source = {"kind": "csv", "path": "events.csv"}
    assert (
        pick(judge(None, "quality", columns=columns, checks=checks, source=source, **other), "references").numbers[
            "count"
        ]
        == 1
    )


@pytest.mark.parametrize(
    ("value", "expected", "tolerance", "agree"),
    [
        (129, 100, 0.29, True),  # 0.29 * 100 is less than 29 in binary
        (130, 100, 0.29, False),
        (71, 100, 0.29, True),
        (70, 100, 0.29, False),
        (-129, -100, 0.29, True),
        (-71, -100, 0.29, True),
        (-130, -100, 0.29, False),
        (-70, -100, 0.29, False),
        (1, -1, 1.5, False),
        (0, 0, 0.1, True),
        (1, 0, 0.1, False),
        (Decimal("0.3"), 0.3, 0.0, True),
        (Decimal("0.31"), 0.3, 0.0, False),
        (2**53 + 1, float(2**53), 0.0, False),
        (math.inf, math.inf, 0.1, True),
        (math.inf, 1.0, 0.1, False),
        (None, 0, 0.1, False),
    ],
)
def test_numbers_agree_as_they_are_written(value, expected, tolerance, agree):
    assert values_agree(value, expected, tolerance) is agree


@pytest.mark.parametrize(
    ("n", "m", "declared", "message"),
    [
        ([3, 3], [4], {"tolerance": 0.4}, "sum of n is 6, in depots 4; 50 % apart, at most 40 % apart"),
        ([2, 2], [4], {"tolerance": 0.4}, "sum of n is 4, in depots 4; at most 40 % apart"),
        ([1], [0], {"tolerance": 0.4}, "sum of n is 1, in depots 0; at most 40 % apart"),
        ([0], [4], {"tolerance": 0.4}, "sum of n is 0, in depots 4; at most 40 % apart"),
        ([-3], [-4], {"tolerance": 0.4}, "sum of n is -3, in depots -4; 25 % apart, at most 40 % apart"),
        ([1, 5], [1], {"where": "n < 5"}, "sum of n is 1, in depots 1, of the rows where n < 5"),
        ([1, 5], [3], {"aggregate": "mean"}, "mean of n is 3, in depots 3"),
        ([1, 5], [1, 3], {"aggregate": "min"}, "min of n is 1, in depots 1"),
    ],
)
def test_the_message_says_how_far_both_numbers_are_from_each_other(check, events, depots, n, m, declared, message):
    other = depots(events(m=m), m="integer")
    declared = {"aggregate": "sum", "column": "n", "other_column": "m"} | declared
    assert check(events(n=n), other, check="reconcile", dataset="depots", **declared).message == message


@pytest.mark.parametrize("secret", ["here", "there"])
def test_a_personal_column_is_reconciled_without_its_numbers(check, events, depots, secret):
    other = depots(events(m=[41]), m="integer")
    here = {"at": {"type": "timestamp"}, "n": {"type": "integer", "pii": secret == "here"}}
    other["others"]["depots"]["columns"]["m"]["pii"] = secret == "there"
    declared = {"check": "reconcile", "dataset": "depots", "aggregate": "sum", "column": "n", "other_column": "m"}
    found = check(events(n=[40]), other | {"columns": here}, **declared)
    assert (found.violated, found.message) == (True, "sum of n differs from that of depots")
    assert found.numbers == {"tolerance": 0.0}
    found = check(events(n=[40]), other | {"columns": here}, **declared, tolerance=0.5)
    assert found.message == "sum of n agrees with that of depots; at most 50 % apart"


def test_texts_have_as_many_different_values_but_no_sum(check, events, depots):
    other = depots(events(m=["a", "b"]), m="string")
    declared = {"check": "reconcile", "dataset": "depots", "column": "n", "other_column": "m"}
    assert not check(events(n=["x", "y", "y", None]), other, **declared, aggregate="distinct").violated
    numbers = {"at": {"type": "timestamp"}, "n": {"type": "integer"}}
    other = depots(events(m=[1]), m="integer")
    found = check(events(n=["x"]), other | {"columns": numbers}, **declared, aggregate="sum")
    assert found.message == "cannot be checked: sum of integer and string cannot be compared"


def test_a_column_that_the_other_dataset_lacks_is_a_finding(check, events, depots):
    other = depots(events(n=[1]), m="integer")
    for declared in (
        {"check": "reconcile", "aggregate": "sum", "column": "n", "other_column": "m"},
        {"check": "references", "column": "n", "key": "m"},
    ):
        found = check(events(n=[1]), other, dataset="depots", **declared)
        assert (found.violated, found.message) == (True, "cannot be checked: dataset depots has no column m")
