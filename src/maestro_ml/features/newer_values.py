"""Count values that a model's rows have, but could not have had at the rows' time."""

from typing import TYPE_CHECKING

from maestro_ml.features.label_checks import UnusableRows, expect_columns
from maestro_ml.project import Project, Window
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.instants import TimeSql, comparable
from maestro_ml.tables import open_dataset

if TYPE_CHECKING:
    import pyarrow as pa


def newer_values(project: Project, name: str, window: Window) -> dict[str, int]:
    """Count, for each of the model's columns with a `known_at`, the labelled rows whose value was known only later.

    Raises:
        UnusableRows: a `known_at` column is not there, or holds no time.
    """
    model = project.models[name]
    spec = project.datasets[model.dataset]
    declared = {column: spec.column(column) for column in model.columns}
    known = {column: found.known_at for column, found in declared.items() if found and found.known_at}
    if not known:
        return {}
    with open_dataset(project, model.dataset, [window]) as dataset:
        expect_columns(dataset, known.values())
        event = dataset.event_time_of(quoted(dataset.spec.event_column))
        counts = []
        for column, at in known.items():
            if dataset.kind(at) not in ("timestamp", "date", "null"):
                raise UnusableRows(f"dataset {model.dataset}: '{at}', when '{column}' is known, is not a time")
            if dataset.kind(at) == "null":
                counts.append("0")
                continue
            later, moment = comparable(TimeSql(quoted(at), dataset.sql_type(at), dataset.zone), event)
            counts.append(f"count(*) FILTER (WHERE NOT {dataset.missing(column)} AND {later} > {moment})")
        labelled = dataset.rows(window).filter(f"NOT {dataset.missing(model.label)}")
        [found] = labelled.aggregate(", ".join(f"{count} AS count_{i}" for i, count in enumerate(counts))).fetchall()
    return {column: count for column, count in zip(known, found, strict=True) if count}


def count_later(times: "pa.ChunkedArray", moments: "pa.ChunkedArray") -> int:
    """Count the times that are later than the moment of their row; a time that is missing is not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    exact = pa.timestamp("ns", "UTC")
    later = pc.greater(times.cast(exact, safe=False), moments.cast(exact, safe=False))
    return int(pc.sum(later).as_py() or 0)
