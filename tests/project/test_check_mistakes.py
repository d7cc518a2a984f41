"""Mistakes in checks, their bounds left out: the line, the key, what is wrong."""

import pytest

MISTAKES = {
    "a broken value of a whole number": (
        "{check: allowed, column: id, values: [1, 1.5]}",
        "datasets.orders.checks.1.values.1",
        "column 'id' is integer, and 1.5 is not",
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
        "and no other aggregate takes one",
    ),
    "an aggregate nobody knows": (
        "{check: aggregate, column: price, aggregate: meen, min: 0}",
        "datasets.orders.checks.1.aggregate",
        "did you mean 'mean'?",
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
    "a comparison of a column with itself": (
        "{check: compare, left: price, operator: '<', right: price}",
        "datasets.orders.checks.1.right",
        "'price' is compared with itself",
    ),
    "a number that is compared with a word": (
        "{check: predicate, sql: \"price > 'cheap'\"}",
        "datasets.orders.checks.1.sql",
        "column 'price' is number, and cannot be compared with 'cheap'",
    ),
    "a truth that is compared with a number": (
        "{check: predicate, sql: '(returned) IN (1, 2)'}",
        "datasets.orders.checks.1.sql",
        "column 'returned' is boolean, and cannot be compared with 1",
    ),
    "a time that is compared with a number": (
        "{check: missing, column: price, where: 'at BETWEEN 1 AND -2'}",
        "datasets.orders.checks.1.where",
        "column 'at' is timestamp, and cannot be compared with 1",
    ),
    "a time that is compared with a word": (
        "{check: predicate, sql: \"at < 'soon'\"}",
        "datasets.orders.checks.1.sql",
        "cannot be compared with 'soon'",
    ),
    "columns of types that differ in a predicate": (
        "{check: predicate, sql: 'price < returned OR price > 1'}",
        "datasets.orders.checks.1.sql",
        "'price' is number and 'returned' is boolean: they cannot be compared",
    ),
    "a number where a truth stands": (
        "{check: predicate, sql: 'NOT (price AND returned)'}",
        "datasets.orders.checks.1.sql",
        "a predicate is true or false, and column 'price' is number",
    ),
    "a function of text of a number": (
        "{check: missing, column: price, where: 'length(price) > 2'}",
        "datasets.orders.checks.1.where",
        "LENGTH(price) needs text, and column 'price' is number",
    ),
    "arithmetic of truths": (
        "{check: predicate, sql: 'returned * 2 > 1'}",
        "datasets.orders.checks.1.sql",
        "returned * 2 needs numbers, and column 'returned' is boolean",
    ),
    "columns of some rows": (
        "{check: column_count, min: 3, where: price > 0}",
        "datasets.orders.checks.1.where",
        "a column_count check reads none",
    ),
}


OF_TEXT = {  # where the column id holds text
    "a text that is compared with a number": (
        "{check: predicate, sql: '1 < id'}",
        "datasets.orders.checks.1.sql",
        "column 'id' is string, and cannot be compared with 1",
    ),
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
def test_a_value_that_is_no_text_is_told_with_its_place(problems, with_check, name):
    check, key, message = OF_TEXT[name]
    [found] = problems(with_check(check).replace("id: {type: integer", "id: {type: string"))
    assert (found.key, found.line) == (key, 15)
    assert message in found.message


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_check_is_reported_with_its_place(expect_check_problem, name):
    expect_check_problem(*MISTAKES[name])


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
        "{check: predicate, sql: \"price > '1.5' AND at >= '2024-01-01' AND (returned = 'yes' OR returned = true)\"}",
        "{check: predicate, sql: 'returned AND id IN (1, -2, NULL) AND id < price * 2 AND at < at + INTERVAL 1 DAY'}",
        "{check: monotonic, column: price, direction: decreasing, strict: true, by: [returned]}",
        "{check: references, column: id, dataset: orders, key: id}",
        "{check: reconcile, dataset: orders, aggregate: mean, column: price, tolerance: 0.01}",
    ],
)
def test_checks_as_they_should_be(load, with_check, check):
    assert len(load(with_check(check)).datasets["orders"].checks) == 2


def test_an_aggregate_of_a_column_that_the_other_dataset_lacks_is_named(problems, with_check):
    other = """\
  stock:
    source: {kind: parquet, path: stock.parquet}
    timestamp: at
    columns: {at: {type: timestamp}, worth: {type: number}}
features: {}"""
    declared = "{check: reconcile, dataset: stock, aggregate: sum, column: price}"
    [found] = problems(with_check(declared).replace("features: {}", other))
    assert (found.key, found.message) == (
        "datasets.orders.checks.1.column",
        "no column of dataset stock 'price'; there are: at, worth",
    )
    declared = declared.replace("price", "price, other_column: wort")
    [found] = problems(with_check(declared).replace("features: {}", other))
    assert (found.key, found.message) == (
        "datasets.orders.checks.1.other_column",
        "no column of dataset stock 'wort'; did you mean 'worth'?",
    )
