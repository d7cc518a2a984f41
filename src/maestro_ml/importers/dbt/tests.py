"""dbt's own tests and those of dbt_utils, as checks; those of dbt_expectations are expectations."""

import re
from collections.abc import Callable
from typing import Any

from maestro_ml.importers.bounds import is_number, is_time, rest_of
from maestro_ml.importers.dbt.test import Test
from maestro_ml.importers.gx.expectation import Expectation
from maestro_ml.importers.gx.registry import translated
from maestro_ml.importers.sql import bounds_sql
from maestro_ml.importers.suite import Mapped, NoCounterpart
from maestro_ml.sql.identifiers import quoted

_REF = re.compile(r"""(?:ref|source)\(\s*(?:['"][^'"]+['"]\s*,\s*)?['"]([^'"]+)['"]\s*\)""")
_REPEATED = "here each repetition counts, and there each value that is repeated"
_PARTS = {"day": "d", "hour": "h", "minute": "m"}
_BOTH_STRICT = ("strict_min", "strict_max")


def _not_null(test: Test) -> Mapped:
    return test.made("missing", column=test.own_column)


def _unique(test: Test) -> Mapped:
    made = test.made("unique", columns=[test.own_column], ignore_nulls=True)
    return Mapped(made.checks, note=_REPEATED if any("max_count" in each for each in made.checks) else "")


def _accepted_values(test: Test) -> Mapped:
    return test.made("allowed", column=test.own_column, values=_values(test))


def _not_accepted_values(test: Test) -> Mapped:
    return test.made("forbidden", column=test.own_column, values=_values(test))


def _values(test: Test) -> list[Any]:
    """Return the listed values; dbt compares them as texts unless `quote: false`."""
    return [value for value in test.needed("values") if value is not None]


def _relationships(test: Test) -> Mapped:
    found = _REF.search(str(test.needed("to")))
    if not found:
        raise NoCounterpart(f"{test.needed('to')} names no model")
    if test.arguments.get("to_condition"):
        raise NoCounterpart("`references` looks at all rows of the other dataset, and this one has a to_condition")
    keys = {"column": test.own_column, "dataset": found[1], "key": test.needed("field")}
    note = f"needs a dataset {found[1]} in the project"
    return test.made("references", note, **keys, where=test.arguments.get("from_condition"))


def _accepted_range(test: Test) -> Mapped:
    inclusive = test.arguments.get("inclusive", True)
    names = {"min_value": "min" if inclusive else "above", "max_value": "max" if inclusive else "below"}
    bounds = {word: test.arguments[key] for key, word in names.items() if test.arguments.get(key) is not None}
    if not bounds:
        raise NoCounterpart("it has neither min_value nor max_value")
    if all(is_number(bound) or is_time(bound) for bound in bounds.values()):
        return test.made("range", column=test.own_column, **bounds)
    return test.made("predicate", sql=bounds_sql(quoted(test.own_column), bounds))


def _expression(test: Test) -> Mapped:
    expression = str(test.needed("expression"))
    sql = f"{quoted(test.column)} {expression}" if test.column else expression
    return test.made("predicate", sql=f"coalesce({sql}, FALSE)")


def _combination(test: Test) -> Mapped:
    return test.made("unique", columns=list(test.needed("combination_of_columns")))


def _not_null_proportion(test: Test) -> Mapped:
    if test.arguments.get("at_most", 1) != 1:
        raise NoCounterpart("a check says how many values may be missing, not how many must")
    return test.made("missing", column=test.own_column, max_share=rest_of(test.needed("at_least")))


def _not_empty(test: Test) -> Mapped:
    trims = test.arguments.get("trim_whitespace", True)
    return test.made("regex", column=test.own_column, pattern=r"(?s).*\S.*" if trims else "(?s).+")


def _at_least_one(test: Test) -> Mapped:
    return test.made("distinct", column=test.own_column, min=1)


def _not_constant(test: Test) -> Mapped:
    return test.made("distinct", column=test.own_column, min=2)


