"""Mistakes in the bounds and tolerances of checks: the line, the key, what is wrong."""

import pytest

MISTAKES = {
    "true for a number of rows": (
        "{check: rows, min: yes}",
        "datasets.orders.checks.1.min",
        "expected a whole number; found true",
    ),
    "true for a share": (
        "{check: missing, column: price, max_share: on}",
        "datasets.orders.checks.1.max_share",
        "expected a number; found true",
    ),
    "two tolerances": (
        "{check: missing, column: price, max_share: 0.1, max_count: 3}",
        "datasets.orders.checks.1",
        "give max_share or max_count, not both",
    ),
    "a tolerance of nothing beside another": (
        "{check: missing, column: price, max_share: 0, max_count: 3}",
        "datasets.orders.checks.1",
        "give max_share or max_count, not both",
    ),
    "rows upside down": ("{check: rows, min: 5, max: 1}", "datasets.orders.checks.1", "min 5 is above max 1"),
    "more runs than are kept": (
        "{check: row_count_history, runs: 7, min_runs: 8}",
        "datasets.orders.checks.1",
        "min_runs 8 is above runs 7",
    ),
    "a range without bounds": (
        "{check: range, column: price}",
        "datasets.orders.checks.1",
        "a range needs a bound: min, max, above or below",
    ),
    "a bound that is no number": (
        "{check: range, column: price, min: yes}",
        "datasets.orders.checks.1.min",
        "expected a number, or a time such as 2024-01-31; found true",
    ),
    "a time beside numbers": (
        "{check: range, column: price, max: 2024-01-31}",
        "datasets.orders.checks.1.max",
        "column 'price' is number, and 2024-01-31 is a time",
    ),
    "a number beside times": (
        "{check: range, column: at, max: 20240131}",
        "datasets.orders.checks.1.max",
        "column 'at' is timestamp, and 20,240,131 is a number",
    ),
    "a month too many": (
        "{check: range, column: at, max: '2024-13-31'}",
        "datasets.orders.checks.1.max",
        "expected a number, or a time such as 2024-01-31; found '2024-13-31'",
    ),
    "two bounds at one end": (
        "{check: range, column: price, min: 0, above: 0}",
        "datasets.orders.checks.1",
        "give min or above, not both",
    ),
    "bounds with nothing between": (
        "{check: range, column: price, above: 3, max: 3}",
        "datasets.orders.checks.1",
        "nothing is above 3 and at most 3",
    ),
    "times upside down": (
        "{check: range, column: at, min: 2024-02-01, below: 2024-01-01}",
        "datasets.orders.checks.1",
        "min 2024-02-01 is above below 2024-01-01",
    ),
    "a time against a number": (
        "{check: range, column: at, min: 2024-02-01, below: 3}",
        "datasets.orders.checks.1",
        "min 2024-02-01 and below 3 cannot be compared",
    ),
    "an aggregate without bounds": (
        "{check: aggregate, column: price, aggregate: mean}",
        "datasets.orders.checks.1",
        "an aggregate needs a bound",
    ),
    "no bound of different values": (
        "{check: distinct, column: id}",
        "datasets.orders.checks.1",
        "a distinct check needs a bound",
    ),
    "shares upside down": (
        "{check: distinct, column: id, min_share: 0.5, max_share: 0.4}",
        "datasets.orders.checks.1",
        "min_share 0.5 is above max_share 0.4",
    ),
    "no count of columns": (
        "{check: column_count}",
        "datasets.orders.checks.1",
        "a column_count check needs min, max or both",
    ),
    "deviations of nothing": (
        "{check: deviations, column: price}",
        "datasets.orders.checks.1.max",
        "required, but missing",
    ),
    "an endless bound": (
        "{check: range, column: price, min: .inf}",
        "datasets.orders.checks.1.min",
        "finite number",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_bound_is_reported_with_its_place(expect_check_problem, name):
    expect_check_problem(*MISTAKES[name])
