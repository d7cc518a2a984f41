"""Expectations of Great Expectations, as checks."""

import pytest

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.dataset import as_dataset
from maestro_ml.importers.gx.suite import read


def imported(kind: str, event_time: str | None = None, severity: str | None = None, **kwargs: object):
    entry = {"type": f"expect_{kind}", "kwargs": kwargs} | ({"severity": severity} if severity else {})
    [suite] = read({"name": "orders", "expectations": [entry]}, event_time)
    return as_dataset(suite, "orders", {"timestamp": event_time} if event_time else {})


def checks(*arguments: object, **kwargs: object) -> list[dict]:
    found = imported(*arguments, **kwargs)
    assert not found.lost, found.lost
    return [check for _, check in found.checks]


def reason(*arguments: object, **kwargs: object) -> str:
    found = imported(*arguments, **kwargs)
    assert not found.checks
    [(_, why)] = found.lost
    return why


@pytest.mark.parametrize(
    ("type_", "kwargs", "wanted"),
    [
        ("column_values_to_not_be_null", {"column": "x"}, {"check": "missing", "column": "x"}),
        (
            "column_values_to_not_be_null",
            {"column": "x", "mostly": 0.95},
            {"check": "missing", "column": "x", "max_share": 0.05},
        ),
        ("column_values_to_be_null", {"column": "x"}, {"check": "distinct", "column": "x", "max": 0}),
        ("column_values_to_be_unique", {"column": "x"}, {"check": "unique", "columns": ["x"], "ignore_nulls": True}),
        (
            "column_values_to_be_in_set",
            {"column": "x", "value_set": ["a", None, "b"], "mostly": 0.9},
            {"check": "allowed", "column": "x", "values": ["a", "b"], "ignore_nulls": True, "max_share": 0.1},
        ),
        (
            "column_values_to_be_between",
            {"column": "x", "min_value": 0, "max_value": 1, "strict_max": True},
            {"check": "range", "column": "x", "min": 0, "below": 1},
        ),
        (
            "column_values_to_be_between",
            {"column": "x", "min_value": "a", "max_value": "m"},
            {"check": "predicate", "sql": "\"x\" >= 'a' AND \"x\" <= 'm'"},
        ),
        (
            "column_value_lengths_to_be_between",
            {"column": "x", "min_value": 1, "strict_min": True},
            {"check": "length", "column": "x", "min": 2},
        ),
        (
            "column_values_to_match_regex",
            {"column": "x", "regex": "^a.c$"},
            {"check": "regex", "column": "x", "pattern": "a.c"},
        ),
        (
            "column_values_to_match_regex",
            {"column": "x", "regex": "a|b$"},
            {"check": "regex", "column": "x", "pattern": "(?s:.*)(?:a|b$)(?s:.*)"},
        ),
        (
            "column_pair_values_to_be_equal",
            {"column_A": "a", "column_B": "b", "ignore_row_if": "either_value_is_missing"},
            {"check": "compare", "left": "a", "operator": "==", "right": "b"},
        ),
        (
            "column_pair_values_a_to_be_greater_than_b",
            {"column_A": "a", "column_B": "b"},
            {
                "check": "predicate",
                "sql": 'coalesce("a" > "b", FALSE)',
                "where": '"a" IS NOT NULL OR "b" IS NOT NULL',
            },
        ),
        (
            "column_quantile_values_to_be_between",
            {"column": "x", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[1, None]]}},
            {"check": "aggregate", "column": "x", "aggregate": "quantile", "quantile": 0.5, "min": 1},
        ),
        (
            "column_unique_value_count_to_be_between",
            {"column": "x", "min_value": 2},
            {"check": "distinct", "column": "x", "min": 2},
        ),
        ("table_row_count_to_equal", {"value": 3}, {"check": "rows", "min": 3, "max": 3}),
        (
            "table_columns_to_match_set",
            {"column_set": ["a", "b"], "exact_match": False},
            {"check": "has_columns", "columns": ["a", "b"]},
        ),
    ],
)
def test_an_expectation_becomes_a_check(type_, kwargs, wanted):
    assert checks(type_, **kwargs) == [wanted]


@pytest.mark.parametrize(("given", "wanted"), [("critical", None), ("warning", "warn"), ("info", "warn"), (None, None)])
def test_the_severity_is_kept(given, wanted):
    [check] = checks("column_values_to_not_be_null", None, given, column="x")
    assert check.get("severity") == wanted


