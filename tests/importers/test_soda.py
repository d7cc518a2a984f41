"""SodaCL and Soda's contracts, as checks."""

import pytest
import yaml

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.dataset import as_dataset
from maestro_ml.importers.soda.read import read


def imported(text: str):
    [suite] = read(yaml.safe_load(text))
    return as_dataset(suite, suite.table)


def of_line(check: str):
    return imported("checks for orders:\n" + "\n".join(f"  {line}" for line in check.splitlines()))


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("- row_count > 0", {"check": "rows", "min": 1}),
        ("- row_count between 10 and 1000", {"check": "rows", "min": 10, "max": 1000}),
        ("- row_count between (10 and 1000)", {"check": "rows", "min": 11, "max": 999}),
        ("- missing_count(x) = 0", {"check": "missing", "column": "x"}),
        ("- missing_count(x) < 5", {"check": "missing", "column": "x", "max_count": 4}),
        ("- missing_percent(x) <= 5%", {"check": "missing", "column": "x", "max_share": 0.05}),
        (
            "- missing_count(x) = 0:\n    missing values: [NA, n/a]",
            {"check": "missing", "column": "x", "values": ["NA", "n/a"]},
        ),
        ("- duplicate_count(a, b) = 0", {"check": "unique", "columns": ["a", "b"], "ignore_nulls": True}),
        (
            "- invalid_percent(x) < 1:\n    valid values: [a, b]\n    filter: y > 1",
            {"check": "allowed", "column": "x", "values": ["a", "b"], "where": "y > 1", "max_share": 0.01},
        ),
        (
            "- invalid_count(x) = 0:\n    valid min: 1\n    valid max: 6",
            {"check": "range", "column": "x", "min": 1, "max": 6},
        ),
        (
            "- invalid_count(x) = 0:\n    invalid regex: ^x",
            {"check": "not_regex", "column": "x", "pattern": "x(?s:.*)"},
        ),
        (
            "- invalid_count(x) = 0:\n    valid format: date eu",
            {"check": "date_format", "column": "x", "format": "%d/%m/%Y"},
        ),
        (
            "- avg(x) between -1.5 and 2",
            {"check": "aggregate", "column": "x", "aggregate": "mean", "min": -1.5, "max": 2},
        ),
        ("- max(x) < 9", {"check": "aggregate", "column": "x", "aggregate": "max", "below": 9}),
        ("- min_length(x) >= 3", {"check": "length", "column": "x", "min": 3}),
        (
            "- values in (x) must exist in shops (id)",
            {"check": "references", "column": "x", "dataset": "shops", "key": "id"},
        ),
        (
            "- failed rows:\n    fail condition: a > b",
            {"check": "predicate", "sql": "NOT coalesce(a > b, FALSE)"},
        ),
        (
            "- schema:\n    warn:\n      when required column missing: [a, b]",
            {"check": "has_columns", "columns": ["a", "b"], "severity": "warn"},
        ),
        (
            "- schema:\n    fail:\n      when forbidden column present: [pii_%]",
            {"check": "has_columns", "absent": ["pii_*"]},
        ),
    ],
)
def test_a_check_of_sodacl_becomes_a_check(line, wanted):
    found = of_line(line)
    assert ([check for _, check in found.checks], found.lost) == ([wanted], [])


def test_a_warning_and_a_failure_are_two_checks():
    found = of_line("- missing_count(x):\n    warn: when > 0\n    fail: when >= 10")
    assert [check for _, check in found.checks] == [
        {"check": "missing", "column": "x", "max_count": 9},
        {"check": "missing", "column": "x", "severity": "warn"},
    ]


def test_freshness_names_the_event_time():
    found = of_line("- freshness(created_at) < 1d6h")
    assert found.document() == {"timestamp": "created_at", "freshness": {"max_age": "1d 6h"}}
    assert "window's end" in found.notes[0][1]


