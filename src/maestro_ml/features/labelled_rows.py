"""The labelled rows of a model's dataset in a window."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from maestro_ml.features.label_checks import expect_columns
from maestro_ml.project import Project, Window
from maestro_ml.project.models import Model
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import LocalTable, open_dataset

if TYPE_CHECKING:
    import pyarrow as pa


def labelled_rows(project: Project, model: Model, also: Iterable[str], window: Window) -> "pa.Table":
    """Read keys, event time (UTC), the model's columns, those in `also`, and the label; ordered by time and keys.

    Raises:
        DataError: a column is not there.
    """
    with open_dataset(project, model.dataset, [window]) as dataset:
        spec = dataset.spec
        if spec.timestamp is None:
            return _timeless(dataset, list(dict.fromkeys([*spec.keys, *model.columns, *also, model.label])), model)
        return _timed(dataset, model, also, window)


def _timeless(dataset: LocalTable, names: list[str], model: Model) -> "pa.Table":
    """Read the columns of all labelled rows, in an order that does not depend on the source's."""
    expect_columns(dataset, names)
    labelled = dataset.rows(None, names).filter(f"NOT {dataset.missing(model.label)}")
    return labelled.order(", ".join(f"{quoted(name)} NULLS LAST" for name in names)).to_arrow_table()


def _timed(dataset: LocalTable, model: Model, also: Iterable[str], window: Window) -> "pa.Table":
    spec = dataset.spec
    names = list(dict.fromkeys([*spec.keys, spec.event_column, *model.columns, *also, model.label]))
    expect_columns(dataset, names)
    time = dataset.event_time_of(quoted(spec.event_column))
    # by position, because a column can have any name
    columns = [time.floor if n == spec.event_column else quoted(n) for n in names]
    columns.append(f"epoch_ns({time.sql}) % 1000" if time.in_nanoseconds else "0")
    selected = ", ".join(f"{column} AS column_{i}" for i, column in enumerate(columns))
    order = ", ".join([dataset.event_order, *map(quoted, spec.keys)])
    labelled = dataset.rows(window).filter(f"NOT {dataset.missing(model.label)}")
    table = labelled.order(order).project(selected).to_arrow_table()
    table, rest = table.select(range(len(names))).rename_columns(names), table[len(names)]
    if time.in_nanoseconds:
        exact = _with_nanoseconds(table[spec.event_column], rest)
        table = table.set_column(names.index(spec.event_column), spec.event_column, exact)
    return table


def _with_nanoseconds(floor: "pa.ChunkedArray", rest: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Add the nanoseconds to times in whole microseconds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Before 1970 the remainder counts down from the next microsecond.
    past = pc.if_else(pc.less(rest, 0), pc.add(rest, 1000), rest)
    return pc.add(pc.multiply(floor.cast(pa.int64()), 1000), past).cast(pa.timestamp("ns", "UTC"))
