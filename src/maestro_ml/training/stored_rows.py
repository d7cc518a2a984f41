"""The rows of a training set's file, in a fixed order; their features are read a column at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro_ml.project import Window
from maestro_ml.training.arrow_types import is_text, plain_type
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples, TrainingSet
from maestro_ml.training.feature_values import is_rounded, usable
from maestro_ml.training.label_column import label_column
from maestro_ml.training.row_order import ordered_by

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True)
class OrderedRows:
    """Some rows of the file, in a fixed order, without their features.

    Attributes:
        places: their numbers in the file.
        labels, groups, moments: as of Examples.
    """

    places: "np.ndarray[Any, Any]"
    labels: "np.ndarray[Any, Any]"
    groups: "np.ndarray[Any, Any] | None" = None
    moments: "np.ndarray[Any, Any] | None" = None

    def take(self, mask: "np.ndarray[Any, Any]") -> "OrderedRows":
        """Return some of the rows."""
        groups, moments = (None if each is None else each[mask] for each in (self.groups, self.moments))
        return OrderedRows(self.places[mask], self.labels[mask], groups, moments)

    def __len__(self) -> int:
        return len(self.places)


class StoredRows:
    """A training set's file.

    Args:
        file: a Parquet file.
        description: the roles of its columns.

    Raises:
        CannotLearn: a column is missing, or the timestamp column holds no times.
    """

    def __init__(self, file: Path, description: TrainingSet) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._description = description
        self._parquet = pq.ParquetFile(file)
        self._schema, footer = self._parquet.schema_arrow, self._parquet.metadata
        wanted = list(dict.fromkeys([*description.features, description.label, *description.others]))
        there = set(self._schema.names)
        if missing := [name for name in wanted if name not in there]:
            raise CannotLearn(
                f"{file.name} has no column {', '.join(map(repr, missing))}; there are: {', '.join(self._schema.names)}"
            )
        if description.timestamp is not None:
            moment = self._schema.field(description.timestamp).type
            if not pa.types.is_timestamp(moment):
                raise CannotLearn(
                    f"{file.name}: the timestamp column '{description.timestamp}' is {moment}, not a time"
                )
        sizes = [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    def inside(self, window: Window) -> OrderedRows:
        """Return the rows whose timestamp lies in the window, or all rows of a table without times.

        Raises:
            CannotLearn: a feature is of a type that no model can use, or the label is none.
        """
        import numpy as np
        import pyarrow as pa

        about = self._description
        places = np.arange(self._starts[-1])
        if about.timestamp is not None:
            places = np.flatnonzero(_are_inside(self._values(about.timestamp, places), window))
        labels = label_column(about.label, self._values(about.label, places), about.regression).to_numpy()
        for name in about.features:
            usable(name, pa.chunked_array([], self._schema.field(name).type))
        order = ordered_by(places, self._keys())
        moments = None if about.timestamp is None else self._values(about.timestamp, order).to_numpy()
        groups = None if about.group is None else self._values(about.group, order).cast(pa.string()).to_numpy()
        return OrderedRows(order, labels[np.searchsorted(places, order)], groups, moments)

    def examples(self, rows: OrderedRows) -> Examples:
        """Return the rows with their features, of which no second copy is made on the way."""
        import numpy as np
        import pandas as pd

        names = self._description.features
        numbers = [name for name in names if not is_text(plain_type(self._schema.field(name)))]
        block = np.empty((len(numbers), len(rows)))
        rounded = []
        for row, name in zip(block, numbers, strict=True):
            column = self._values(name, rows.places)
            _fill(row, usable(name, column))
            if is_rounded(column):
                rounded.append(name)
        features = pd.DataFrame(block.T, columns=numbers, copy=False)
        for place, name in enumerate(names):
            if name not in features:
                features.insert(place, name, usable(name, self._values(name, rows.places)).to_numpy())
        return Examples(features, rows.labels, tuple(rounded), rows.groups, rows.moments)

    def _keys(self) -> list[Callable[["np.ndarray[Any, Any]"], "pa.ChunkedArray"]]:
        """Return what the rows are ordered by: an estimator draws them by position, and equal data must give an equal
        model, whatever its order in the file."""
        about = self._description

        def feature(name: str, rows: "np.ndarray[Any, Any]") -> "pa.ChunkedArray":
            return usable(name, self._values(name, rows))

        return [
            *([partial(self._values, about.timestamp)] if about.timestamp is not None else []),
            *(partial(feature, name) for name in about.features),
            partial(self._values, about.label),
            *([partial(self._values, about.group)] if about.group is not None else []),
        ]

    def _values(self, name: str, places: "np.ndarray[Any, Any]") -> "pa.ChunkedArray":
        """Return a column's values in some rows of the file; only the row groups that hold them are read."""
        import numpy as np
        import pyarrow as pa

        kind = plain_type(self._schema.field(name))
        if not len(places):
            return pa.chunked_array([], kind)
        ends = places.min(), places.max()
        first, last = (int(np.searchsorted(self._starts, end, side="right")) - 1 for end in ends)
        column = self._parquet.read_row_groups(range(first, last + 1), columns=[name])[name].cast(kind)
        places = places - self._starts[first]
        if (np.diff(places) == 1).all():
            return column.slice(places[0], len(places))
        return column.take(pa.array(places))


def read_examples(file: Path, description: TrainingSet, window: Window) -> Examples:
    """Read the rows whose timestamp lies in the window, in a fixed order.

    Raises:
        CannotLearn: a column is missing or of a type no model can use, or the label is none.
    """
    stored = StoredRows(file, description)
    return stored.examples(stored.inside(window))


def _are_inside(moments: "pa.ChunkedArray", window: Window) -> "np.ndarray[Any, Any]":
    import pyarrow as pa
    import pyarrow.compute as pc

    def moment(time: datetime) -> Any:
        return pa.scalar(time if moments.type.tz else time.replace(tzinfo=None), moments.type)

    inside = pc.and_(pc.greater_equal(moments, moment(window.start)), pc.less(moments, moment(window.end)))
    found: np.ndarray[Any, Any] = pc.fill_null(inside, False).to_numpy()
    return found


def _fill(row: "np.ndarray[Any, Any]", column: "pa.ChunkedArray") -> None:
    start = 0
    for chunk in column.chunks:
        row[start : start + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        start += len(chunk)