@pytest.mark.parametrize(
    ("condition", "parser", "wanted"),
    [
        ('x == "1" and `a b` > 2', "pandas", '("x" = \'1\') AND ("a b" > 2)'),
        ("x!=1 & w != 'a & b'", "pandas", '("x" IS DISTINCT FROM 1) AND ("w" IS DISTINCT FROM \'a & b\')'),
        ("x != 1", "pandas", '"x" IS DISTINCT FROM 1'),
        ('col("x").notNull() & (col("y") in ["a", "b"])', "great_expectations", None),
        ('col("x").notNull()', "great_expectations__experimental__", '"x" IS NOT NULL'),
        ("x > 1 OR y IS NULL", "spark", "x > 1 OR y IS NULL"),
        ({"type": "comparison", "column": {"name": "x"}, "operator": "<=", "parameter": -1}, None, '"x" <= -1'),
        (
            {
                "type": "and",
                "conditions": [
                    {"type": "nullity", "column": {"name": "x"}, "is_null": False},
                    {"type": "comparison", "column": {"name": "y"}, "operator": "in", "parameter": ["a"]},
                ],
            },
            None,
            '("x" IS NOT NULL) AND ("y" IN (\'a\'))',
        ),
    ],
)
def test_a_row_condition_is_a_where(condition, parser, wanted):
    kwargs = {"column": "x", "row_condition": condition, "condition_parser": parser}
    [check] = checks("column_values_to_not_be_null", **kwargs)
    assert check["where"] == (wanted or "(\"x\" IS NOT NULL) AND (\"y\" IN ('a', 'b'))")


def test_a_row_condition_that_calls_python_is_refused():
    why = reason("column_values_to_not_be_null", column="x", row_condition="x.str.len() > 3", condition_parser="pandas")
    assert "more than comparisons of columns" in why


@pytest.mark.parametrize(
    ("type_", "kwargs", "why"),
    [
        ("column_kl_divergence_to_be_less_than", {"column": "x"}, "drift"),
        ("column_values_to_be_my_own", {"column": "x"}, "write a check in Python"),
        ("column_values_to_be_increasing", {"column": "x"}, "--time"),
        ("column_values_to_match_regex", {"column": "x", "regex": "a(?=b)"}, "RE2"),
        ("column_values_to_be_between", {"column": "x", "min_value": {"$PARAMETER": "low"}}, "'low'"),
        ("column_values_to_be_between", {"column": "x", "min_value": 2, "max_value": 1}, "above max"),
        ("column_values_to_not_be_null", {"column": "x", "mostly": 2}, "no share"),
        ("column_values_to_not_be_null", {"column": "x", "mostly": "most"}, "cannot be read"),
        ("column_values_to_not_be_null", {}, "no column"),
        ("column_values_to_be_of_type", {"column": "x", "type_": "object"}, "not a type of a contract"),
        ("column_value_z_scores_to_be_less_than", {"column": "x", "threshold": 3, "double_sided": False}, "both sides"),
    ],
)
def test_what_has_no_counterpart_says_why(type_, kwargs, why):
    assert why in reason(type_, **kwargs)


def test_an_order_is_that_of_the_event_time_and_says_so():
    found = imported("column_values_to_be_increasing", "at", column="x", strictly=True)
    assert found.checks[0][1] == {"check": "monotonic", "column": "x", "direction": "increasing", "strict": True}
    assert "the event time" in found.notes[0][1]


def test_types_are_columns_of_the_contract():
    found = imported("column_values_to_be_in_type_list", column="x", type_list=["int64", "INTEGER", "IntegerType"])
    assert found.document() == {
        "columns": {"x": {"type": "integer", "nullable": True}},
        "extra_columns": "allow",
    }


def test_a_suite_of_0_x_with_its_parameters_reads_alike():
    entry = {
        "expectation_type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": {"$PARAMETER": "least"}},
        "meta": {"notes": "as agreed"},
    }
    document = {"expectation_suite_name": "old", "expectations": [entry], "evaluation_parameters": {"least": 5}}
    [suite] = read(document)
    assert suite.table == "old"
    assert as_dataset(suite, "old").checks[0][1] == {"check": "rows", "min": 5}


@pytest.mark.parametrize("document", [{}, [], None, {"expectations": {}}, {"expectations": [{"kwargs": {}}]}])
def test_what_is_no_suite_is_refused(document):
    with pytest.raises(RequestError, match=r"no expectation suite|has no `type`"):
        read(document)
