"""A suite as one dataset of maestro.yaml: only what a project with it can load."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from maestro_ml.importers.suite import Check, Mapped, NoCounterpart, Suite
from maestro_ml.project import Project
from maestro_ml.project.cross_references import reference_mistakes

_NOWHERE = {"kind": "parquet", "path": "rows.parquet"}


@dataclass
class Imported:
    """The keys of a dataset, and what could not be said.

    Attributes:
        checks: each with the name of what it was.
        lost: names of what has no counterpart, with the reason.
        notes: names of what means not quite the same, with the difference.
    """

    name: str
    total: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: list[tuple[str, Check]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def extra_columns(self) -> dict[str, str]:
        """What a contract that names some of the columns says of the others."""
        return {"extra_columns": "allow"} if self.columns else {}

    def document(self) -> dict[str, Any]:
        """Return the dataset as maestro.yaml has it."""
        columns = {"columns": self.columns, **self.extra_columns} if self.columns else {}
        checks = {"checks": [check for _, check in self.checks]} if self.checks else {}
        return {**self.settings, **columns, **checks}


def as_dataset(
    suite: Suite,
    name: str,
    settings: Mapping[str, Any] | None = None,
    types: Mapping[str, str] | None = None,
    others: Iterable[str] | None = None,
) -> Imported:
    """Return the dataset that a suite describes.

    Args:
        settings: keys of the dataset that are known already, such as its source.
        types: the types of the table's columns; without them, the contract has those that the suite names.
        others: the datasets that checks may name; any, if None.
    """
    columns = {column: {"type": kind} for column, kind in (types or {}).items()}
    found = Imported(name, len(suite.items), dict(settings or {}), columns)
    for item in suite.items:
        if isinstance(item.outcome, NoCounterpart):
            found.lost.append((item.name, str(item.outcome)))
            continue
        reason = _clash(found, item.outcome, types) or _refused(found, item.outcome, others)
        if reason:
            found.lost.append((item.name, reason))
            continue
        for column, declared in item.outcome.columns.items():
            found.columns[column] = {**found.columns.get(column, {}), **declared}
        found.settings |= item.outcome.settings
        known = [check for _, check in found.checks]
        found.checks += [(item.name, check) for check in item.outcome.checks if check not in known]
        if item.outcome.note:
            found.notes.append((item.name, item.outcome.note))
    return found


def _clash(found: Imported, mapped: Mapped, types: Mapping[str, str] | None) -> str:
    """Say what the dataset has already, otherwise."""
    for key, value in mapped.settings.items():
        if found.settings.get(key, value) != value:
            return f"the dataset has its {key} already: {found.settings[key]}"
    for column, declared in mapped.columns.items():
        known = found.columns.get(column, {}).get("type")
        if known and column not in (types or {}) and known != declared["type"]:
            return f"column {column} is {known} already"
        if types is not None and column not in types:
            return f"the table has no column {column}"
    return ""


def _refused(found: Imported, mapped: Mapped, others: Iterable[str] | None) -> str:
    """Say why a project with it would not load; nothing if it would."""
    columns = {name: dict(declared) for name, declared in found.columns.items()}
    for name, declared in mapped.columns.items():
        columns[name] = {**columns.get(name, {}), **declared}
    named = {check["dataset"] for check in mapped.checks if "dataset" in check}
    datasets = {name: {"source": _NOWHERE} for name in (named if others is None else {*others, found.name} & named)}
    spec = {"source": _NOWHERE, **found.settings, **mapped.settings, "checks": list(mapped.checks)}
    if columns:
        spec |= {"columns": columns, "extra_columns": "allow"}
    try:
        project = Project.model_validate({"name": "imported", "datasets": {**datasets, found.name: spec}})
    except ValidationError as error:
        return "; ".join(str(each["msg"]).removeprefix("Value error, ") for each in error.errors()[:2])
    return next((mistake.message for mistake in reference_mistakes(project)), "")
