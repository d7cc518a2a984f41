"""A project for a table: what each part of it is, and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.wording import plural
from maestro_ml.project import Project, Window
from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.features import features_of, gate_of, is_identifier, is_name, is_text
from maestro_ml.starting.labels import task_of
from maestro_ml.starting.number_times import are_years
from maestro_ml.starting.rows import all_rows
from maestro_ml.starting.scan import Scan
from maestro_ml.starting.times import Times, test_length
from maestro_ml.tables import LocalTable, open_dataset
from maestro_ml.validation.suggest.proposals import expected_rows, suggest

_PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|telephone|mobile|ssn|iban|passport|surname|(first|last|full)_?name|address)($|_)|"
    r"(^|_)(birth_?(date|day)|date_of_birth|dob|born)($|_)"
)
_MOST_CHECKED = 60  # columns; of more, each check would be noise
_ENDED = timedelta(days=60)
_TEST_SHARE = 0.25
_LEAST_ROWS = 20
_LEAST_OF_A_CLASS = 5  # rows
_ANY = timedelta(days=1)  # a table without times is looked at as a whole


@dataclass(frozen=True)
class Part:
    """A value of maestro.yaml with its reason."""

    value: Any
    why: str = ""


@dataclass
class Proposal:
    """The parts of a project, and what a person still has to bring."""

    name: str
    dataset: str
    rows: int
    settings: dict[str, Part]
    columns: dict[str, Part]
    checks: list[Part]
    model: str = ""
    learning: dict[str, Part] = field(default_factory=dict)
    not_learned: dict[str, str] = field(default_factory=dict)
    since: Part | None = None
    until: Part | None = None
    missing: list[str] = field(default_factory=list)
    end: datetime | None = None


def propose(
    found: Scan, name: str, source: dict[str, Any], times: Times | None, zone: Part | None, keys: Sequence[str] | None
) -> Proposal:
    """Make a proposal from a scan.

    Args:
        source: how maestro.yaml names the table.
        times: the event times, if the rows have some.
        zone: the timezone of times that carry none.
        keys: the columns that name a row, if a person said so.
    """
    table, dataset = found.table, found.report.dataset
    proposal = Proposal(
        name, dataset, table.rows, {"source": Part(source, _about_source(source, found.guesses))}, {}, []
    )
    _add_times(proposal, times, zone)
    chosen = list(keys) if keys is not None else _keys(table, times)
    if chosen:
        why = "they were named" if keys is not None else f"all {table.rows:,} rows differ here"
        proposal.settings["keys"] = Part(chosen, why)
    _add_columns(proposal, table, found.label)
    scratch = _scratch(proposal, found.table.source)
    with open_dataset(scratch, dataset) as opened:
        if found.label:
            _add_model(proposal, found, opened, times)
        _add_checks(proposal, scratch, opened, table, times)
    _note_missing(proposal, found, times)
    return proposal


def _about_source(source: dict[str, Any], guesses: Sequence[str]) -> str:
    about = [*guesses]
    if not source.get("header", True):
        about.append("the first line looks like a row, so no line names the columns")
    if source.get("null_values"):
        about.append("among numbers, the texts in null_values stand for a missing value")
    if any("null_values" in own for own in source.get("columns", {}).values()):
        about.append("in `columns`, texts that look like a missing value: delete those that are a value")
    return "; ".join(about)


def _add_times(proposal: Proposal, times: Times | None, zone: Part | None) -> None:
    if times is None:
        return
    proposal.end = times.newest + timedelta(microseconds=1)
    proposal.settings["timestamp"] = Part(times.column.name, times.why)
    if zone:
        proposal.settings["timezone"] = zone
    about = f"the rows are of {times.oldest:%Y-%m-%d} to {times.newest:%Y-%m-%d}"
    proposal.settings["window"] = Part(_duration(times.window), f"what a validation looks at; {about}")
    if times.window < times.span:
        proposal.settings["reference"] = Part({"kind": "previous"}, "drift compares a window with the one before")
    proposal.since = Part(times.oldest.date().isoformat(), "the first row")
    if datetime.now(UTC) - times.newest > _ENDED:
        day = (times.newest + timedelta(days=1)).date().isoformat()
        proposal.until = Part(day, "the data end here: nothing is scheduled after it")


def _keys(table: Described, times: Times | None) -> list[str]:
    found = [c for c in table.columns if is_identifier(c) and c is not (times and times.column)]
    return [found[0].name] if found else []


def _add_columns(proposal: Proposal, table: Described, label: Column | None) -> None:
    for column in table.columns:
        declared: dict[str, Any] = {"type": column.type, **column.written}
        if not column.missing and column.rows:
            declared["nullable"] = False
        why = "all of its values can be read as times so" if column.written else ""
        if _PERSONAL.search(column.name.lower()) and column is not label:
            declared["pii"] = True
            why = "its name sounds personal: no value of it is shown"
        elif column.meant:
            count, examples = column.strays
            are = "is" if count == 1 else "are"
            why = f"{plural(count, 'value')} {are} no {column.meant}: {', '.join(map(repr, examples))}"
        elif column.missing and column.missing == column.rows:
            declared["severity"], why = "warn", "no value at all: a warning until there is one"
        elif column.missing:
            why = f"{column.missing:,} missing"
        proposal.columns[column.name] = Part(declared, why)
    if table.left_out:
        proposal.settings["extra_columns"] = Part("allow", f"no type holds {', '.join(table.left_out)}")
    if "reference" in proposal.settings:
        hidden = {name for name, part in proposal.columns.items() if part.value.get("pii")}
        keys = proposal.settings.get("keys", Part([])).value
        if any(c.is_number and c.name not in (*keys, *hidden) for c in table.columns):
            proposal.settings["drift"] = Part({"min_effect": 0.2}, "warns of numbers that moved clearly")
        else:
            del proposal.settings["reference"]


def _scratch(proposal: Proposal, source: dict[str, Any]) -> Project:
    """Return the project with its absolute source and without checks, to look at the rows with."""
    settings = {key: part.value for key, part in proposal.settings.items()} | {"source": source}
    columns = {name: part.value for name, part in proposal.columns.items()}
    return Project.model_validate({"name": "scratch", "datasets": {proposal.dataset: {**settings, "columns": columns}}})


def _add_model(proposal: Proposal, found: Scan, opened: LocalTable, times: Times | None) -> None:
    label, table = found.label, found.table
    assert label is not None
    equal = [f.column or "" for f in found.report.violated if f.check == "duplicate_column"]
    keys = proposal.settings.get("keys", Part([])).value
    features, others = features_of(table, label, found.leaks, equal, keys)
    proposal.not_learned = others
    if not features:
        proposal.missing.append(f"no model: no column is left to predict '{label.name}' from")
        return
    if label.filled < _LEAST_ROWS:
        proposal.missing.append(f"no model: {label.filled} rows with '{label.name}' are too few to learn and to test")
        return
    if task_of(label) == "binary" and (rare := _rarer_class(opened, label)) < _LEAST_OF_A_CLASS:
        classes = f"one of the two classes of '{label.name}' has {plural(rare, 'row')} only"
        proposal.missing.append(f"no model: {classes}, too few to learn and to test")
        return
    personal = [name for name in features if proposal.columns[name].value.get("pii")]
    if len(personal) < len(features):
        features = [name for name in features if name not in personal]
        others |= dict.fromkeys(personal, "its name sounds personal")
    gate, why = gate_of(opened, label)
    proposal.model = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{proposal.dataset}_{label.name}").strip("_")[:60]
    learning = {
        "dataset": Part(proposal.dataset),
        "label": Part(label.name, f"{found.why}; a model of {_task_words(label)}"),
        "columns": Part(features),
    }
    learned = set(features)
    texts = [c.name for c in table.columns if c.name in learned and is_text(c)]
    if texts:
        parts = [{"columns": [name], "steps": [_word_weights()]} for name in texts]
        learning["preprocessing"] = Part(parts, "text becomes the weights of its words")
    test = test_length(opened, times) if times else timedelta()
    if times is None or test >= times.whole:
        kind = "random" if task_of(label) == "regression" else "stratified"
        says = "no time says" if times is None else "the rows are of too short a time to say"
        learning["split"] = Part({"kind": kind, "share": _TEST_SHARE}, f"{says} which rows are later: some are drawn")
    else:
        learning["window"] = Part(_duration(times.whole), "all rows there are now")
        learning["test"] = Part(_duration(test), "about the last quarter of the rows, to test on")
    if task_of(label) == "multiclass" and label.type == "number":
        learning["task"] = Part("multiclass", f"{label.distinct} different values")
    learning["gate"] = Part(gate, why)
    learning["register"] = Part({"name": proposal.model}, "the name of its versions in MLflow")
    proposal.learning = learning


def _rarer_class(opened: LocalTable, label: Column) -> int:
    classes = all_rows(opened).filter(f"{quoted(label.name)} IS NOT NULL")
    counted = classes.aggregate("count(*) AS rows", quoted(label.name)).aggregate("min(rows)").fetchall()
    return int(counted[0][0])


def _word_weights() -> dict[str, Any]:
    return {"class": "sklearn.feature_extraction.text.TfidfVectorizer", "parameters": {"max_features": 2000}}


def _add_checks(
    proposal: Proposal, scratch: Project, opened: LocalTable, table: Described, times: Times | None
) -> None:
    if not table.rows:
        return
    rows = table.rows if times is None else _rows_since(opened, times)
    low, high = expected_rows(rows)
    counted = {"check": "rows", "min": low, "max": high}
    if len(table.columns) > _MOST_CHECKED:
        why = f"{rows:,} rows; with {len(table.columns):,} columns, a check of each would be noise: `maestro suggest`"
        proposal.checks.append(Part(counted, why))
        return
    window = Window.ending(proposal.end or datetime.now(UTC), times.whole + timedelta(days=1) if times else _ANY)
    try:
        suggested = suggest(scratch, proposal.dataset, window)
    except MaestroError as error:
        proposal.missing.append(f"no checks: {error}")
        return
    proposal.checks.append(Part(counted, f"{plural(rows, 'row')}{' in the last window' if times else ''}"))
    proposal.checks += [part for each in suggested.checks if (part := _kept(each.check, each.evidence, table))]


def _rows_since(opened: LocalTable, times: Times) -> int:
    """Return the rows of the last window."""
    start = timestamp_literal(times.newest - times.window)
    last = all_rows(opened).filter(f"{quoted(times.column.name)}::TIMESTAMPTZ > {start}")
    [(rows,)] = last.aggregate("count(*)").fetchall()
    return int(rows)


def _kept(check: dict[str, Any], evidence: str, table: Described) -> Part | None:
    """Return a suggested check, of the whole table, that may stand in a project of its windows."""
    if check["check"] == "rows" or (check["check"] == "unique" and len(check["columns"]) > 1):
        return None  # the first is of a window, and the second an accident as a rule
    column = table.column(check.get("column", ""))
    if check["check"] == "range" and column and (is_name(column) or column.distinct <= 1):
        return None  # of numbers that are names, or of one number, no range means anything
    return Part(check, evidence.replace(" in this window", ""))


def _note_missing(proposal: Proposal, found: Scan, times: Times | None) -> None:
    if not found.table.rows:
        proposal.missing.append("the table has no row: there is nothing to check, and nothing to learn from")
    elif found.label is None:
        proposal.missing.append(f"no model: {found.why}; --label names the column to predict")
    if times is None:
        proposal.missing.append("no time: every run looks at all rows, so there is no freshness, and no earlier window")
        for name, why in found.table.ambiguous.items():
            proposal.missing.append(f"'{name}' is left as text: {why}")
        for column in found.table.columns:
            if column.type == "integer" and "year" in column.name.lower() and are_years(column.low, column.high):
                proposal.missing.append(f"--time {column.name} takes the years in it as the time of a row")


def _task_words(label: Column) -> str:
    task = task_of(label)
    return {"binary": "two classes", "multiclass": f"{label.distinct} classes", "regression": "a number"}[task or ""]


def _duration(value: timedelta) -> str:
    from maestro_ml.core.node import format_duration

    return format_duration(value)
