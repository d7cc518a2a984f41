"""The Kolmogorov-Smirnov statistic of columns in another engine: counted there, decided here.

The engine counts the values of all columns in buckets, in one scan of each side; only the distinct values of the few
buckets that can hold the largest distance come here, with their counts. The result is that of comparing every value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.ecdf.arrays import largest_distance
from maestro_ml.drift_methods.ecdf.buckets import BUCKETS, BucketCounts, Grid
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables import QueryError
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.rows import WindowRows

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

FEW_ROWS = 20_000  # rows of both sides: so few are all in the extracts
_MOST_BUCKETS = 5_000  # in one query
MOST_VALUES = 2_000_000  # distinct ones, of one column
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


@dataclass(frozen=True)
class Distance:
    """Values on both sides, the statistic, and how much larger it can be (0: it is exact)."""

    reference: int
    current: int
    statistic: float
    uncertain: float = 0.0


@dataclass(frozen=True)
class _Values:
    """Distinct values in ascending order, and how many values are not larger than each; both of shape (n,)."""

    values: "NDArray[Any]"
    up_to: "NDArray[int64]"

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, int]]) -> "_Values":
        import numpy as np

        values = np.array([value for value, _ in rows] or np.empty(0))
        order = np.argsort(values, kind="stable")
        counts = np.array([count for _, count in rows], dtype=np.int64)[order]
        return cls(values[order], np.cumsum(counts))

    @property
    def total(self) -> int:
        return int(self.up_to[-1]) if len(self.up_to) else 0

    def not_above(self, values: "NDArray[Any]") -> "NDArray[int64]":
        """Return how many are at most each of `values`."""
        import numpy as np

        counts: NDArray[int64] = np.concatenate([[0], self.up_to])[np.searchsorted(self.values, values, side="right")]
        return counts


def distances(context: ValidationContext, columns: Sequence[str]) -> dict[str, Distance]:
    """Return the largest distance of the two empirical distribution functions of each column."""
    sides = (context.reference, context.current)
    if sum(side.count for side in sides) <= FEW_ROWS:
        return {column: _here(sides, column) for column in columns}
    grids = {column: _grid(context, column) for column in columns}
    try:
        counts = [bucket_counts(side, grids) for side in sides]
    except QueryError:  # PostgreSQL will not multiply where the product is too small or too large for a double
        return {column: _in_engine(sides, column) for column in columns}
    return {column: _bucketed(sides, column, grids[column], [side[column] for side in counts]) for column in columns}


def _here(sides: Sequence[WindowRows], column: str) -> Distance:
    """Compare extracts that hold every row, without a query."""
    reference, current = (_values(side, column) for side in sides)
    if not len(reference) or not len(current):
        return Distance(len(reference), len(current), 0.0)
    return Distance(len(reference), len(current), largest_distance(reference, current))


def _values(side: WindowRows, column: str) -> "NDArray[Any]":
    """Return the values of a column in the extract without the missing ones, shape (n,)."""
    here, stored = side.extract, side.dataset.types[column]
    type_ = "UBIGINT" if stored == "UBIGINT" else "BIGINT" if stored in _WHOLE else "DOUBLE"
    present = here.rows.filter(f"NOT {here.dataset.missing(column)}")
    values: NDArray[Any] = present.project(f"{quoted(column)}::{type_} AS c").fetchnumpy()["c"]
    return values


def _in_engine(sides: Sequence[WindowRows], column: str) -> Distance:
    """Return the statistic as the engine finds it, which sorts all values for it: slower than buckets, and exact."""
    reference, current = sides
    value = _value(reference, column)
    present = f"NOT {reference.dataset.missing(column)}"
    values = (
        f"SELECT {value} AS v, 1 AS r, 0 AS c FROM {reference.view} WHERE {present} "  # noqa: S608
        f"UNION ALL SELECT {value}, 0, 1 FROM {current.view} WHERE {present}"
    )
    up_to = (
        "SELECT sum(r) OVER (ORDER BY v) AS r, sum(c) OVER (ORDER BY v) AS c, "  # noqa: S608
        "sum(r) OVER () AS all_r, sum(c) OVER () AS all_c "
        f"FROM (SELECT v, sum(r) AS r, sum(c) AS c FROM ({values}) AS single GROUP BY v) AS counted"
    )
    shares = (f"{side}::DOUBLE / nullif(all_{side}, 0)::DOUBLE" for side in "rc")
    [[in_reference, in_current, largest]] = reference.dataset.query(
        f"SELECT max(all_r), max(all_c), max(abs({' - '.join(shares)})) FROM ({up_to}) AS summed"  # noqa: S608
    )
    return Distance(int(in_reference or 0), int(in_current or 0), float(largest or 0.0))


def _bucketed(sides: Sequence[WindowRows], column: str, grid: Grid, counts: Sequence["NDArray[int64]"]) -> Distance:
    """Return the statistic from the counts of each bucket, and where they leave it open from values."""
    import numpy as np

    reference, current = (int(side.sum()) for side in counts)
    if not reference or not current:
        return Distance(reference, current, 0.0)
    counted = BucketCounts.of(grid, *counts)
    open_buckets = np.flatnonzero(counted.open_buckets)
    if not len(open_buckets):
        return Distance(reference, current, counted.distance)
    found = None
    if len(open_buckets) <= _MOST_BUCKETS:
        inside = f"{_bucket(sides[0], column, grid)} IN ({', '.join(map(str, open_buckets))})"
        found = [_distinct(side, column, inside) for side in sides]
    if found is None or any(len(side) > MOST_VALUES for side in found):
        most = max(float((side / side.sum())[open_buckets].max()) for side in counts)
        return Distance(reference, current, counted.distance, uncertain=most)
    largest = counted.distance
    known = [_Values.of(side) for side in found]
    up_to = (counted.reference, counted.current)
    # What lies below a bucket, and is not among the values at hand.
    outside = [side - np.cumsum(np.diff(side, prepend=0) * counted.open_buckets) for side in up_to]
    for values in (side.values for side in known if len(side.values)):
        buckets = grid.buckets_of(values)
        shares = (
            (side.not_above(values) + below[buckets]) / total[-1]
            for side, below, total in zip(known, outside, up_to, strict=True)
        )
        largest = max(largest, float(np.abs(np.subtract(*shares)).max()))
    return Distance(reference, current, largest)


def _grid(context: ValidationContext, column: str) -> Grid:
    """Make a grid that is fine where the extracts' values lie; whatever it is, the result is the same."""
    return Grid.over(*(_values(side, column) for side in (context.reference, context.current)))


