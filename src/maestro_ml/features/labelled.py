"""The labelled rows of a model's dataset in a window."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from maestro_ml.data import DataError, OpenDataset, open_dataset
from maestro_ml.data.identifiers import quoted
from maestro_ml.project import Project, Window
from maestro_ml.project.pipelines import Model

if TYPE_CHECKING:
    import pyarrow as pa


def labelled_rows(project: Project, model: Model, also: Iterable[str], window: Window) -> "tuple[pa.Table, int]":
    """Keys, event timestamp (UTC), the model's columns, those in `also`, and the label; ordered by time and keys.

    Returns:
        The table, and how many rows of the window had no label.

    Raises:
        DataError: a column is not there, or no row of the window has a label.
    """
    with open_dataset(project, model.dataset) as dataset:
        spec = dataset.spec
        names = list(dict.fromkeys([*spec.keys, spec.timestamp, *model.columns, *also, model.label]))
        _expect(dataset, names)
        rows = dataset.rows(window)
        [(count, labelled)] = rows.aggregate(f"count(*), count({quoted(model.label)})").fetchall()
        if not labelled:
            found = f"none of its {count:,} rows has the label '{model.label}'" if count else "it has no row there"
            raise DataError(f"dataset {model.dataset}, {window}: {found}; nothing to train on")
        columns = [f"{dataset.event_time} AS {quoted(n)}" if n == spec.timestamp else quoted(n) for n in names]
        order = ", ".join(map(quoted, (spec.timestamp, *spec.keys)))
        table = rows.filter(f"{quoted(model.label)} IS NOT NULL").project(", ".join(columns)).order(order)
        return table.to_arrow_table(), count - labelled


def _expect(dataset: OpenDataset, names: Iterable[str]) -> None:
    if missing := [name for name in names if name not in dataset.types]:
        raise DataError(
            f"dataset {dataset.name} has no column {', '.join(missing)}; there are: {', '.join(dataset.types)}"
        )
