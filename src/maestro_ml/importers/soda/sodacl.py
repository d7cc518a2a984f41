"""SodaCL: lists of checks under `checks for TABLE`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from maestro_ml.core.node import parse_duration
from maestro_ml.importers.soda.metrics import Metric, mapped
from maestro_ml.importers.soda.schema import schema
from maestro_ml.importers.soda.thresholds import opposite, parsed
from maestro_ml.importers.sql import all_of
from maestro_ml.importers.suite import Mapped, NoCounterpart, Suite, one
from maestro_ml.sql.identifiers import quoted

_TABLE = re.compile(r"checks for (.+?)(?: \[(.+)\])?")
_FILTER = re.compile(r"filter (\S+) \[(.+)\]")
_METRIC = re.compile(r"(\w+)\s*(?:\(([^)]*)\))?\s*(.*)", re.DOTALL)
_EXIST = re.compile(r"values in \(?(.+?)\)? must( not)? exist in (\S+) \(?(.+?)\)?")
_AGE = re.compile(r"(<=?)\s*((?:\d+\s*[dhms]\s*)+)")
_REASONS = {
    "anomaly": "`row_count_history` and `null_rate_history` compare with earlier runs",
    "change": "`row_count_history` and `null_rate_history` compare with earlier runs",
    "distribution": "a distribution is compared with the dataset's reference: see `drift`",
    "reconciliation": "`reconcile` compares aggregates of two datasets",
    "group": "a check applies to all rows, or to those for which `where` is true",
    "percentile": "`aggregate` takes a quantile; its definition differs from database to database",
}


def suites(document: Mapping[str, Any]) -> list[Suite]:
    """Return what the document says of each table."""
    found: dict[str, Suite] = {}
    filters = {match.groups(): body.get("where") for match, body in _filters(document)}
    for key, checks in document.items():
        match = _TABLE.fullmatch(key)
        if not match:
            continue
        table, partition = match.groups()
        suite = found.setdefault(table, Suite(table))
        where = filters.get((table, partition)) if partition else None
        for entry in checks or ():
            line, keys = _entry(entry)
            _add(suite, line, keys, where)
    for key in document:
        if not _TABLE.fullmatch(key) and not _FILTER.fullmatch(key):
            first = next(iter(found.values()), None)
            if first is not None:
                first.add(key, lambda: _refused("only `checks for TABLE` and `filter TABLE [name]` are read"))
    return list(found.values())


def _filters(document: Mapping[str, Any]) -> Iterator[tuple[re.Match[str], Mapping[str, Any]]]:
    for key, body in document.items():
        if (match := _FILTER.fullmatch(key)) and isinstance(body, dict):
            yield match, body


def _refused(reason: str) -> Mapped:
    raise NoCounterpart(reason)


def _entry(entry: Any) -> tuple[str, dict[str, Any]]:
    """Return the line of a check, and the keys below it with `_` for blanks."""
    if isinstance(entry, dict) and len(entry) == 1:
        [(line, keys)] = entry.items()
        below = keys if isinstance(keys, dict) else {"": keys} if keys is not None else {}
        return str(line), {str(key).replace(" ", "_"): value for key, value in below.items()}
    return str(entry), {}


def _add(suite: Suite, line: str, keys: dict[str, Any], where: str | None) -> None:
    """Add one check, or one for its warnings and one for its failures."""
    own = all_of(where, keys.get("filter"))
    if line.strip() == "schema":
        for level, severity in (("fail", None), ("warn", "warn")):
            for word, wanted in (keys.get(level) or {}).items():
                suite.add(f"schema: {level}: {word}", lambda w=word, v=wanted, s=severity: schema(w, v, s))  # type: ignore[misc]
        return
    levels = [(level, keys[level]) for level in ("fail", "warn") if level in keys]
    if levels and not line.startswith("failed rows"):
        for level, condition in levels:
            severity = "warn" if level == "warn" else None
            suite.add(f"{line}: {level}: {condition}", lambda c=condition, s=severity: _leveled(line, keys, own, c, s))  # type: ignore[misc]
        return
    suite.add(line, lambda: _mapped(line, keys, own))


def _leveled(line: str, keys: dict[str, Any], where: str | None, condition: Any, severity: str | None) -> Mapped:
    name, columns, _ = _parts(line)
    if name == "freshness":
        return _freshness(columns, str(condition).removeprefix("when").strip(), severity, negated=True)
    return mapped(Metric(name, columns, opposite(str(condition)), keys, where, severity))


def _mapped(line: str, keys: dict[str, Any], where: str | None) -> Mapped:
    if "${" in f"{line}{where}":
        raise NoCounterpart("it holds a variable, which is given when it runs")
    if found := _EXIST.fullmatch(line.strip()):
        column, negated, table, key = found.groups()
        if negated or "," in column:
            raise NoCounterpart("`references` says that values of one column occur in another table")
        return one("references", column=_bare(column), dataset=table, key=_bare(key), where=where)
    if line.startswith("failed rows"):
        return _failed_rows(keys, where)
    word = line.split(maxsplit=1)[0] if line.split() else ""
    if reason := _REASONS.get(word):
        raise NoCounterpart(reason)
    if re.match(r"row_count same as", line):
        raise NoCounterpart("declare the other table as a dataset, and add a `reconcile` check")
    name, columns, threshold = _parts(line)
    if name == "freshness":
        return _freshness(columns, threshold, None, negated=False)
    return mapped(Metric(name, columns, parsed(threshold), keys, where))


def _failed_rows(keys: dict[str, Any], where: str | None) -> Mapped:
    condition = keys.get("fail_condition")
    if not condition:
        raise NoCounterpart("checks run no queries; `predicate` takes a condition of each row")
    return one("predicate", sql=f"NOT coalesce({condition}, FALSE)", where=where)


def _parts(line: str) -> tuple[str, tuple[str, ...], str]:
    match = _METRIC.fullmatch(line.strip())
    if not match:
        raise NoCounterpart("it is no metric with a threshold")
    columns = tuple(_bare(name) for name in (match[2] or "").split(",") if name.strip())
    return match[1], columns, match[3].strip()


def _bare(name: str) -> str:
    return name.strip().strip('"`')


def _freshness(columns: tuple[str, ...], text: str, severity: str | None, *, negated: bool) -> Mapped:
    text = text.replace(">=", "<").replace(">", "<=") if negated else text
    found = _AGE.fullmatch(text)
    if not found or len(columns) != 1:
        raise NoCounterpart(f"`freshness` is of one column and below a duration, and this is {text!r}")
    age = " ".join("".join(found[2].split()).replace("d", "d ").replace("h", "h ").replace("m", "m ").split())
    try:
        parse_duration(age)
    except ValueError as error:
        raise NoCounterpart(str(error)) from None
    limit = {"max_age": age} | ({"severity": severity} if severity else {})
    return Mapped(
        settings={"timestamp": columns[0], "freshness": limit},
        note=f"the age is that of the newest row at the window's end, not now; {quoted(columns[0])} is the event time",
    )
