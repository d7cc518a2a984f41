"""Order rows by many columns, and look only at those columns that decide."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


def ordered_by(
    rows: "np.ndarray[Any, Any]", keys: "Iterable[Callable[[np.ndarray[Any, Any]], pa.ChunkedArray]]"
) -> "np.ndarray[Any, Any]":
    """Return the rows in the order of the keys, ascending; missing values come last.

    Args:
        rows: numbers of rows.
        keys: each returns a column's values in the rows that it gets, which are those that the keys before leave equal.
    """
    import numpy as np

    order = rows.copy()
    tied = np.arange(len(rows))  # places in the order whose rows still look equal
    runs = np.zeros(len(rows), dtype=np.int64)  # of equal rows, by place
    for values_of in keys:
        if not len(tied):
            break
        values = values_of(order[tied])
        if not _is_sorted(values, runs):
            places = _sorted_places(values, runs)
            order[tied], values = order[tied][places], values.take(places)
        equal = _equals_next(values) & (runs[1:] == runs[:-1])
        still = np.concatenate([[False], equal]) | np.concatenate([equal, [False]])
        runs = np.cumsum(np.concatenate([[False], ~equal]))[still]
        tied = tied[still]
    return order


def _is_sorted(values: "pa.ChunkedArray", runs: "np.ndarray[Any, Any]") -> bool:
    """Return whether times are in order, as they mostly are; of others, False."""
    import pyarrow as pa

    if not pa.types.is_timestamp(values.type) or values.null_count:
        return False
    moments = values.cast(pa.int64()).to_numpy()
    return bool(((moments[1:] >= moments[:-1]) | (runs[1:] != runs[:-1])).all())


def _sorted_places(values: "pa.ChunkedArray", runs: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    import pyarrow as pa
    import pyarrow.compute as pc

    keys = [("run", "ascending"), ("value", "ascending")]
    found: np.ndarray[Any, Any] = pc.sort_indices(pa.table({"run": runs, "value": values}), sort_keys=keys).to_numpy()
    return found


def _equals_next(values: "pa.ChunkedArray") -> "np.ndarray[Any, Any]":
    """Return, of each value but the last, whether the next one is the same; missing ones are, and so are NaNs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    these, next_ones = values.slice(0, max(len(values) - 1, 0)), values.slice(1)
    same = pc.or_(pc.fill_null(pc.equal(these, next_ones), False), pc.and_(pc.is_null(these), pc.is_null(next_ones)))
    if pa.types.is_floating(values.type):
        both = pc.and_(pc.is_nan(these), pc.is_nan(next_ones))
        same = pc.or_(same, pc.fill_null(both, False))
    found: np.ndarray[Any, Any] = same.to_numpy()
    return found