def test_a_filter_of_the_table_is_a_where_of_its_checks():
    text = "filter orders [daily]:\n  where: day > 3\nchecks for orders [daily]:\n  - missing_count(x) = 0:\n"
    found = imported(text + "      filter: y = 'a'")
    assert found.checks[0][1]["where"] == "(day > 3) AND (y = 'a')"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- anomaly detection for row_count", "earlier runs"),
        ("- change for row_count < 10", "earlier runs"),
        ("- missing_count(x) > 5", "how many rows may fail"),
        ("- row_count not between 1 and 2", "outside"),
        ("- row_count same as shops", "reconcile"),
        ("- avg(x) > ${LIMIT}", "variable"),
        ("- failed rows:\n    fail query: SELECT 1", "no queries"),
        ("- my_metric > 1:\n    my_metric expression: sum(x)", "no check measures my_metric"),
        ("- invalid_count(x) = 0:\n    valid format: phone number", "no pattern"),
        ("- invalid_count(x) < 5:\n    valid min: 1\n    valid values: [1]", "several ways"),
        ("- invalid_count(x) = 0", "which values are valid"),
    ],
)
def test_what_has_no_counterpart_says_why(line, why):
    found = of_line(line)
    assert found.checks == []
    assert why in found.lost[0][1]


CONTRACT_4 = """
dataset: postgres/db/public/customers
columns:
  - name: id
    data_type: varchar
    checks:
      - missing:
      - duplicate:
  - name: size
    checks:
      - invalid:
          valid_values: [S, M]
          threshold: {metric: percent, must_be_less_than_or_equal: 2}
      - aggregate: {function: avg, threshold: {must_be_between: [1, 3]}}
checks:
  - schema: {allow_extra_columns: true}
  - row_count: {threshold: {must_be_between: {greater_than: 0, less_than_or_equal: 9}}}
  - freshness: {column: at, threshold: {unit: hour, must_be_less_than: 2}}
  - failed_rows: {expression: a > b}
"""
CONTRACT_3 = """
dataset: customers
columns:
  - name: id
    data_type: integer
    checks:
      - type: no_missing_values
      - type: missing_count
        must_be_less_than: 3
  - name: email
    optional: true
    data_type: varchar
checks:
  - type: rows_exist
  - type: no_duplicate_values
    columns: [a, b]
  - type: freshness_in_hours
    must_be_less_than: 6
"""


def test_a_contract_of_version_4_becomes_a_dataset():
    found = imported(CONTRACT_4)
    assert found.lost == []
    assert found.document() == {
        "timestamp": "at",
        "freshness": {"max_age": "2h"},
        "columns": {"id": {"type": "string"}},
        "extra_columns": "allow",
        "checks": [
            {"check": "missing", "column": "id"},
            {"check": "unique", "columns": ["id"], "ignore_nulls": True},
            {"check": "allowed", "column": "size", "values": ["S", "M"], "max_share": 0.02},
            {"check": "aggregate", "column": "size", "aggregate": "mean", "min": 1, "max": 3},
            {"check": "has_columns", "columns": ["id", "size"]},
            {"check": "rows", "min": 1, "max": 9},
            {"check": "predicate", "sql": "NOT coalesce(a > b, FALSE)"},
        ],
    }


def test_a_contract_of_version_3_becomes_a_dataset():
    found = imported(CONTRACT_3)
    assert found.columns == {"id": {"type": "integer"}, "email": {"type": "string", "required": False}}
    assert [check for _, check in found.checks] == [
        {"check": "missing", "column": "id"},
        {"check": "missing", "column": "id", "max_count": 2},
        {"check": "rows", "min": 1},
        {"check": "unique", "columns": ["a", "b"], "ignore_nulls": True},
    ]
    assert found.lost == [("freshness_in_hours", found.lost[0][1])]


@pytest.mark.parametrize("document", [None, [], {}, {"checks": []}, {"dataset": 3}])
def test_what_is_no_file_of_soda_is_refused(document):
    with pytest.raises(RequestError, match="no checks of Soda"):
        read(document)
