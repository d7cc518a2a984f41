"""One expectation: what its keys say in the words of a check."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from maestro_ml.importers.bounds import rest_of
from maestro_ml.importers.conditions import condition_sql
from maestro_ml.importers.sql import all_of
from maestro_ml.importers.suite import Check, Mapped, NoCounterpart, check

_PARAMETER = "$PARAMETER"
_SEVERITIES = {"critical": None, "error": None, "warning": "warn", "info": "warn"}


@dataclass(frozen=True)
class Expectation:
    """An expectation of a suite.

    Attributes:
        parameters: what the suite gives for its evaluation (or suite) parameters.
        severity: `critical`, `warning` or `info`, where the suite says so.
        event_time: the column that orders the rows of the dataset, where there is one.
        row_parser: the language of its row condition, where it does not say.
    """

    type: str
    kwargs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    severity: str | None = None
    event_time: str | None = None
    row_parser: str | None = None

    def value(self, key: str, default: Any = None) -> Any:
        """Return an argument; raises NoCounterpart for a parameter that only a run knows."""
        found = self.kwargs.get(key)
        if isinstance(found, dict) and _PARAMETER in found:
            name = found[_PARAMETER]
            given = found.get(f"{_PARAMETER}.{name}", self.parameters.get(name))
            if given is None:
                raise NoCounterpart(f"{key} is the parameter {name!r}, which is given when it runs")
            return given
        return default if found is None else found

    def needed(self, key: str) -> Any:
        """Return an argument that must be there."""
        value = self.value(key)
        if value is None:
            raise NoCounterpart(f"it has no {key}")
        return value

    @property
    def column(self) -> str:
        return str(self.needed("column"))

    @cached_property
    def bounds(self) -> dict[str, Any]:
        """Return `min_value` and `max_value` as bounds of a check."""
        found = {}
        for key, plain, strict in (("min", "min", "above"), ("max", "max", "below")):
            value = self.value(f"{key}_value")
            if value is not None:
                found[strict if self.value(f"strict_{key}") else plain] = value
        if not found:
            raise NoCounterpart("it has neither min_value nor max_value, and says nothing")
        return found

    @cached_property
    def tolerance(self) -> float | None:
        """The share of the rows that may fail."""
        return rest_of(self.value("mostly", 1))

    @cached_property
    def where(self) -> str | None:
        """The rows it is of, as a predicate."""
        return condition_sql(self.value("row_condition"), self.value("condition_parser", self.row_parser))

    @property
    def check_severity(self) -> str | None:
        """The severity of its check; None for the default."""
        if self.severity is not None and self.severity not in _SEVERITIES:
            raise NoCounterpart(f"its severity {self.severity!r} is not critical, warning or info")
        return _SEVERITIES[self.severity] if self.severity else None

    def of_values(self, kind: str, note: str = "", **keys: Any) -> Mapped:
        """Return a check of the values that are there: those that are missing count neither way."""
        return self.of_rows(kind, note, ignore_nulls=True, **keys)

    def of_rows(self, kind: str, note: str = "", where: str | None = None, **keys: Any) -> Mapped:
        """Return a check that counts rows; with no tolerance it makes no difference which rows count beside."""
        if self.tolerance is None and kind != "unique":
            keys.pop("ignore_nulls", None)
        return self.of_all(kind, note, where=all_of(self.where, where), max_share=self.tolerance, **keys)

    def of_all(self, kind: str, note: str = "", where: str | None = None, **keys: Any) -> Mapped:
        """Return a check of the values as a whole."""
        made = check(kind, **keys, where=where or self.where, severity=self.check_severity)
        return Mapped((made,), note=note)

    def several(self, checks: list[Check], note: str = "") -> Mapped:
        """Return several checks as one."""
        extra = {"where": self.where, "severity": self.check_severity}
        return Mapped(tuple({**c, **{k: v for k, v in extra.items() if v is not None}} for c in checks), note=note)
