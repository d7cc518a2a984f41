"""Names in a check that must exist in another dataset."""

from collections.abc import Iterator

from maestro_ml.checks.base import Check
from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.references import ReferencesCheck
from maestro_ml.core.node import Mistake, Path
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engine_limits import separation
from maestro_ml.project.known_names import expected, meant
from maestro_ml.project.project import Project
from maestro_ml.sql.types import NUMERIC, ColumnType, are_comparable


def other_dataset_mistakes(project: Project, dataset: Dataset, here: Path, check: Check) -> Iterator[Mistake]:
    """Report a dataset or a column of it that does not exist, or cannot be compared with the check's own."""
    if not isinstance(check, ReferencesCheck | ReconcileCheck):
        return
    yield from expected(check.dataset, project.datasets, (*here, "dataset"), "dataset", (("datasets",),))
    name, other = meant(check.dataset, project)
    if other is None:
        return
    if obstacle := separation(dataset, other):
        yield Mistake((*here, "dataset"), f"dataset {name} {obstacle}", (("datasets", name, "engine"),))
    if isinstance(check, ReconcileCheck) and (dataset.timestamp is None) != (other.timestamp is None):
        message = "the same window of both is compared, and one of the two datasets has no `timestamp`"
        yield Mistake((*here, "dataset"), message, (("datasets", name, "timestamp"),))
    if isinstance(check, ReferencesCheck):
        field, foreign = "key", check.key
    else:
        field, foreign = "other_column" if check.other_column else "column", check.other_column or check.column or ""
    if not foreign or (field == "column" and not dataset.may_have(foreign)):
        return
    columns = ("datasets", name, "columns")
    if not other.declares(foreign):
        yield from expected(foreign, other.columns, (*here, field), f"column of dataset {name}", (columns,))
    elif declared := other.column(foreign):
        yield from _types(dataset, declared.type, (*here, field), (*columns, foreign, "type"), check, foreign)


def _types(
    dataset: Dataset, there: ColumnType, path: Path, place: Path, check: ReferencesCheck | ReconcileCheck, foreign: str
) -> Iterator[Mistake]:
    """Report types of two datasets' columns that cannot be compared."""
    if isinstance(check, ReconcileCheck):
        if check.aggregate != "distinct" and there not in NUMERIC:
            yield Mistake(
                path, f"the {check.aggregate} of a reconcile check needs numbers, and '{foreign}' is {there}", (place,)
            )
        return
    if declared := dataset.column(check.column):
        here = declared.type
        if not are_comparable(here, there):
            own = (*path[:2], "columns", check.column, "type")
            yield Mistake(
                path, f"'{check.column}' is {here} and '{foreign}' is {there}: they cannot be compared", (place, own)
            )
