"""The labelled rows of a model's dataset in a window."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from maestro_ml.data import open_dataset
from maestro_ml.data.identifiers import quoted
from maestro_ml.features.labels import expect_columns
from maestro_ml.project import Project, Window
from maestro_ml.project.pipelines import Model

if TYPE_CHECKING:
    import pyarrow as pa


def labelled_rows(project: Project, model: Model, also: Iterable[str], window: Window) -> "pa.Table":
    """Keys, event timestamp (UTC), the model's columns, those in `also`, and the label; ordered by time and keys.

    Raises:
        DataError: a column is not there.
    """
    with open_dataset(project, model.dataset) as dataset:
        spec = dataset.spec
        names = list(dict.fromkeys([*spec.keys, spec.timestamp, *model.columns, *also, model.label]))
        expect_columns(dataset, names)
        columns = [f"{dataset.event_time} AS {quoted(n)}" if n == spec.timestamp else quoted(n) for n in names]
        order = ", ".join(map(quoted, (spec.timestamp, *spec.keys)))
        labelled = dataset.rows(window).filter(f"NOT {dataset.missing(model.label)}")
        return labelled.project(", ".join(columns)).order(order).to_arrow_table()