def _recency(test: Test) -> Mapped:
    field, part, count = (test.needed(key) for key in ("field", "datepart", "interval"))
    if str(part).lower() not in _PARTS or not isinstance(count, int):
        raise NoCounterpart(f"`freshness` is below a whole number of minutes, hours or days, not {count} {part}")
    severity = {"severity": "warn"} if str(test.config.get("severity", "")).lower() == "warn" else {}
    age = {"max_age": f"{count}{_PARTS[str(part).lower()]}"} | severity
    note = f"the age is that of the newest row at the window's end, not now; {field} is the event time"
    return Mapped(settings={"timestamp": str(field), "freshness": age}, note=note)


_TESTS: dict[str, Callable[[Test], Mapped]] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "relationships": _relationships,
    "dbt_utils.relationships_where": _relationships,
    "dbt_utils.not_accepted_values": _not_accepted_values,
    "dbt_utils.accepted_range": _accepted_range,
    "dbt_utils.expression_is_true": _expression,
    "dbt_utils.unique_combination_of_columns": _combination,
    "dbt_utils.not_null_proportion": _not_null_proportion,
    "dbt_utils.not_empty_string": _not_empty,
    "dbt_utils.at_least_one": _at_least_one,
    "dbt_utils.not_constant": _not_constant,
    "dbt_utils.recency": _recency,
}
_OTHER_TABLE = "declare the other table as a dataset, and add a `reconcile` check"
_REASONS = {
    "dbt_utils.equal_rowcount": _OTHER_TABLE,
    "dbt_utils.fewer_rows_than": _OTHER_TABLE,
    "dbt_utils.equality": _OTHER_TABLE,
    "dbt_utils.cardinality_equality": _OTHER_TABLE,
    "dbt_utils.sequential_values": "the rows of a dataset have no order but that of its event time: see `monotonic`",
    "dbt_utils.mutually_exclusive_ranges": "no check compares a row with the next one",
}


def mapped(test: Test) -> Mapped:
    """Return what a test becomes; raises NoCounterpart if nothing."""
    package, _, name = test.name.rpartition(".")
    if package == "dbt_expectations":
        return _expectation(test, name)
    if test.name in _TESTS:
        return _TESTS[test.name](test)
    raise NoCounterpart(_REASONS.get(test.name, "it is a test of its own: write a check in Python (docs/extending.md)"))


def _expectation(test: Test, name: str) -> Mapped:
    """Return what a test of dbt_expectations becomes: it is named as an expectation, and takes its arguments."""
    arguments = dict(test.arguments)
    if arguments.pop("group_by", None) or arguments.pop("group_by_columns", None):
        raise NoCounterpart("a check applies to all rows, or to those for which `where` is true")
    if arguments.pop("strictly", None):
        arguments |= dict.fromkeys(_BOTH_STRICT, True)
    if name == "expect_column_values_to_be_of_type" and "column_type" in arguments:
        arguments["type_"] = arguments.pop("column_type")
    if name == "expect_column_values_to_be_in_type_list" and "column_type_list" in arguments:
        arguments["type_list"] = arguments.pop("column_type_list")
    if test.column is not None:
        arguments.setdefault("column", test.column)
    conditions = [text for text in (arguments.pop("row_condition", None), test.config.get("where")) if text]
    arguments["row_condition"] = " AND ".join(f"({text})" for text in conditions)
    expectation = Expectation(name, arguments, {}, row_parser="spark")  # which is SQL, as dbt's are
    plain = translated(expectation)
    checks = [(each.pop("check"), each) for each in (dict(made) for made in plain.checks)]
    if not checks:
        return plain
    shared = Test(test.name, {}, {key: value for key, value in test.config.items() if key != "where"})
    if not any(key in test.config for key in ("severity", "error_if", "warn_if", "enabled", "fail_calc")):
        return plain
    return Mapped(tuple(made for kind, keys in checks for made in shared.made(kind, **keys).checks), note=plain.note)
