"""The Kolmogorov-Smirnov statistic of columns too long for memory: counted in one pass, decided in a second."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.ecdf.buckets import BucketCounts, Grid, Ties, counts, sampled
from maestro_ml.validation.context import ValidationContext, WindowRows
from maestro_ml.validation.drift.reading import number, present

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy import int64
    from numpy.typing import NDArray

_ROWS_AT_ONCE = 65_536
_COLUMNS_AT_ONCE = 2  # a scan holds a few row groups of each column it reads
_VALUES_AT_ONCE = 1_000_000  # of open buckets, in memory
_PASSES = 3
_SAMPLED_OF = 512


@dataclass
class _Column:
    """A column while it is counted.

    The first values make the first grid; `sample` is spread over all of them, and makes the next one.
    """

    name: str
    grid: Grid | None = None
    ties: Ties | None = None
    counts: dict[int, "NDArray[int64]"] = field(default_factory=dict)
    sample: list["NDArray[Any]"] = field(default_factory=list)

    def add(self, side: int, values: "NDArray[Any]") -> None:
        """Count more values of the reference (0) or of the window (1)."""
        if not len(values):
            return
        if self.grid is None:
            self.grid = Grid.over(sampled(values))
        more = counts(self.grid.buckets_of(values))
        self.counts[side] = more if side not in self.counts else self.counts[side] + more
        self.sample.append(values[::_SAMPLED_OF].copy())
        if self.ties:
            self.ties.add(values)

    @property
    def sizes(self) -> tuple[int, int]:
        return (self._size(0), self._size(1))

    def _size(self, side: int) -> int:
        return int(self.counts[side].sum()) if side in self.counts else 0

    def bucket_counts(self) -> BucketCounts | None:
        """None where a side has no value."""
        if self.grid is None or not all(self.sizes):
            return None
        counted = BucketCounts.of(self.grid, self.counts[0], self.counts[1])
        return counted.without(self.ties.single) if self.ties else counted

    def again(self, counted: BucketCounts) -> "_Column":
        """The column on a grid over what the counts left open, now with an eye on values that come again and again."""
        import numpy as np

        grid = Grid.over(np.unique(counted.are_open(np.concatenate(self.sample))))
        return _Column(self.name, grid, Ties(grid))


def statistics(context: ValidationContext, columns: Sequence[str]) -> dict[str, tuple[int, int, float]]:
    """For each column: values in the reference, values in the window, and D (0 where a side has none)."""
    found: dict[str, tuple[int, int, float]] = {}
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        with _one_thread(context.dataset.connection):
            found |= _statistics(context, columns[start : start + _COLUMNS_AT_ONCE])
    return found


def _statistics(context: ValidationContext, columns: Sequence[str]) -> dict[str, tuple[int, int, float]]:
    sides = (context.reference, context.current)
    waiting = [_Column(column) for column in columns]
    found: dict[str, tuple[int, int, float]] = {}
    best: dict[str, BucketCounts] = {}
    for _ in range(_PASSES):
        _count(sides, waiting)
        again: list[_Column] = []
        for column in waiting:
            counted = column.bucket_counts()
            if counted is None:
                found[column.name] = (*column.sizes, 0.0)
                continue
            if column.name not in best or counted.open_values < best[column.name].open_values:
                best[column.name] = counted
            found[column.name] = (*column.sizes, best[column.name].distance)
            if counted.open_values > _VALUES_AT_ONCE:
                again.append(column.again(counted))
        waiting = again
    undecided = [(name, counted) for name, counted in best.items() if counted.open_values]
    return found | {name: (*found[name][:2], statistic) for name, statistic in _decided(sides, undecided)}


def _count(sides: Sequence[WindowRows], columns: list[_Column]) -> None:
    """One scan of each side for all the columns."""

    def add(side: int, batch: list["NDArray[Any]"]) -> None:
        for column, values in zip(columns, batch, strict=True):
            column.add(side, values)

    if not columns:
        return
    with ThreadPoolExecutor(1) as pool:  # counts one batch while the next is read
        for place, side in enumerate(sides):
            counting: Future[None] | None = None
            for batch in _batches(side, [column.name for column in columns]):
                if counting:
                    counting.result()
                counting = pool.submit(add, place, batch)
            if counting:
                counting.result()


@contextmanager
def _one_thread(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Each of the database's threads holds row groups of its own, and gives them back when their number changes."""
    [threads] = connection.execute("SELECT current_setting('threads')").fetchone() or [1]
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(threads)}")


def _decided(sides: Sequence[WindowRows], columns: list[tuple[str, BucketCounts]]) -> Iterator[tuple[str, float]]:
    """Yield the statistic of columns with open buckets, as many in one scan as memory has room for."""
    import numpy as np

    while columns:
        group, total = [columns.pop()], 0
        while columns and (total := total + columns[-1][1].open_values) + group[0][1].open_values <= _VALUES_AT_ONCE:
            group.append(columns.pop())
        names = [name for name, _ in group]
        values = [
            [np.concatenate(parts) for parts in zip(*_open_values(side, names, group), strict=True)] for side in sides
        ]
        for (name, counted), reference, current in zip(group, *values, strict=True):
            yield name, counted.largest_distance(reference, current)


def _open_values(
    side: WindowRows, names: Sequence[str], columns: Sequence[tuple[str, BucketCounts]]
) -> Iterator[list["NDArray[Any]"]]:
    for batch in _batches(side, names):
        yield [counted.are_open(values) for (_, counted), values in zip(columns, batch, strict=True)]


def _batches(side: WindowRows, columns: Sequence[str]) -> Iterator[list["NDArray[Any]"]]:
    """Yield the columns' values batch by batch, missing ones left out."""
    rows = side.extract.rows.project(", ".join(number(side, column) for column in columns))
    for batch in rows.to_arrow_reader(_ROWS_AT_ONCE):
        yield [present(column.drop_null().to_numpy(zero_copy_only=False)) for column in batch.columns]
