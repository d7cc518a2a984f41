"""A point-in-time training set on disk: what its columns are for, and its rows by time."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.data import DataError
from maestro_ml.project import Window
from maestro_ml.project.library_errors import are_values_hidden

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Beside the features in one table, whatever those are called.
_LABEL, _MOMENT = "\0label", "\0moment"


class TrainingSet(BaseModel):
    """What the columns of a training set's Parquet file are for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    features: list[str]
    label: str
    timestamp: str
    dropped_unlabelled: int = 0  # rows of the window that had no label


@dataclass(frozen=True)
class Examples:
    """Features (rows x columns; numbers as float64 with NaN, text as str or None) and labels (rows; 0 or 1)."""

    features: "pd.DataFrame"
    labels: "np.ndarray[Any, Any]"

    def __len__(self) -> int:
        return len(self.labels)


def read_examples(file: Path, description: TrainingSet, window: Window) -> Examples:
    """The rows whose timestamp lies in the window, in a fixed order.

    Raises:
        DataError: a column is missing or of a type no model can use, or the label is not 0/1 or boolean.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pq.read_schema(file)
    wanted = [*description.features, description.label, description.timestamp]
    if missing := [name for name in wanted if name not in schema.names]:
        raise DataError(
            f"{file.name} has no column {', '.join(map(repr, missing))}; there are: {', '.join(schema.names)}"
        )
    moment = schema.field(description.timestamp).type
    if not pa.types.is_timestamp(moment):
        raise DataError(f"{file.name}: the timestamp column '{description.timestamp}' is {moment}, not a time")
    start, end = (_as(moment, bound) for bound in (window.start, window.end))
    column = pc.field(description.timestamp)
    rows = pq.read_table(file, columns=wanted, filters=(column >= start) & (column < end))
    label = _label(description.label, rows[description.label])
    columns = {name: _usable(name, rows[name]) for name in description.features}
    table = pa.table({**columns, _LABEL: label, _MOMENT: rows[description.timestamp]})
    # The estimator draws rows by position: equal data must give an equal model, whatever order it came in.
    table = table.sort_by([(name, "ascending") for name in (_MOMENT, *columns, _LABEL)])
    return Examples(table.select(list(columns)).to_pandas(), table[_LABEL].to_numpy())


def _as(kind: Any, moment: Any) -> Any:
    import pyarrow as pa

    return pa.scalar(moment if kind.tz else moment.replace(tzinfo=None), kind)


def _usable(name: str, column: Any) -> Any:
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        # safe=False: an integer above 2^53 as a feature may lose its last digits.
        return column.cast(pa.float64(), safe=False)
    raise DataError(f"the feature '{name}' is {kind}; a model takes numbers, booleans and text")


def _label(name: str, column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_boolean(column.type) or pa.types.is_integer(column.type)):
        raise DataError(f"the label '{name}' is {column.type}; it must be boolean, or an integer 0 or 1")
    if column.null_count:
        raise DataError(f"the label '{name}' is missing in {column.null_count:,} of {len(column):,} rows")
    numbers = column.cast(pa.int64())
    if strange := sorted(set(pc.unique(numbers).to_pylist()) - {0, 1}):
        found = "other values" if are_values_hidden() else ", ".join(map(str, strange[:5]))
        raise DataError(f"the label '{name}' holds {found}; it must be boolean, or 0 or 1")
    return numbers
