"""Checks proposed from what a window holds: a start for a contract, each with its evidence. All of them pass there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from maestro_ml.data import open_dataset
from maestro_ml.data.identifiers import quoted
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.base import format_duration
from maestro_ml.project.checks import UniqueCheck
from maestro_ml.project.datasets import NUMERIC
from maestro_ml.validation.profile_rows import counted
from maestro_ml.validation.subject import Subject
from maestro_ml.validation.suggested_limits import bounds, half_and_twice, tolerated_share
from maestro_ml.validation.wording import number, share

_MOST_VALUES, _ROWS_A_VALUE = 20, 10  # a list of allowed values needs that many rows for each
_NEARLY_UNIQUE = 0.9  # HyperLogLog's estimate is off by a few per cent
_ENVIRONMENT = "${env:"  # loading would fill it in


@dataclass(frozen=True)
class Suggestion:
    """A check as the project file writes it, and why."""

    check: dict[str, Any]
    evidence: str


@dataclass(frozen=True)
class Suggestions:
    """What is proposed for a dataset; `notes` say what is not, and why."""

    dataset: str
    window: Window
    rows: int
    checks: tuple[Suggestion, ...]
    max_age: timedelta | None
    staleness: timedelta | None
    notes: tuple[str, ...]


def suggest(project: Project, name: str, window: Window) -> Suggestions:
    """Look at every row of the window, and propose what is not declared yet.

    Raises:
        RequestError: there is no row to learn from.
        DataError: the source cannot be read.
        NoEventTime: the window cannot be cut.
    """
    with open_dataset(project, name) as dataset:
        subject = Subject(dataset, window, datetime.now(UTC))
        if not subject.current.count:
            raise RequestError(f"{name} has no row in {window}: nothing can be learnt; --at names another end")
        proposals = _Proposals(subject)
        checks = tuple(proposals.made())
        staleness = subject.staleness if subject.spec.freshness is None else None
    return Suggestions(
        dataset=name,
        window=window,
        rows=subject.current.count,
        checks=checks,
        max_age=timedelta(hours=1 + 2 * (staleness // timedelta(hours=1))) if staleness else None,
        staleness=staleness,
        notes=tuple(proposals.notes),
    )


class _Proposals:
    def __init__(self, subject: Subject) -> None:
        self.subject, self.dataset, self.spec = subject, subject.dataset, subject.spec
        self.notes = [
            f"{name!r} is not in the contract: {self.dataset.kind(name)}"
            for name in self.dataset.types
            if name not in self.spec.columns
        ]
        columns = [name for name in self.spec.columns if name in self.dataset.types]
        self.columns = [name for name in columns if _ENVIRONMENT not in name]
        self.rows, self.found = counted(subject.current.rows, subject.current, self.columns)
        self.declared = {(c.check, getattr(c, "column", None)) for c in self.spec.checks}
        self.unique = {c.columns for c in self.spec.checks if isinstance(c, UniqueCheck)}

    def made(self) -> Iterator[Suggestion]:
        if ("rows", None) not in self.declared:
            low, high = half_and_twice(self.rows)
            yield Suggestion({"check": "rows", "min": low, "max": high}, f"{self.rows:,} rows in this window")
        yield from self._unique()
        for name in self.columns:
            for proposal in (self._missing(name), self._range(name), self._allowed(name)):
                if proposal and (proposal.check["check"], name) not in self.declared:
                    yield proposal

    def _unique(self) -> Iterator[Suggestion]:
        """The keys, and columns that look like one."""
        candidates = [tuple(self.spec.keys)] if self.spec.keys else []
        candidates += [(name,) for name in self.columns if self._looks_unique(name) and (name,) not in candidates]
        for columns in candidates:
            if columns not in self.unique and set(columns) <= set(self.columns):
                distinct = self._distinct(columns)
                if distinct == self.rows:
                    yield Suggestion(
                        {"check": "unique", "columns": list(columns)}, f"all {self.rows:,} rows differ here"
                    )
                elif columns == tuple(self.spec.keys):
                    self.notes.append(f"the keys are not unique: {self.rows - distinct:,} rows repeat one")

    def _looks_unique(self, name: str) -> bool:
        values = self.found[name]
        telling = self.dataset.kind(name) in ("string", "integer") and self.rows > 1 and not values["missing"]
        return telling and values["distinct"] >= _NEARLY_UNIQUE * self.rows

    def _distinct(self, columns: tuple[str, ...]) -> int:
        distinct = self.subject.current.rows.project(", ".join(map(quoted, columns))).distinct()
        [(count,)] = distinct.aggregate("count(*)").fetchall()
        return int(count)

    def _missing(self, name: str) -> Suggestion | None:
        missing, stored = self.found[name]["missing"], self.dataset.types[name]
        if missing == self.rows:
            self.notes.append(f"{name!r} holds no value in this window")
            return None
        if not missing and not self.spec.columns[name].nullable and stored not in ("FLOAT", "DOUBLE"):
            return None  # `nullable: false` says it
        check: dict[str, Any] = {"check": "missing", "column": name}
        if missing:
            check["max_share"] = tolerated_share(missing / self.rows)
        return Suggestion(check, f"{share(missing, self.rows)} missing")

    def _range(self, name: str) -> Suggestion | None:
        column, values = self.spec.columns[name], self.found[name]
        kind = self.dataset.kind(name)
        if column.type not in NUMERIC or kind not in NUMERIC or column.pii or values["low"] is None:
            return None
        if name in self.spec.keys or self._looks_unique(name):
            return None  # a number that names a row has no range
        if values.get("infinite"):
            self.notes.append(f"{name!r} holds infinities: no range is proposed")
            return None
        low, high = bounds(values["low"], values["high"], whole=kind == "integer")
        found = f"{number(values['low'])} to {number(values['high'])} in this window"
        return Suggestion({"check": "range", "column": name, "min": low, "max": high}, found)

    def _allowed(self, name: str) -> Suggestion | None:
        column, values = self.spec.columns[name], self.found[name]
        few = self.dataset.kind(name) == column.type == "string" and values["distinct"] <= 2 * _MOST_VALUES
        if not few or column.pii:
            return None
        present = self.subject.current.rows.filter(f"{quoted(name)} IS NOT NULL")
        texts = present.project(f"{quoted(name)}::VARCHAR AS value").distinct().order("value").limit(_MOST_VALUES + 1)
        listed = [value for (value,) in texts.fetchall()]
        told = self.rows - values["missing"]
        if not listed or len(listed) > _MOST_VALUES or told < _ROWS_A_VALUE * len(listed):
            return None
        if any(_ENVIRONMENT in value for value in listed):
            self.notes.append(f"{name!r} holds {_ENVIRONMENT}...}}: no list of values is proposed")
            return None
        return Suggestion(
            {"check": "allowed", "column": name, "values": listed}, f"{len(listed)} values in {told:,} rows"
        )


def as_yaml(suggestions: Suggestions, *, checks_there: bool) -> str:
    """Lines to paste into the dataset in maestro.yaml, indented as they belong there.

    Args:
        checks_there: the dataset has a list of checks already, so that its key must not stand twice.
    """
    about = f"# datasets.{suggestions.dataset}, from {suggestions.rows:,} rows, {suggestions.window}"
    lines = [about + ("; add these to its checks" if checks_there else "")]
    lines += [f"# {_one_line(note)}" for note in suggestions.notes]
    if suggestions.checks and not checks_there:
        lines.append("checks:")
    lines += [f"  - {_flow(s.check)}  # {_one_line(s.evidence)}" for s in suggestions.checks]
    if suggestions.max_age and suggestions.staleness is not None:
        age = format_duration(suggestions.staleness) or "0s"
        limit = _flow({"max_age": format_duration(suggestions.max_age)})
        lines.append(f"freshness: {limit}  # the newest row is {age} older than the window's end")
    return "".join(f"    {line}\n" for line in lines)


def _flow(value: dict[str, Any]) -> str:
    import yaml

    def dumped(*, readable: bool) -> str:
        text: str = yaml.safe_dump(value, default_flow_style=True, width=10**9, allow_unicode=readable, sort_keys=False)
        return text.rstrip("\n")

    text = dumped(readable=True)
    # YAML knows more line breaks than \n, and PyYAML leaves some of them as they are.
    return text if text.isprintable() else dumped(readable=False)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
