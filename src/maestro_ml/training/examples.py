"""A point-in-time training set on disk, and its rows as examples to fit or test on."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.project import Window
from maestro_ml.training.arrow_types import is_text, plain_type
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.label_column import label_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

# Columns beside the features, under names that no feature has.
_LABEL, _MOMENT, _GROUP = "\0label", "\0moment", "\0group"
_EXACT = 2**53  # a double holds every whole number up to it


class TrainingSet(BaseModel):
    """A training set's Parquet file: its digest, and the roles of its columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    features: list[str]
    label: str
    timestamp: str | None  # None: the rows have no time, and all of them are in the window
    group: str | None = None  # the column whose values stay together when rows are drawn
    regression: bool = False  # the label is a number to predict, and no class
    views: list[str] = []  # of Feast, that features come from
    newer: dict[str, int] = {}  # by feature, how many rows have a value that was known only after their time
    written_later: dict[str, int] = {}  # by feature view, how many rows have values that were created later
    dropped_unlabelled: int = 0  # rows of the window that had no label
    sha256: str  # of the file

    @property
    def others(self) -> list[str]:
        """The columns beside features and label."""
        return [name for name in (self.timestamp, self.group) if name is not None]


@dataclass(frozen=True)
class Examples:
    """Features (rows x columns; numbers as float64 with NaN, text as str or None) and labels (rows).

    Labels are as the estimator gets them: whole numbers (0 and 1 for booleans), text, or doubles.
    """

    features: "pd.DataFrame"
    labels: "np.ndarray[Any, Any]"
    rounded: tuple[str, ...] = ()  # columns with whole numbers beyond 2^53, which a double does not hold exactly
    groups: "np.ndarray[Any, Any] | None" = None  # by row, as text: rows of one group stay together
    moments: "np.ndarray[Any, Any] | None" = None  # by row, in order

    def take(self, rows: "np.ndarray[Any, Any]") -> "Examples":
        """Return some of the rows, given as a mask or as positions."""
        groups, moments = (None if each is None else each[rows] for each in (self.groups, self.moments))
        features = self.features.loc[rows].reset_index(drop=True)
        return Examples(features, self.labels[rows], self.rounded, groups, moments)

    def __len__(self) -> int:
        return len(self.labels)


def read_examples(file: Path, description: TrainingSet, window: Window) -> Examples:
    """Read the rows whose timestamp lies in the window, in a fixed order.

    Raises:
        CannotLearn: a column is missing or of a type no model can use, or the label is none.
    """
    return to_examples(read_rows(file, description, window), description, window)


def read_rows(file: Path, description: TrainingSet, window: Window) -> "pa.Table":
    """Read features, label and timestamp of the rows in the window, as they are stored.

    Raises:
        CannotLearn: a column is missing, or the timestamp column holds no times.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(file)
    wanted = list(dict.fromkeys([*description.features, description.label, *description.others]))
    if missing := [name for name in wanted if name not in schema.names]:
        raise CannotLearn(
            f"{file.name} has no column {', '.join(map(repr, missing))}; there are: {', '.join(schema.names)}"
        )
    if description.timestamp is None:
        return pq.read_table(file, columns=wanted)
    moment = schema.field(description.timestamp).type
    if not pa.types.is_timestamp(moment):
        raise CannotLearn(f"{file.name}: the timestamp column '{description.timestamp}' is {moment}, not a time")
    return pq.read_table(file, columns=wanted, filters=_inside(description.timestamp, moment, window))


def to_examples(rows: "pa.Table", description: TrainingSet, window: Window) -> Examples:
    """Convert the rows in the window to examples, in a fixed order.

    Raises:
        CannotLearn: a column is of a type no model can use, or the label is none.
    """
    import pyarrow as pa

    if description.timestamp is not None:
        kind = rows.schema.field(description.timestamp).type
        rows = rows.filter(_inside(description.timestamp, kind, window))
    label = label_column(description.label, rows[description.label], description.regression)
    columns = {name: _usable(name, rows[name]) for name in description.features}
    beside = {_LABEL: label}
    if description.timestamp is not None:
        beside[_MOMENT] = rows[description.timestamp]
    if description.group is not None:
        beside[_GROUP] = _usable_group(rows[description.group])
    table = pa.table({**columns, **beside})
    # The estimator draws rows by position: equal data must give an equal model, whatever its order.
    order = (*([_MOMENT] if _MOMENT in beside else []), *columns, _LABEL, *([_GROUP] if _GROUP in beside else []))
    table = table.sort_by([(name, "ascending") for name in order])
    rounded = tuple(name for name in description.features if _is_rounded(rows[name]))
    groups = table[_GROUP].to_numpy() if _GROUP in beside else None
    moments = table[_MOMENT].to_numpy() if _MOMENT in beside else None
    return Examples(table.select(list(columns)).to_pandas(), table[_LABEL].to_numpy(), rounded, groups, moments)


def _inside(timestamp: str, moment: Any, window: Window) -> Any:
    import pyarrow.compute as pc

    column = pc.field(timestamp)
    return (column >= _as(moment, window.start)) & (column < _as(moment, window.end))


def _as(kind: Any, moment: Any) -> Any:
    import pyarrow as pa

    return pa.scalar(moment if kind.tz else moment.replace(tzinfo=None), kind)


def _usable_group(column: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.string())


def _usable(name: str, column: Any) -> Any:
    import pyarrow as pa

    kind = plain_type(column)
    if is_text(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        # safe=False: an integer above 2^53 may lose its last digits; the feature is reported.
        return column.cast(pa.float64(), safe=False)
    raise CannotLearn(f"the feature '{name}' is {kind}; a model takes numbers, booleans and text")


def _is_rounded(column: Any) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = plain_type(column)
    if not (pa.types.is_integer(kind) and kind.bit_width == 64) and not pa.types.is_decimal(kind):  # noqa: PLR2004
        return False
    ends = pc.min_max(column.cast(kind)).values()
    return any(end.is_valid and abs(end.as_py()) > _EXACT for end in ends)
