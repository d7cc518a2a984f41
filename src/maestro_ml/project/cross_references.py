"""Names in one part of the project file that must exist in another."""

from collections.abc import Iterator

from maestro_ml.checks.base import Check
from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.column_uses import type_mistakes
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engine_limits import engine_mistakes
from maestro_ml.project.known_names import expected
from maestro_ml.project.model_mistakes import model_mistakes
from maestro_ml.project.pod_mistakes import pod_mistakes
from maestro_ml.project.project import Project
from maestro_ml.project.sources import CsvSource


def reference_mistakes(project: Project) -> Iterator[Mistake]:
    """Report every name that does not exist, and everything that cannot be used where it is named."""
    if project.since and project.until and project.since >= project.until:
        yield Mistake(("until",), "until must be after since, or no run is scheduled", (("since",),))
    for index, name in enumerate(project.validation.datasets):
        yield from expected(name, project.datasets, ("validation", "datasets", index), "dataset", (("datasets",),))
    for name, dataset in project.datasets.items():
        here = ("datasets", name)
        for path, message, because in (*type_mistakes(dataset), *engine_mistakes(dataset)):
            yield Mistake((*here, *path), message, tuple((*here, *place) for place in because))
        for path, column in _named_columns(dataset):
            if not dataset.may_have(column):
                yield from expected(column, dataset.columns, (*here, *path), "column", ((*here, "columns"),))
        for index, check in enumerate(dataset.checks):
            if hasattr(check, "dataset"):  # of few: importing those checks brings in how they are measured
                from maestro_ml.project.other_dataset import other_dataset_mistakes

                yield from other_dataset_mistakes(project, dataset, (*here, "checks", index), check)
    for name, model in project.models.items():
        yield from model_mistakes(project, model, ("models", name))
    yield from pod_mistakes(project)


def _named_columns(dataset: Dataset) -> Iterator[tuple[Path, str]]:
    for index, key in enumerate(dataset.keys):
        yield ("keys", index), key
    for name, declared in dataset.columns.items():
        if declared.known_at is not None:
            yield ("columns", name, "known_at"), declared.known_at
    for index, partition in enumerate(getattr(dataset.source, "partitions", ())):
        yield ("source", "partitions", index), partition
    if isinstance(dataset.source, CsvSource):
        yield from ((("source", "columns", column), column) for column in dataset.source.columns)
    for index, check in enumerate(dataset.checks):
        yield from ((("checks", index, *path), column) for path, column in _columns_of(check))
    for part, field in (("drift", "columns"), ("drift", "labels"), ("drift", "predictions"), ("anomalies", "columns")):
        for index, column in enumerate(getattr(getattr(dataset, part), field, ())):
            yield (part, field, index), column


def _columns_of(check: Check) -> Iterator[tuple[Path, str]]:
    for field, column in check.named_columns():
        value = getattr(check, field)
        yield ((field, value.index(column)) if isinstance(value, tuple) else (field,)), column
