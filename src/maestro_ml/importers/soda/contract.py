"""Soda's contracts: checks under the columns of a `dataset`, in the forms of versions 3 and 4."""

from collections.abc import Mapping, Sequence
from typing import Any

from maestro_ml.importers.soda.metrics import Metric, mapped
from maestro_ml.importers.soda.schema import typed
from maestro_ml.importers.soda.thresholds import must_be
from maestro_ml.importers.sql import all_of
from maestro_ml.importers.suite import Mapped, NoCounterpart, Suite, check
from maestro_ml.sql.identifiers import quoted

_COUNTED = ("missing", "invalid", "duplicate")
_WORDS = {
    "no_missing_values": "missing",
    "no_invalid_values": "invalid",
    "no_duplicate_values": "duplicate",
    "unique": "duplicate",
    "rows_exist": "row_count",
}
_UNITS = {"minute": "m", "hour": "h", "day": "d"}


def suites(document: Mapping[str, Any]) -> list[Suite]:
    """Return what a contract says of its dataset."""
    suite = Suite(str(document["dataset"]).rpartition("/")[2])
    where = document.get("filter") or document.get("filter_sql")
    columns = [column for column in document.get("columns") or () if isinstance(column, dict)]
    # the version 3 of contracts checks the columns always, the version 4 where it has the check `schema`
    entries = [_entry(entry) for entry in document.get("checks") or ()]
    is_checked = any(kind == "schema" for kind, _ in entries) or any("data_type" in column for column in columns)
    for column in columns:
        _add_column(suite, column, where, declared=is_checked)
    for kind, keys in entries:
        if kind == "schema":
            suite.add("schema", lambda k=keys: _schema(k, columns))  # type: ignore[misc]
        else:
            suite.add(kind, lambda t=kind, k=keys: _mapped(t, k, None, where))  # type: ignore[misc]
    return [suite]


def _entry(entry: Any) -> tuple[str, dict[str, Any]]:
    """Return a check's type and keys, written as `missing:` or as `type: missing`."""
    if not isinstance(entry, dict):
        return str(entry), {}
    if "type" in entry:
        return str(entry["type"]), {key: value for key, value in entry.items() if key != "type"}
    [(kind, keys), *others] = entry.items()
    return str(kind), {**(keys or {}), **dict(others)}


def _add_column(suite: Suite, column: Mapping[str, Any], where: str | None, *, declared: bool) -> None:
    name = str(column["name"])
    if declared and "data_type" in column:
        required = {"required": False} if column.get("optional") else {}
        suite.add(f"{name}: data_type", lambda: Mapped(columns={name: typed(column["data_type"]) | required}))
    for kind, keys in map(_entry, column.get("checks") or ()):
        inherited = {key: value for key, value in column.items() if key.startswith(("valid", "invalid", "missing"))}
        suite.add(f"{name}: {kind}", lambda t=kind, k={**inherited, **keys}: _mapped(t, k, name, where))  # type: ignore[misc]


def _schema(keys: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> Mapped:
    exact = not keys.get("allow_extra_columns")
    required = [str(column["name"]) for column in columns if not column.get("optional")]
    if exact and len(required) < len(columns):
        raise NoCounterpart("with optional columns, name all columns in the contract and set `extra_columns: error`")
    if exact and not keys.get("allow_other_column_order", True):
        return Mapped((check("column_order", columns=required),))
    return Mapped((check("has_columns", columns=required, exact=True if exact else None),))


def _mapped(kind: str, keys: dict[str, Any], column: str | None, where: str | None) -> Mapped:
    threshold = {**keys, **(keys.get("threshold") or {})}
    bounds, severity = must_be(threshold), "warn" if threshold.get("level") == "warn" else None
    where = all_of(where, keys.get("filter") or keys.get("filter_sql"))
    name = _WORDS.get(kind, kind)
    columns = tuple(keys.get("columns") or ((column,) if column else ()))
    if name in _COUNTED:
        name = f"{name}_{'percent' if threshold.get('metric') == 'percent' else 'count'}"
        bounds = bounds or {"max": 0}
    if name == "multiple_column_duplicates":
        name, bounds = "duplicate_count", bounds or {"max": 0}
    if name == "aggregate":
        name = str(keys.get("function"))
    if name == "row_count":
        bounds = bounds or {"above": 0}
    if name.startswith("freshness"):
        return _freshness(name, keys.get("column") or column, threshold, bounds or {}, severity)
    if name == "failed_rows":
        return _failed_rows(keys, where, severity)
    if bounds is None:
        raise NoCounterpart(f"no check measures {kind}" if name not in _COUNTED else "it has no threshold")
    return mapped(Metric(name, columns, bounds, keys, where, severity))


def _failed_rows(keys: Mapping[str, Any], where: str | None, severity: str | None) -> Mapped:
    if "expression" not in keys:
        raise NoCounterpart("checks run no queries; `predicate` takes a condition of each row")
    sql = f"NOT coalesce({keys['expression']}, FALSE)"
    return Mapped((check("predicate", sql=sql, where=where, severity=severity),))


def _freshness(
    name: str, column: Any, threshold: Mapping[str, Any], bounds: Mapping[str, float], severity: str | None
) -> Mapped:
    unit = str(threshold.get("unit") or name.removeprefix("freshness").removeprefix("_in_").rstrip("s") or "hour")
    limits = [value for key, value in bounds.items() if key in ("max", "below")]
    if len(bounds) != 1 or not limits or unit not in _UNITS or not isinstance(limits[0], int) or not column:
        raise NoCounterpart("`freshness` is of one column, and below a whole number of minutes, hours or days")
    limit = {"max_age": f"{limits[0]}{_UNITS[unit]}"} | ({"severity": severity} if severity else {})
    return Mapped(
        settings={"timestamp": str(column), "freshness": limit},
        note=f"the age is that of the newest row at the window's end, not now; {quoted(str(column))} is the event time",
    )