def _bucket(side: WindowRows, column: str, grid: Grid) -> str:
    """Return SQL for the bucket of a value as `Grid.buckets_of` finds it, null where there is none."""
    value = f"{quoted(column)}::DOUBLE"
    position = f"({value} - {literal(grid.low)}) * {literal(grid.scale)}"
    # Beyond the ends nothing is multiplied: the product could be too large for a double.
    end = _end(grid)
    return (
        f"CASE WHEN {side.dataset.missing(column)} THEN NULL WHEN {value} <= {literal(grid.low)} THEN 0 "
        f"WHEN {value} >= {literal(end)} THEN {BUCKETS - 1} "
        f"ELSE least(floor({position}), {BUCKETS - 1})::INTEGER END"
    )


def _end(grid: Grid) -> float:
    """Return a value that lies in the last bucket, and all above it."""
    import numpy as np

    with np.errstate(over="ignore"):
        end = np.float64(grid.low) + np.float64(BUCKETS - 1) / np.float64(grid.scale)
        while np.isfinite(end) and (end - grid.low) * grid.scale < BUCKETS - 1:
            end = np.nextafter(end, np.inf)
    return float(min(end, np.finfo(np.float64).max))


def bucket_counts(side: WindowRows, grids: dict[str, Grid]) -> "dict[str, NDArray[int64]]":
    """Return how many values of each column lie in each bucket, shape (BUCKETS,), in one scan."""
    import numpy as np

    buckets = ", ".join(f"{_bucket(side, column, grid)} AS b{i}" for i, (column, grid) in enumerate(grids.items()))
    sets = ", ".join(f"(b{i})" for i in range(len(grids)))
    which = " ".join(f"WHEN grouping(b{i}) = 0 THEN {i}" for i in range(len(grids)))
    bucket = f"coalesce({', '.join(f'b{i}' for i in range(len(grids)))})" if len(grids) > 1 else "b0"
    rows = side.dataset.query(
        f"SELECT CASE {which} END, {bucket}, count(*) FROM (SELECT {buckets} FROM {side.view}) "  # noqa: S608
        f"GROUP BY GROUPING SETS ({sets})"
    )
    counts = np.zeros((len(grids), BUCKETS), np.int64)
    for column, place, count in rows:
        if place is not None:
            counts[column, place] += count
    return dict(zip(grids, counts, strict=True))


def _distinct(side: WindowRows, column: str, condition: str = "TRUE") -> list[tuple[Any, int]]:
    """Return a column's distinct values with their counts; one more than may be looked at where there are more."""
    present = f"NOT {side.dataset.missing(column)} AND {condition}"
    return side.dataset.query(
        f"SELECT {_value(side, column)}, count(*) FROM {side.view} WHERE {present} GROUP BY 1 "  # noqa: S608
        f"LIMIT {MOST_VALUES + 1}"
    )


def _value(side: WindowRows, column: str) -> str:
    return quoted(column) if side.dataset.types[column] in _WHOLE else f"{quoted(column)}::DOUBLE"
