"""Names in one part of the project file that must exist in another, and models that could never be trained."""

import difflib
from collections.abc import Iterable, Iterator

from maestro_ml.checks.base import Check
from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.references import ReferencesCheck
from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.column_uses import type_mistakes
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engine_limits import engine_mistakes, separation
from maestro_ml.project.models import Model
from maestro_ml.project.project import Project
from maestro_ml.sql.types import NUMERIC, TIMES, are_comparable

_LABELS = ("boolean", "integer", "number")


def reference_mistakes(project: Project) -> Iterator[Mistake]:
    """Report every name that does not exist, and everything that cannot be used where it is named."""
    if project.since and project.until and project.since >= project.until:
        yield Mistake(("until",), "until must be after since, or no run is scheduled", (("since",),))
    for index, name in enumerate(project.validation.datasets):
        yield from _expected(name, project.datasets, ("validation", "datasets", index), "dataset", (("datasets",),))
    for name, dataset in project.datasets.items():
        here = ("datasets", name)
        for path, message, because in (*type_mistakes(dataset), *engine_mistakes(dataset)):
            yield Mistake((*here, *path), message, tuple((*here, *place) for place in because))
        for path, column in _named_columns(dataset):
            yield from _expected(column, dataset.columns, (*here, *path), "column", ((*here, "columns"),))
        for index, check in enumerate(dataset.checks):
            if isinstance(check, ReferencesCheck | ReconcileCheck):
                yield from _other_dataset(project, dataset, (*here, "checks", index), check)
    for name, model in project.models.items():
        yield from _model(project, model, ("models", name))


def _expected(
    name: str, known: Iterable[str], path: Path, what: str, because: tuple[Path, ...] = ()
) -> Iterator[Mistake]:
    names = sorted(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names) or 'none'}"
        yield Mistake(path, f"no {what} '{name}'; {hint}", because)


def _meant(name: str, project: Project) -> tuple[str, Dataset | None]:
    """Return the dataset of a name, or the most similar one, so that its references are checked as well."""
    near = name if name in project.datasets else next(iter(difflib.get_close_matches(name, project.datasets, n=1)), "")
    return near, project.datasets.get(near)


def _other_dataset(
    project: Project, dataset: Dataset, here: Path, check: ReferencesCheck | ReconcileCheck
) -> Iterator[Mistake]:
    yield from _expected(check.dataset, project.datasets, (*here, "dataset"), "dataset", (("datasets",),))
    name, other = _meant(check.dataset, project)
    if other is None:
        return
    if obstacle := separation(dataset, other):
        yield Mistake((*here, "dataset"), f"dataset {name} {obstacle}", (("datasets", name, "engine"),))
    if isinstance(check, ReferencesCheck):
        field, foreign = "key", check.key
    else:
        field, foreign = "other_column" if check.other_column else "column", check.other_column or check.column or ""
    if not foreign or (field == "column" and foreign not in dataset.columns):
        return
    columns = ("datasets", name, "columns")
    yield from _expected(foreign, other.columns, (*here, field), f"column of dataset {name}", (columns,))
    if foreign in other.columns:
        yield from _types(dataset, other, (*here, field), (*columns, foreign, "type"), check, foreign)


def _types(
    dataset: Dataset, other: Dataset, path: Path, place: Path, check: ReferencesCheck | ReconcileCheck, foreign: str
) -> Iterator[Mistake]:
    """Report types of two datasets' columns that cannot be compared."""
    there = other.columns[foreign].type
    if isinstance(check, ReconcileCheck):
        if check.aggregate != "distinct" and there not in NUMERIC:
            yield Mistake(
                path, f"the {check.aggregate} of a reconcile check needs numbers, and '{foreign}' is {there}", (place,)
            )
        return
    if check.column in dataset.columns:
        here = dataset.columns[check.column].type
        if not are_comparable(here, there):
            own = (*path[:2], "columns", check.column, "type")
            yield Mistake(
                path, f"'{check.column}' is {here} and '{foreign}' is {there}: they cannot be compared", (place, own)
            )


def _model(project: Project, model: Model, here: Path) -> Iterator[Mistake]:
    yield from _expected(model.dataset, project.datasets, (*here, "dataset"), "dataset", (("datasets",),))
    name, dataset = _meant(model.dataset, project)
    if dataset:
        yield from _model_columns(model, name, dataset, here)
    features = (*here, "columns")
    if model.label in model.columns:
        place = (*features, model.columns.index(model.label))
        yield Mistake(place, f"the label '{model.label}' cannot be a feature of itself")
    if not model.columns and not model.feature_service:
        yield Mistake(here, "needs a feature_service, columns, or both", (features, (*here, "feature_service")))
    if model.feature_service and project.features is None:
        yield Mistake((*here, "feature_service"), "the project has no features section", (("features",),))
    if model.test >= model.window:
        yield Mistake((*here, "test"), "the test range must be shorter than the window", ((*here, "window"),))
    if model.gate.above >= 1:
        message = f"no {model.gate.metric} is above {model.gate.above:g}, so no model could ever pass; give less than 1"
        yield Mistake((*here, "gate", "above"), message)


def _model_columns(model: Model, name: str, dataset: Dataset, here: Path) -> Iterator[Mistake]:
    columns = ("datasets", name, "columns")
    label = (*here, "label")
    yield from _expected(model.label, dataset.columns, label, "column", (columns,))
    if model.label == dataset.timestamp:
        yield Mistake(label, f"the label '{model.label}' is the event time of dataset {name}")
    elif model.label in dataset.keys:
        yield Mistake(label, f"the label '{model.label}' is a key of dataset {name}, which only identifies a row")
    elif model.label in dataset.columns and dataset.columns[model.label].type not in _LABELS:
        message = f"a label is true or false, or 0 or 1, and '{model.label}' is {dataset.columns[model.label].type}"
        yield Mistake(label, message, ((*columns, model.label, "type"),))
    for index, column in enumerate(model.columns):
        place = (*here, "columns", index)
        yield from _expected(column, dataset.columns, place, "column", (columns,))
        if column not in dataset.columns or column == model.label:
            continue
        if (kind := dataset.columns[column].type) in TIMES:
            what = "the event time" if column == dataset.timestamp else f"a {kind}"
            message = f"'{column}' is {what}, and a feature is a number, a boolean or text"
            yield Mistake(place, message, ((*columns, column, "type"),))


def _named_columns(dataset: Dataset) -> Iterator[tuple[Path, str]]:
    for index, key in enumerate(dataset.keys):
        yield ("keys", index), key
    for index, partition in enumerate(getattr(dataset.source, "partitions", ())):
        yield ("source", "partitions", index), partition
    for index, check in enumerate(dataset.checks):
        yield from ((("checks", index, *path), column) for path, column in _columns_of(check))
    for part, field in (("drift", "columns"), ("drift", "labels"), ("drift", "predictions"), ("anomalies", "columns")):
        for index, column in enumerate(getattr(getattr(dataset, part), field, ())):
            yield (part, field, index), column


def _columns_of(check: Check) -> Iterator[tuple[Path, str]]:
    for field, column in check.named_columns():
        value = getattr(check, field)
        yield ((field, value.index(column)) if isinstance(value, tuple) else (field,)), column
