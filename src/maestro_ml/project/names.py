"""Names in one part of the project file that must exist in another."""

import difflib
from collections.abc import Iterable

from maestro_ml.project.checks import ReconcileCheck, ReferencesCheck
from maestro_ml.project.checks.base import BaseCheck
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.document import Document, Path
from maestro_ml.project.engines import apart
from maestro_ml.project.model import Project


def check_names(project: Project, document: Document) -> None:  # noqa: PLR0912 - one place after the other
    """Report every name that leads nowhere."""

    def expect(name: str, known: Iterable[str], path: Path, what: str) -> None:
        names = sorted(known)
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names) or 'none'}"
            document.report(path, f"no {what} '{name}'; {hint}")

    for name, dataset in project.datasets.items():
        for path, column in _named_columns(dataset):
            expect(column, dataset.columns, ("datasets", name, *path), "column")
        for path, other, foreign in _foreign_columns(dataset):
            place = ("datasets", name, *path)
            expect(other, project.datasets, (*place, "dataset"), "dataset")
            found = project.datasets.get(other)
            if found and foreign:
                expect(foreign, found.columns, place, f"column of dataset {other}")
            if found and (obstacle := apart(dataset, found)):
                document.report((*place, "dataset"), f"dataset {other} {obstacle}")
    for index, name in enumerate(project.validation.datasets):
        expect(name, project.datasets, ("validation", "datasets", index), "dataset")
    for name, model in project.models.items():
        here = ("models", name)
        expect(model.dataset, project.datasets, (*here, "dataset"), "dataset")
        if model.dataset in project.datasets:
            columns = project.datasets[model.dataset].columns
            expect(model.label, columns, (*here, "label"), "column")
            for index, column in enumerate(model.columns):
                expect(column, columns, (*here, "columns", index), "column")
        if model.label in model.columns:
            document.report((*here, "columns"), f"the label '{model.label}' cannot be a feature of itself")
        if not model.columns and not model.feature_service:
            document.report(here, "needs a feature_service, columns, or both")
        if model.feature_service and project.features is None:
            document.report((*here, "feature_service"), "the project has no features section")
        if model.test >= model.window:
            document.report((*here, "test"), "the test range must be shorter than the window")


def _named_columns(dataset: Dataset) -> Iterable[tuple[Path, str]]:
    for index, key in enumerate(dataset.keys):
        yield ("keys", index), key
    for index, partition in enumerate(getattr(dataset.source, "partitions", ())):
        yield ("source", "partitions", index), partition
    for index, check in enumerate(dataset.checks):
        named = check.named_columns() if isinstance(check, BaseCheck) else [("column", getattr(check, "column", None))]
        for field, column in named:
            if column is not None:
                yield ("checks", index, field), column
    for part, field in (("drift", "columns"), ("drift", "labels"), ("drift", "predictions"), ("anomalies", "columns")):
        for index, column in enumerate(getattr(getattr(dataset, part), field, ())):
            yield (part, field, index), column


def _foreign_columns(dataset: Dataset) -> Iterable[tuple[Path, str, str | None]]:
    for index, check in enumerate(dataset.checks):
        match check:
            case ReferencesCheck():
                yield ("checks", index), check.dataset, check.key
            case ReconcileCheck():
                yield ("checks", index), check.dataset, check.other_column or check.column
