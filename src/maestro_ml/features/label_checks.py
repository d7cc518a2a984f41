"""Check that the labels of a model's window can be learned from, in one query, before anything is built."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.models import Model
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import DataError, LocalTable, open_dataset
from maestro_ml.tables.extent import where_rows_are

_SHOWN = 5
_NUMERIC = ("integer", "number", "boolean")
_UNUSABLE = ("timestamp", "date", "other")


class UnusableRows(DataError):
    """The labelled rows of the window cannot train a model; nothing was built."""

    exit_code = 2


class _Counts(NamedTuple):
    rows: int
    unlabelled: int
    zeros_to_fit: int
    ones_to_fit: int
    zeros_to_test: int
    ones_to_test: int

    @property
    def strange(self) -> int:
        """Rows with a label that is neither 0 nor 1."""
        return self.rows - self.unlabelled - sum(self[2:])


def check_labels(project: Project, name: str, window: Window) -> int:
    """Count the window's rows without a label, once it is certain that the others have labels a model can learn.

    Raises:
        RequestError: a column is one no model can use.
        DataError: the dataset cannot be read, or lacks a column.
        UnusableRows: no rows, no labels, or labels other than 0 and 1.
    """
    return _checked(project, name, window).unlabelled


def check_split(project: Project, name: str, window: Window) -> None:
    """Check the labels, and that there are rows of both classes to fit on and to test on.

    Raises:
        RequestError: the window is too short, or as `check_labels` does.
        DataError: as `check_labels` does.
        UnusableRows: no rows, or only one class, among those to fit or test on; or as `check_labels` does.
    """
    model = project.models[name]
    if model.test >= window.length:
        raise RequestError(f"the window {window} is not longer than the test range of {model.test}; nothing to fit on")
    counts = _checked(project, name, window)
    where, label, cut = f"dataset {model.dataset}, {window}", model.label, window.end - model.test
    hidden = project.datasets[model.dataset].columns[label].pii
    fit, test = Window(window.start, cut), Window(cut, window.end)
    _check_part(where, label, hidden, fit, "fit on", counts.zeros_to_fit, counts.ones_to_fit)
    _check_part(where, label, hidden, test, "test on", counts.zeros_to_test, counts.ones_to_test)


def _checked(project: Project, name: str, window: Window) -> _Counts:
    model = project.models[name]
    with open_dataset(project, model.dataset) as dataset:
        expect_columns(dataset, [*dataset.spec.keys, dataset.spec.event_column, *model.columns, model.label])
        _check_types(name, model, dataset)
        where = f"dataset {model.dataset}, {window}"
        if dataset.kind(model.label) not in (*_NUMERIC, "null"):
            found = f"holds {_examples(dataset, model.label, window)}"
            raise UnusableRows(
                f"{where}: the label '{model.label}' is {dataset.types[model.label]} and {found}; "
                "it must be boolean, or 0 or 1"
            )
        counts = _count(dataset, model.label, window, Window.ending(window.end, model.test))
        if counts.unlabelled == counts.rows:
            found = f"none of its {counts.rows:,} rows has the label '{model.label}'"
            if not counts.rows:
                found = f"it has no row there{where_rows_are(dataset, window, datetime.now(UTC))}"
            raise UnusableRows(f"{where}: {found}; nothing to train on")
        if counts.strange:
            found = _examples(dataset, model.label, window, strange=True)
            raise UnusableRows(
                f"{where}: the label '{model.label}' holds {found} in {counts.strange:,} of {counts.rows:,} rows; "
                "it must be boolean, or 0 or 1"
            )
        return counts


def expect_columns(dataset: LocalTable, names: Iterable[str]) -> None:
    """Raise UnusableRows if one of the columns is not there."""
    if missing := [name for name in dict.fromkeys(names) if name not in dataset.types]:
        raise UnusableRows(
            f"dataset {dataset.name} has no column {', '.join(missing)}; there are: {', '.join(dataset.types)}"
        )


def _check_types(name: str, model: Model, dataset: LocalTable) -> None:
    if unusable := [column for column in model.columns if dataset.kind(column) in _UNUSABLE]:
        found = ", ".join(f"'{column}' ({dataset.types[column]})" for column in unusable)
        raise RequestError(
            f"models.{name}.columns: {found} cannot be a feature; a model takes numbers, booleans and text"
        )


def _count(dataset: LocalTable, label: str, window: Window, test: Window) -> _Counts:
    missing, later = dataset.missing(label), dataset.inside(test)
    value = f"{quoted(label)}::TINYINT" if dataset.kind(label) in ("boolean", "null") else quoted(label)
    sides = [f"count(*) FILTER (WHERE {value} = {n} AND {side} ({later}))" for side in ("NOT", "") for n in (0, 1)]
    wanted = ["count(*)", f"count(*) FILTER (WHERE {missing})", *sides]
    [found] = dataset.rows(window).aggregate(", ".join(wanted)).fetchall()
    return _Counts(*found)


def _examples(dataset: LocalTable, label: str, window: Window, strange: bool = False) -> str:
    """Return a few values as text, unless they are marked pii."""
    if dataset.spec.columns[label].pii:
        return "other values (which are marked pii)"
    wanted = f"NOT {dataset.missing(label)}" + (f" AND {quoted(label)} NOT IN (0, 1)" if strange else "")
    rows = (
        dataset.rows(window)
        .filter(wanted)
        .aggregate(f"{quoted(label)} AS value, {quoted(label)}::VARCHAR AS shown", quoted(label))
    )
    found = [shown for _, shown in rows.order("value").limit(_SHOWN + 1).fetchall()]
    texts = [value if strange else repr(value) for value in found[:_SHOWN]]
    return ", ".join([*texts, "..."] if len(found) > _SHOWN else texts) or "nothing"


def _check_part(where: str, label: str, hidden: bool, part: Window, purpose: str, zeros: int, ones: int) -> None:
    if not zeros + ones:
        raise UnusableRows(f"{where}: no labelled rows to {purpose}, which are those in {part}")
    if not zeros or not ones:
        one = "one and the same" if hidden else f"= {int(not zeros)}"
        raise UnusableRows(
            f"{where}: all {zeros + ones:,} rows to {purpose}, which are those in {part}, have the label "
            f"{label} {one}; a classifier needs both classes"
        )
