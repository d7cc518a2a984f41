"""A schema file of dbt: models, sources, seeds and snapshots, with their columns and tests."""

from collections.abc import Iterator, Mapping
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.importers.dbt.test import Test
from maestro_ml.importers.dbt.tests import mapped
from maestro_ml.importers.suite import Mapped, NoCounterpart, Suite, one
from maestro_ml.importers.types import contract_type

_KINDS = ("models", "seeds", "snapshots")


def read(document: Any) -> list[Suite]:
    """Return what the file says of its tables.

    Raises:
        RequestError: it names none.
    """
    tables = list(_tables(document)) if isinstance(document, dict) else []
    if not tables:
        raise RequestError("no schema file of dbt: it has no `models`, `sources`, `seeds` or `snapshots`")
    return [_suite(table) for table in tables]


def _tables(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for kind in _KINDS:
        yield from (entry for entry in document.get(kind) or () if isinstance(entry, dict) and "name" in entry)
    for source in document.get("sources") or ():
        yield from (entry for entry in source.get("tables") or () if isinstance(entry, dict) and "name" in entry)


def _suite(table: Mapping[str, Any]) -> Suite:
    suite = Suite(str(table["name"]))
    for column in table.get("columns") or ():
        name = str(column["name"])
        if "data_type" in column:
            suite.add(f"{name}: data_type", lambda c=column: _typed(c))  # type: ignore[misc]
        for constraint in column.get("constraints") or ():
            suite.add(f"{name}: constraint {constraint.get('type')}", lambda c=constraint, n=name: _constraint(c, n))  # type: ignore[misc]
        for entry in _tests(column):
            suite.add(f"{name}: {_name(entry)}", lambda e=entry, n=name: mapped(Test.of(e, n)))  # type: ignore[misc]
    for entry in _tests(table):
        suite.add(_name(entry), lambda e=entry: mapped(Test.of(e, None)))  # type: ignore[misc]
    return suite


def _tests(part: Mapping[str, Any]) -> list[Any]:
    return [*(part.get("tests") or ()), *(part.get("data_tests") or ())]


def _name(entry: Any) -> str:
    if isinstance(entry, dict):
        return str(entry.get("test_name") or next(iter(key for key in entry if key != "name"), entry.get("name")))
    return str(entry)


def _typed(column: Mapping[str, Any]) -> Mapped:
    kind = contract_type(str(column["data_type"]))
    if kind is None:
        raise NoCounterpart(f"a contract has no type for {column['data_type']}")
    return Mapped(columns={str(column["name"]): {"type": kind}})


def _constraint(constraint: Mapping[str, Any], column: str) -> Mapped:
    match constraint.get("type"):
        case "not_null":
            return one("missing", column=column)
        case "unique":
            return one("unique", columns=[column], ignore_nulls=True)
        case "primary_key":
            return Mapped((*one("missing", column=column).checks, *one("unique", columns=[column]).checks))
        case "check" if constraint.get("expression"):
            return one("predicate", sql=str(constraint["expression"]))
    raise NoCounterpart("no check for a constraint of this kind; `references` takes a foreign key")
