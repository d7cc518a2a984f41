"""Tests of dbt, as checks."""

import pytest
import yaml

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.dataset import as_dataset
from maestro_ml.importers.dbt.read import read


def of_column(tests: object):
    [suite] = read({"models": [{"name": "orders", "columns": [{"name": "x", "data_tests": [tests]}]}]})
    return as_dataset(suite, "orders")


@pytest.mark.parametrize(
    ("tests", "wanted"),
    [
        ("not_null", [{"check": "missing", "column": "x"}]),
        ("unique", [{"check": "unique", "columns": ["x"], "ignore_nulls": True}]),
        (
            {"accepted_values": {"values": ["a", "b"], "config": {"where": "y > 1", "severity": "warn"}}},
            [{"check": "allowed", "column": "x", "values": ["a", "b"], "where": "y > 1", "severity": "warn"}],
        ),
        (
            {"accepted_values": {"arguments": {"values": [1]}}},
            [{"check": "allowed", "column": "x", "values": [1]}],
        ),
        (
            {"not_null": {"config": {"error_if": ">10", "warn_if": ">=2"}}},
            [
                {"check": "missing", "column": "x", "max_count": 10},
                {"check": "missing", "column": "x", "max_count": 1, "severity": "warn"},
            ],
        ),
        (
            {"not_null": {"error_if": "> 10"}},
            [
                {"check": "missing", "column": "x", "max_count": 10},
                {"check": "missing", "column": "x", "severity": "warn"},
            ],
        ),
        ({"not_null": {"warn_if": "> 10"}}, [{"check": "missing", "column": "x"}]),
        (
            {"relationships": {"to": "ref('shops')", "field": "id"}},
            [{"check": "references", "column": "x", "dataset": "shops", "key": "id"}],
        ),
        (
            {"relationships": {"to": "source('raw', 'shops')", "field": "id"}},
            [{"check": "references", "column": "x", "dataset": "shops", "key": "id"}],
        ),
        (
            {"dbt_utils.accepted_range": {"min_value": 0, "inclusive": False}},
            [{"check": "range", "column": "x", "above": 0}],
        ),
        (
            {"dbt_utils.expression_is_true": {"expression": ">= 0"}},
            [{"check": "predicate", "sql": 'coalesce("x" >= 0, FALSE)'}],
        ),
        (
            {"dbt_utils.not_null_proportion": {"at_least": 0.95}},
            [{"check": "missing", "column": "x", "max_share": 0.05}],
        ),
        (
            {"dbt_expectations.expect_column_values_to_be_between": {"min_value": 0, "strictly": True}},
            [{"check": "range", "column": "x", "above": 0}],
        ),
        (
            {
                "dbt_expectations.expect_column_values_to_be_in_set": {
                    "value_set": ["a"],
                    "row_condition": "y is not null",
                    "config": {"severity": "warn"},
                }
            },
            [{"check": "allowed", "column": "x", "values": ["a"], "where": "(y is not null)", "severity": "warn"}],
        ),
        ({"test_name": "not_null", "name": "mine"}, [{"check": "missing", "column": "x"}]),
        ({"name": "mine", "not_null": {}}, [{"check": "missing", "column": "x"}]),
    ],
)
def test_a_test_of_a_column_becomes_checks(tests, wanted):
    found = of_column(tests)
    assert (found.lost, [check for _, check in found.checks]) == ([], wanted)


@pytest.mark.parametrize(
    ("tests", "why"),
    [
        ({"not_null": {"config": {"where": "day > '{{ var('start') }}'"}}}, "Jinja"),
        ({"not_null": {"enabled": False}}, "not enabled"),
        ({"not_null": {"config": {"fail_calc": "sum(n)"}}}, "fail_calc"),
        ({"my_package.my_test": {"a": 1}}, "a test of its own"),
        ("dbt_utils.sequential_values", "no order"),
        ({"relationships": {"to": "shops", "field": "id"}}, "names no model"),
        ({"accepted_values": {}}, "no values"),
        ({"dbt_expectations.expect_column_values_to_be_increasing": {"sort_column": "y"}}, "no order"),
    ],
)
def test_what_has_no_counterpart_says_why(tests, why):
    found = of_column(tests)
    assert found.checks == []
    assert why in found.lost[0][1]


SCHEMA = """
version: 2
models:
  - name: orders
    tests:
      - dbt_utils.unique_combination_of_columns: {combination_of_columns: [a, b]}
      - dbt_utils.recency: {field: at, datepart: day, interval: 1}
    columns:
      - name: a
        data_type: numeric(10, 2)
        constraints: [{type: not_null}, {type: foreign_key}]
sources:
  - name: raw
    tables:
      - name: shops
        columns: [{name: id, tests: [not_null, unique]}]
"""


def test_models_and_sources_of_a_file_are_tables():
    orders, shops = read(yaml.safe_load(SCHEMA))
    found = as_dataset(orders, "orders")
    assert found.document() == {
        "timestamp": "at",
        "freshness": {"max_age": "1d"},
        "columns": {"a": {"type": "number"}},
        "extra_columns": "allow",
        "checks": [{"check": "missing", "column": "a"}, {"check": "unique", "columns": ["a", "b"]}],
    }
    assert [name for name, _ in found.lost] == ["a: constraint foreign_key"]
    assert [check["check"] for _, check in as_dataset(shops, "shops").checks] == ["missing", "unique"]


def test_a_reference_to_a_dataset_that_is_not_there_is_named_where_the_project_is_known():
    [suite] = read(
        {
            "models": [
                {
                    "name": "o",
                    "columns": [{"name": "x", "tests": [{"relationships": {"to": "ref('s')", "field": "id"}}]}],
                }
            ]
        }
    )
    found = as_dataset(suite, "o", types={"x": "integer"}, others=())
    assert "no dataset 's'" in found.lost[0][1]


@pytest.mark.parametrize("document", [None, [], {"version": 2}, {"models": []}])
def test_what_is_no_schema_file_is_refused(document):
    with pytest.raises(RequestError, match="no schema file"):
        read(document)
