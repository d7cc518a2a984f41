"""The labelled rows of a model's dataset in a window."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from maestro_ml.features.label_checks import expect_columns
from maestro_ml.project import Project, Window
from maestro_ml.project.models import Model
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import LocalTable, open_dataset

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyRelation

_MEMORY = "1GB"  # to put rows in order; what does not fit is spilled
_ROWS = 65_536  # of a batch


def labelled_rows(project: Project, model: Model, also: Iterable[str], window: Window) -> "pa.Table":
    """Return the rows that `labelled_batches` reads."""
    with labelled_batches(project, model, also, window) as batches:
        return batches.read_all()


@contextmanager
def labelled_batches(
    project: Project, model: Model, also: Iterable[str], window: Window
) -> "Iterator[pa.RecordBatchReader]":
    """Read keys, event time (UTC), the model's columns, those in `also`, and the label; ordered by time and keys.

    Raises:
        DataError: a column is not there.
    """
    with open_dataset(project, model.dataset, [window]) as dataset:
        spec = dataset.spec
        if spec.timestamp is None:
            yield _timeless(dataset, list(dict.fromkeys([*spec.keys, *model.columns, *also, model.label])), model)
        else:
            yield _timed(dataset, model, also, window)


def _timeless(dataset: LocalTable, names: list[str], model: Model) -> "pa.RecordBatchReader":
    """Read the columns of all labelled rows, in an order that does not depend on the source's."""
    expect_columns(dataset, names)
    labelled = dataset.rows(None, names).filter(f"NOT {dataset.missing(model.label)}")
    return _read(dataset, labelled.order(", ".join(f"{quoted(name)} NULLS LAST" for name in names)))


def _timed(dataset: LocalTable, model: Model, also: Iterable[str], window: Window) -> "pa.RecordBatchReader":
    import pyarrow as pa

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
    batches = _read(dataset, labelled.order(order).project(selected))

    def named(rows: pa.Table) -> pa.Table:
        table, rest = rows.select(range(len(names))).rename_columns(names), rows[len(names)]
        if not time.in_nanoseconds:
            return table
        exact = _with_nanoseconds(table[spec.event_column], rest)
        return table.set_column(names.index(spec.event_column), spec.event_column, exact)

    found = (named(pa.Table.from_batches([batch])) for batch in batches)
    schema = named(batches.schema.empty_table()).schema
    return pa.RecordBatchReader.from_batches(schema, (each for table in found for each in table.to_batches()))


def _read(dataset: LocalTable, rows: "DuckDBPyRelation") -> "pa.RecordBatchReader":
    """Run a query and stream its rows, in little memory if that is enough."""
    import duckdb

    dataset.connection.execute(f"SET memory_limit = '{_MEMORY}'")
    try:
        return rows.to_arrow_reader(_ROWS)
    except duckdb.OutOfMemoryException:
        dataset.connection.execute("RESET memory_limit")
        return rows.to_arrow_reader(_ROWS)


def _with_nanoseconds(floor: "pa.ChunkedArray", rest: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Add the nanoseconds to times in whole microseconds."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Before 1970 the remainder counts down from the next microsecond.
    past = pc.if_else(pc.less(rest, 0), pc.add(rest, 1000), rest)
    return pc.add(pc.multiply(floor.cast(pa.int64()), 1000), past).cast(pa.timestamp("ns", "UTC"))
