"""Mistakes in checks: the line, the key, what is wrong."""

import pytest

CHECK = "{check: range, column: price, min: 0}"  # in line 15 of the valid file

MISTAKES = {
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
    "a predicate that is none": (
        "{check: predicate, sql: 'price > 0; DROP TABLE x'}",
        "datasets.orders.checks.1.sql",
        "without a semicolon",
    ),
    "a where that reads files": (
        "{check: missing, column: price, where: \"read_text('x') = 'y'\"}",
        "datasets.orders.checks.1.where",
        "the function read_text is not one a predicate may use",
    ),
    "an unknown column in a where": (
        "{check: missing, column: price, where: prize > 0}",
        "datasets.orders.checks.1.where",
        "no column 'prize'; did you mean 'price'?",
    ),
    "an unknown column in a predicate": (
        "{check: predicate, sql: 'prize > 0'}",
        "datasets.orders.checks.1.sql",
        "no column 'prize'",
    ),
    "a comparison with an unknown column": (
        "{check: compare, left: price, operator: '<', right: cost}",
        "datasets.orders.checks.1.right",
        "no column 'cost'",
    ),
    "an unknown group": (
        "{check: monotonic, column: price, by: [shop]}",
        "datasets.orders.checks.1.by.0",
        "no column 'shop'",
    ),
    "a reference to an unknown dataset": (
        "{check: references, column: id, dataset: customers, key: id}",
        "datasets.orders.checks.1.dataset",
        "no dataset 'customers'",
    ),
    "a reference to an unknown column": (
        "{check: references, column: id, dataset: orders, key: number}",
        "datasets.orders.checks.1.key",
        "no column of dataset orders 'number'",
    ),
    "a sum of nothing": (
        "{check: reconcile, dataset: orders, aggregate: sum}",
        "datasets.orders.checks.1",
        "needs a column",
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
        "a range needs min, max or both",
    ),
    "a length of a number": (
        "{check: length, column: price, max: 3}",
        "datasets.orders.checks.1.column",
        "a length check needs text, and column 'price' is number",
    ),
    "a pattern for a number": (
        "{check: regex, column: price, pattern: a}",
        "datasets.orders.checks.1.column",
        "a regex check needs text",
    ),
    "a pattern that is none": (
        "{check: regex, column: price, pattern: '[a-z'}",
        "datasets.orders.checks.1.pattern",
        "not a regular expression of RE2: missing ]: [a-z; put a backslash before a character that stands for itself; "
        "there is no look-around and no back-reference; found '[a-z'",
    ),
    "a pattern of another dialect": (
        "{check: regex, column: price, pattern: '(?<=a)b'}",
        "datasets.orders.checks.1.pattern",
        "not a regular expression of RE2: invalid perl operator: (?<",
    ),
    "a pattern that is none in a where": (
        "{check: rows, where: 'regexp_matches(id, ''(a'')'}",
        "datasets.orders.checks.1.where",
        "not a regular expression of RE2: missing )",
    ),
    "a comparison of a number with a truth": (
        "{check: compare, left: price, operator: '<', right: returned}",
        "datasets.orders.checks.1.right",
        "'price' is number and 'returned' is boolean",
    ),
    "an endless bound": (
        "{check: range, column: price, min: .inf}",
        "datasets.orders.checks.1.min",
        "finite number",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_check_is_reported_with_its_place(problems, valid, name):
    check, key, message = MISTAKES[name]
    found = problems(valid.replace(CHECK, check))
    assert [(p.key, message in p.message) for p in found if p.key.startswith(key)][:1] == [(key, True)], found
    assert all(p.line in (4, 15) for p in found)


@pytest.mark.parametrize(
    "check",
    [
        "{check: range, column: price, min: 0, where: not returned, max_count: 3, severity: warn}",
        "{check: range, column: price, min: 3, max: 3}",
        "{check: rows, min: 0, max: 0}",
        "{check: missing, column: price, max_count: 0}",
        "{check: missing, column: price, max_share: 1}",
        "{check: row_count_history, runs: 7, min_runs: 7}",
        "{check: predicate, sql: 'price > 0 OR returned', max_share: 0.01}",
        "{check: compare, left: price, operator: '!=', right: id}",
        "{check: monotonic, column: price, direction: decreasing, strict: true, by: [returned]}",
        "{check: references, column: id, dataset: orders, key: id}",
        "{check: reconcile, dataset: orders, aggregate: mean, column: price, tolerance: 0.01}",
    ],
)
def test_checks_as_they_should_be(load, valid, check):
    assert len(load(valid.replace(CHECK, check)).datasets["orders"].checks) == 2


def test_an_aggregate_of_a_column_that_the_other_dataset_lacks_is_named(problems, valid):
    other = """\
  stock:
    source: {kind: parquet, path: stock.parquet}
    timestamp: at
    columns: {at: {type: timestamp}, worth: {type: number}}
features: {}"""
    text = valid.replace("features: {}", other)
    declared = "{check: reconcile, dataset: stock, aggregate: sum, column: price}"
    [found] = problems(text.replace(CHECK, declared))
    assert (found.key, found.message) == (
        "datasets.orders.checks.1.column",
        "no column of dataset stock 'price'; known: at, worth",
    )
    [found] = problems(text.replace(CHECK, declared.replace("price", "price, other_column: wort")))
    assert (found.key, found.message) == (
        "datasets.orders.checks.1.other_column",
        "no column of dataset stock 'wort'; did you mean 'worth'?",
    )
