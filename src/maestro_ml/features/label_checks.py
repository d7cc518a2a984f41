"""Check that the labels of a model's window can be learned from, in one query, before anything is built."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from maestro_ml.core.node import format_duration
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.project.models import Model
from maestro_ml.project.splits import splitting_of
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import DataError, LocalTable, open_dataset
from maestro_ml.tables.extent import where_rows_are

_SHOWN = 5
_NUMERIC = ("integer", "number")
_UNUSABLE = ("timestamp", "date", "other")
_MOST_CLASSES = 1000


class UnusableRows(DataError):
    """The labelled rows of the window cannot train a model; nothing was built."""

    exit_code = 2


class _Value(NamedTuple):
    """A label, and how many rows of each part have it."""

    label: Any
    shown: str
    to_fit: int
    to_test: int


class _Labels(NamedTuple):
    rows: int
    labelled: int
    classes: int
    infinite: int  # rows
    to_fit: int
    to_test: int
    found: list[_Value]  # of the first classes, in order

    @property
    def unlabelled(self) -> int:
        """Rows without a label."""
        return self.rows - self.labelled


def check_labels(project: Project, name: str, window: Window) -> int:
    """Count the window's rows without a label, once it is certain that the others have labels a model can learn.

    Raises:
        RequestError: a column is one no model can use.
        DataError: the dataset cannot be read, or lacks a column.
        UnusableRows: no rows, no labels, or labels that the task cannot have.
    """
    return _checked(project, name, window).unlabelled


def check_split(project: Project, name: str, window: Window) -> None:
    """Check the labels, and that there are rows to fit on and to test on, with labels that differ.

    Raises:
        RequestError: the window is too short, or as `check_labels` does.
        DataError: as `check_labels` does.
        UnusableRows: no rows, or only one class, among those to fit or test on; or as `check_labels` does.
    """
    model = project.models[name]
    fit, test = _parts(project, model, window)
    labels = _checked(project, name, window)
    where = _where(project, model, window)
    hidden = project.datasets[model.dataset].hides(model.label)
    parts = [(fit, "training", labels.to_fit), *([(test, "test", labels.to_test)] if test else [])]
    for part, kind, rows in parts:
        if not rows:
            raise UnusableRows(f"{where}: none of the {kind} rows{_lying(part)} has the label '{model.label}'")
        is_fit = kind == "training"
        if model.predicts_numbers and not is_fit:
            continue
        only = [value.shown for value in labels.found if (value.to_fit if is_fit else value.to_test) == rows]
        if only:
            value = "has the same value" if hidden else f"is {only[0]}"
            needed = "a regression needs several values" if model.predicts_numbers else "a classifier needs two classes"
            raise UnusableRows(
                f"{where}: the label '{model.label}' {value} in all {rows:,} {kind} rows{_lying(part)}; {needed}"
            )


def _where(project: Project, model: Model, window: Window) -> str:
    timed = project.datasets[model.dataset].timestamp is not None
    return f"dataset {model.dataset}, {window}" if timed else f"dataset {model.dataset}"


def _lying(part: Window | None) -> str:
    return f" ({part})" if part else ""


def _parts(project: Project, model: Model, window: Window) -> tuple[Window | None, Window | None]:
    """Return the ranges of the rows to fit on and to test on; None where rows are drawn.

    Raises:
        RequestError: the window is too short.
    """
    splitting = splitting_of(model, project.datasets[model.dataset])
    if splitting.kind != "time":
        return None, None
    gap = splitting.gap or timedelta()
    if model.test + gap >= window.length:
        raise RequestError(
            f"the window {window} is not longer than the test range of {format_duration(model.test)}; "
            "no training row is left"
        )
    cut = window.end - model.test
    return Window(window.start, cut - gap), Window(cut, window.end)


def _checked(project: Project, name: str, window: Window) -> _Labels:
    model = project.models[name]
    with open_dataset(project, model.dataset, [window]) as dataset:
        times = [dataset.spec.timestamp] if dataset.spec.timestamp else []
        expect_columns(dataset, [*dataset.spec.keys, *times, *model.columns, model.label])
        _check_types(name, model, dataset)
        where, timed = _where(project, model, window), bool(times)
        _check_kind(where, model, dataset, window if timed else None)
        labels = _count(dataset, model.label, window if timed else None, *_ranges(project, model, window))
        if labels.unlabelled == labels.rows:
            found = f"none of its {labels.rows:,} rows has the label '{model.label}'"
            if not labels.rows:
                found = f"it has no row there{where_rows_are(dataset, window, datetime.now(UTC)) if timed else ''}"
            raise UnusableRows(f"{where}: {found}; nothing to train on")
        _check_values(where, model, dataset, labels)
        return labels


def _check_kind(where: str, model: Model, dataset: LocalTable, window: Window | None) -> None:
    kind, declared = dataset.kind(model.label), dataset.spec.column(model.label)
    if kind == "null" or kind in _NUMERIC or (kind in ("boolean", "string") and not model.predicts_numbers):
        if kind != "string" or declared is None or declared.type == "string":
            return
        wanted = f"the contract says {declared.type}"
    else:
        wanted = f"it must be {'a number' if model.predicts_numbers else 'text, a boolean or a whole number'}"
    found = _examples(dataset, model.label, window)
    raise UnusableRows(
        f"{where}: the label '{model.label}' is {dataset.types[model.label]} and holds {found}; {wanted}"
    )


def _check_values(where: str, model: Model, dataset: LocalTable, labels: _Labels) -> None:
    """Refuse what the task cannot have: an infinite number, fractions or a flood of values as classes."""
    hidden, label = dataset.spec.hides(model.label), f"the label '{model.label}'"
    if labels.infinite:
        raise UnusableRows(f"{where}: {label} is infinite in {labels.infinite:,} of {labels.rows:,} rows")
    if model.predicts_numbers:
        return
    if hidden and (labels.classes > 2 or any(value.label not in (0, 1) for value in labels.found)):  # noqa: PLR2004
        raise UnusableRows(
            f"{where}: {label} holds values (which are marked pii) in {labels.labelled:,} of {labels.rows:,} rows, and "
            "the classes stand in the model and its report: only 0 and 1, or false and true, can be classes of such a "
            "column"
        )
    numbers = [value for value in labels.found if not isinstance(value.label, str)]
    broken = [value for value in numbers if value.label != int(value.label)] if model.task is None else []
    count, wanted = labels.classes, ""
    if broken:
        wanted = "for a number to predict, set `task: regression`; for classes, `task: multiclass`"
    elif count > 2 and model.task == "binary":  # noqa: PLR2004 - two classes
        wanted = f"these are {count:,} classes, and the task is binary"
    elif count > min(_MOST_CLASSES, max(2, labels.labelled / 2)):
        wanted = f"these are {count:,} classes; for a number to predict, set `task: regression`"
    elif count > 2 and model.positive is not None:  # noqa: PLR2004
        wanted = f"these are {count:,} classes, and `positive` is for two"
    if wanted:
        strange = broken or labels.found
        rows = sum(value.to_fit + value.to_test for value in strange) if broken else labels.labelled
        texts = [value.shown for value in strange[:_SHOWN]] + ["..."] * (len(strange) > _SHOWN)
        shown = "values (which are marked pii)" if hidden else ", ".join(texts)
        raise UnusableRows(f"{where}: {label} holds {shown} in {rows:,} of {labels.rows:,} rows; {wanted}")


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


def _ranges(project: Project, model: Model, window: Window) -> tuple[Window | None, Window | None]:
    """Return the ranges of both parts, as far as the window is long enough for them."""
    try:
        return _parts(project, model, window)
    except RequestError:  # another check reports it; the labels can be counted nevertheless
        return None, None


def _count(dataset: LocalTable, label: str, window: Window | None, fit: Window | None, test: Window | None) -> _Labels:
    missing, kind = dataset.missing(label), dataset.kind(label)
    fitted = dataset.inside(fit) if fit else "true"
    tested = dataset.inside(test) if test else "false"
    stored = {"boolean": "TINYINT", "null": "TINYINT", "string": "VARCHAR"}.get(str(kind))
    value = f"{quoted(label)}::{stored}" if stored else quoted(label)
    infinite = "isinf(value)" if kind == "number" else "false"
    counted = (
        dataset.rows(window)
        .query(
            "labels_of_window",
            f"""
            SELECT sum(n) OVER (), count(value) OVER (), sum(n) FILTER (WHERE {infinite}) OVER (),
                sum(f) FILTER (WHERE value IS NOT NULL) OVER (), sum(t) FILTER (WHERE value IS NOT NULL) OVER (),
                sum(n) FILTER (WHERE value IS NOT NULL) OVER (), value, value::VARCHAR, f, t
            FROM (
                SELECT CASE WHEN {missing} THEN NULL ELSE {value} END AS value, count(*) AS n,
                    count(*) FILTER (WHERE {fitted}) AS f, count(*) FILTER (WHERE {tested}) AS t
                FROM labels_of_window GROUP BY 1
            )
            ORDER BY value NULLS LAST LIMIT {_MOST_CLASSES}
            """,  # noqa: S608 - quoted above
        )
        .fetchall()
    )
    rows, classes, endless, to_fit, to_test, labelled = (int(n or 0) for n in (counted or [[0] * 6])[0][:6])
    found = [_Value(*row[6:]) for row in counted if row[6] is not None]
    return _Labels(rows, labelled, classes, endless, to_fit, to_test, found)


def _examples(dataset: LocalTable, label: str, window: Window | None) -> str:
    """Return a few values as text, unless they are marked pii."""
    if dataset.spec.hides(label):
        return "other values (which are marked pii)"
    rows = (
        dataset.rows(window)
        .filter(f"NOT {dataset.missing(label)}")
        .aggregate(f"{quoted(label)} AS value, {quoted(label)}::VARCHAR AS shown", quoted(label))
    )
    found = [repr(shown) for _, shown in rows.order("value").limit(_SHOWN + 1).fetchall()]
    return ", ".join([*found[:_SHOWN], "..."] if len(found) > _SHOWN else found) or "nothing"
