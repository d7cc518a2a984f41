"""One test of dbt: what its arguments and its config say in the words of a check."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maestro_ml.importers.soda.thresholds import opposite
from maestro_ml.importers.sql import all_of
from maestro_ml.importers.suite import Mapped, NoCounterpart, check

_CONFIG = frozenset(
    {"severity", "where", "warn_if", "error_if", "enabled", "limit", "fail_calc", "tags", "meta", "store_failures"}
)
_OUTSIDE = frozenset({"name", "description", "config", "arguments", "test_name", "column_name", "alias", "database"})
_JINJA = re.compile(r"{{|{%")
_IS_TRUE = "!= 0"  # what dbt counts as a failure where nothing else is said


@dataclass(frozen=True)
class Test:
    """A test with its arguments, and the column it stands under."""

    name: str
    arguments: Mapping[str, Any]
    config: Mapping[str, Any]
    column: str | None = None

    @classmethod
    def of(cls, entry: Any, column: str | None) -> "Test":
        """Read a test as it stands in a list: a name, `name: {...}`, or `test_name: name`."""
        if isinstance(entry, str):
            return cls(entry, {}, {}, column)
        if not isinstance(entry, dict) or not entry:
            raise NoCounterpart(f"{entry!r} is no test")
        if "test_name" in entry:
            name, keys = str(entry["test_name"]), dict(entry)
        else:
            [(name, keys)] = ((key, value) for key, value in entry.items() if key not in _OUTSIDE | _CONFIG)
            keys = {**(keys or {}), **{key: value for key, value in entry.items() if key != name}}
        config = {key: value for key, value in keys.items() if key in _CONFIG} | dict(keys.get("config") or {})
        arguments = {k: v for k, v in keys.items() if k not in _CONFIG | _OUTSIDE} | dict(keys.get("arguments") or {})
        return cls(str(name), arguments, config, column or keys.get("column_name"))

    def __post_init__(self) -> None:
        for value in (*self.arguments.values(), *self.config.values()):
            if isinstance(value, str) and _JINJA.search(value):
                raise NoCounterpart(f"it holds Jinja, which only dbt evaluates: {value}")

    def needed(self, key: str) -> Any:
        """Return an argument that must be there."""
        value = self.arguments.get(key)
        if value is None:
            raise NoCounterpart(f"it has no {key}")
        return value

    @property
    def own_column(self) -> str:
        if self.column is None:
            raise NoCounterpart("it stands under no column")
        return self.column

    def made(self, kind: str, note: str = "", **keys: Any) -> Mapped:
        """Return a check that counts rows, with dbt's severity, filter and thresholds."""
        if self.config.get("enabled") is False:
            raise NoCounterpart("it is not enabled")
        if "fail_calc" in self.config:
            raise NoCounterpart("its failures are counted by an expression of its own, fail_calc")
        where = all_of(self.config.get("where"), keys.pop("where", None))
        checks = []
        for severity, few in self._levels():
            clash = few and "max_share" in keys
            if clash:
                raise NoCounterpart("it has a threshold of its own beside error_if or warn_if")
            checks.append(check(kind, **keys, where=where, **few, severity=severity))
        return Mapped(tuple(checks), note=note)

    def _levels(self) -> list[tuple[str | None, dict[str, int]]]:
        """Return the severities at which it fails, each with how many rows may."""
        error_if, warn_if = (str(self.config.get(key, _IS_TRUE)) for key in ("error_if", "warn_if"))
        warning = ("warn", _allowed(warn_if))
        if str(self.config.get("severity", "error")).lower() == "warn":
            return [warning]
        failure = (None, _allowed(error_if))
        return [failure] if error_if in (_IS_TRUE, warn_if) else [failure, warning]


def _allowed(condition: str) -> dict[str, int]:
    """Return how many rows may fail for a condition of failures such as `> 10`."""
    bounds = opposite(condition)
    if not set(bounds) <= {"max", "below", "min"} or bounds.get("min", 0) > 0:
        raise NoCounterpart(f"a check says how many rows may fail, not how many must: {condition}")
    most = int(bounds["max"]) if "max" in bounds else int(bounds["below"]) - 1
    if most < 0:
        raise NoCounterpart(f"it always fails: {condition}")
    return {"max_count": most} if most else {}
