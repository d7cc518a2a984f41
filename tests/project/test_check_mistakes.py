"""Mistakes in checks: the line, the key, what is wrong."""

import pytest

CHECK = "{check: range, column: price, min: 0}"  # in line 15 of the valid file

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
    "a broken value of a whole number": (
        "{check: allowed, column: id, values: [1, 1.5]}",
        "datasets.orders.checks.1.values.1",
        "column 'id' is integer, and 1.5 is not",
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
        "a range needs a bound: min, max, above or below",
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
    "nulls of no column": (
        "{check: duplicate_rows, ignore_nulls: true}",
        "datasets.orders.checks.1.ignore_nulls",
        "a duplicate_rows check does not look at values of a column",
    ),
    "nulls ignored and counted": (
        "{check: missing, column: price, ignore_nulls: true}",
        "datasets.orders.checks.1.ignore_nulls",
        "missing values are what a missing check counts",
    ),
    "an aggregate of text": (
        "{check: aggregate, column: returned, aggregate: mean, min: 0}",
        "datasets.orders.checks.1.column",
        "an aggregate check needs numbers, and column 'returned' is boolean",
    ),
    "a quantile of nothing": (
        "{check: aggregate, column: price, aggregate: quantile, min: 0}",
        "datasets.orders.checks.1",
        "aggregate: quantile needs a share such as quantile: 0.95",
    ),
    "a share of a mean": (
        "{check: aggregate, column: price, aggregate: mean, quantile: 0.5, min: 0}",
        "datasets.orders.checks.1",
        "and no other takes one",
    ),
    "an aggregate without bounds": (
        "{check: aggregate, column: price, aggregate: mean}",
        "datasets.orders.checks.1",
        "an aggregate needs a bound",
    ),
    "an aggregate nobody knows": (
        "{check: aggregate, column: price, aggregate: meen, min: 0}",
        "datasets.orders.checks.1.aggregate",
        "did you mean 'mean'?",
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
    "a set of nothing": (
        "{check: value_set, column: id}",
        "datasets.orders.checks.1",
        "give contains or equals, one of the two",
    ),
    "an empty set": (
        "{check: value_set, column: id, equals: []}",
        "datasets.orders.checks.1.equals",
        "needs at least 1 item",
    ),
    "a text that stands for a missing time": (
        "{check: missing, column: at, values: ['-']}",
        "datasets.orders.checks.1.values",
        "`values` of a missing check needs numbers, text or booleans, and column 'at' is timestamp",
    ),
    "a most common text of numbers": (
        "{check: most_common, column: price, values: [cheap]}",
        "datasets.orders.checks.1.values.0",
        "column 'price' is number, and 'cheap' is not",
    ),
    "a format of numbers": (
        "{check: date_format, column: price, format: '%Y'}",
        "datasets.orders.checks.1.column",
        "a date_format check needs text",
    ),
    "a format of another language": (
        "{check: date_format, column: id, format: yyyy-MM-dd}",
        "datasets.orders.checks.1.format",
        "a format holds directives, such as %Y-%m-%d",
    ),
    "JSON in numbers": (
        "{check: json, column: price}",
        "datasets.orders.checks.1.column",
        "a json check needs text",
    ),
    "a bad pattern that must not match": (
        "{check: not_regex, column: id, pattern: '[a'}",
        "datasets.orders.checks.1.pattern",
        "not a regular expression of RE2",
    ),
    "columns of some rows": (
        "{check: column_count, min: 3, where: price > 0}",
        "datasets.orders.checks.1.where",
        "a column_count check looks at none",
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


OF_TEXT = {  # where the column id holds text
    "a date among texts": (
        "{check: allowed, column: id, values: [2024-01-31]}",
        "datasets.orders.checks.1.values.0",
        "expected text; found 2024-01-31, which YAML reads as a time; write '2024-01-31' in quotes for a text",
    ),
    "a set of truths": (
        "{check: value_set, column: id, equals: [a, No]}",
        "datasets.orders.checks.1.equals.1",
        "YAML reads Yes, No, on and off without quotes as true and false",
    ),
    "a forbidden number in text": (
        "{check: forbidden, column: id, values: [-1]}",
        "datasets.orders.checks.1.values.0",
        "write '-1' in quotes",
    ),
    "a number that stands for a missing text": (
        "{check: missing, column: id, values: [N/A, -1]}",
        "datasets.orders.checks.1.values.1",
        "write '-1' in quotes",
    ),
}


@pytest.mark.parametrize("name", OF_TEXT)
def test_a_value_that_is_no_text_is_told_with_its_place(problems, valid, name):
    check, key, message = OF_TEXT[name]
    [found] = problems(valid.replace("id: {type: integer", "id: {type: string").replace(CHECK, check))
    assert (found.key, found.line) == (key, 15)
    assert message in found.message


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
        "no column of dataset stock 'price'; there are: at, worth",
    )
    [found] = problems(text.replace(CHECK, declared.replace("price", "price, other_column: wort")))
    assert (found.key, found.message) == (
        "datasets.orders.checks.1.other_column",
        "no column of dataset stock 'wort'; did you mean 'worth'?",
    )
