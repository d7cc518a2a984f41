"""Metrics that both languages of Soda have, as checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maestro_ml.importers.bounds import plain_bounds, whole_bounds
from maestro_ml.importers.soda.thresholds import is_strict, tolerance
from maestro_ml.importers.soda.validity import validity
from maestro_ml.importers.suite import Check, Mapped, NoCounterpart, check

_AGGREGATES = {"avg": "mean", "min": "min", "max": "max", "stddev": "stddev", "stddev_samp": "stddev"}
_LENGTHS = {"min_length": ("min", "above"), "max_length": ("max", "below")}
_STRICT = "the share may reach the limit here; there it must be below"
_REPEATED = "here each repetition counts, and there each value that is repeated"
_SUFFIXES = ("count", "percent")


@dataclass(frozen=True)
class Metric:
    """A metric with its columns, its limits, and the keys beside it, with `_` for blanks."""

    name: str
    columns: tuple[str, ...]
    bounds: Mapping[str, Any]
    keys: Mapping[str, Any] = field(default_factory=dict)
    where: str | None = None
    severity: str | None = None

    @property
    def column(self) -> str:
        if len(self.columns) != 1:
            raise NoCounterpart(f"{self.name} is of one column here")
        return self.columns[0]

    def made(self, kind: str, note: str = "", **keys: Any) -> Mapped:
        """Return a check of the rows of the metric."""
        return Mapped((check(kind, **keys, where=self.where, severity=self.severity),), note=note)


def mapped(metric: Metric) -> Mapped:
    """Return what a metric becomes; raises NoCounterpart if nothing."""
    what, _, suffix = metric.name.rpartition("_")
    if suffix in _SUFFIXES and what in ("missing", "invalid", "duplicate"):
        few = tolerance(metric.bounds, suffix)
        note = _STRICT if is_strict(metric.bounds, suffix) else ""
        return {"missing": _missing, "invalid": _invalid, "duplicate": _duplicate}[what](metric, few, note)
    if metric.name == "row_count":
        return metric.made("rows", **whole_bounds(metric.bounds))
    if metric.name in _AGGREGATES:
        return metric.made("aggregate", column=metric.column, aggregate=_AGGREGATES[metric.name], **metric.bounds)
    if metric.name == "sum":
        return metric.made("sum_between", column=metric.column, **plain_bounds(metric.bounds, "sum_between"))
    if metric.name in _LENGTHS:
        if not set(metric.bounds) <= set(_LENGTHS[metric.name]):
            raise NoCounterpart(f"`length` is of every text, so {metric.name} has a limit on its own side only")
        return metric.made("length", column=metric.column, **whole_bounds(metric.bounds))
    raise NoCounterpart(f"no check measures {metric.name}")


def _missing(metric: Metric, few: dict[str, float], note: str) -> Mapped:
    if "missing_regex" in metric.keys or "missing_format" in metric.keys:
        raise NoCounterpart("what stands for a missing value is a list of values here")
    return metric.made("missing", note, column=metric.column, values=metric.keys.get("missing_values"), **few)


def _duplicate(metric: Metric, few: dict[str, float], note: str) -> Mapped:
    notes = "; ".join(filter(None, (note, _REPEATED if few else "")))
    return metric.made("unique", notes, columns=list(metric.columns), ignore_nulls=True, **few)


def _invalid(metric: Metric, few: dict[str, float], note: str) -> Mapped:
    checks: list[Check] = validity(metric.column, metric.keys)
    if len(checks) > 1 and few:
        raise NoCounterpart("its values must be valid in several ways, and each is a check that counts its own rows")
    extra = {"where": metric.where, "severity": metric.severity, **few}
    given = {key: value for key, value in extra.items() if value is not None}
    return Mapped(tuple({**made, **given} for made in checks), note=note)
