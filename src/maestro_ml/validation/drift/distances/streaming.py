"""The Kolmogorov-Smirnov statistic of columns too long for memory: counted in one pass, decided in a second."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_ml.core.sided import CURRENT, REFERENCE, Sided, of_side
from maestro_ml.drift_methods.ecdf.buckets import BucketCounts, Grid, Ties, counts_by_side, sampled
from maestro_ml.validation.drift.reading import Read

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy import int64
    from numpy.typing import NDArray

_COLUMNS_AT_ONCE = 40  # of which all buckets are in memory: 64 k of them, on each side
VALUES_AT_ONCE = 2_000_000  # of open buckets, in memory
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
    counts: "NDArray[int64] | None" = None
    sample: list["NDArray[Any]"] = field(default_factory=list)

    def add(self, part: Sided) -> None:
        """Count more values."""
        part = part.without_nan
        if self.grid is None:
            found = part.present
            if not len(found):
                return
            self.grid = Grid.over(sampled(found))
        more = counts_by_side([(self.grid.buckets_of(part.values), part.sides)])
        self.counts = more if self.counts is None else self.counts + more
        self.sample.append(part.at(slice(None, None, _SAMPLED_OF)).present)
        if self.ties:
            self.ties.add(part.present)

    @property
    def sizes(self) -> tuple[int, int]:
        reference, current = (0, 0) if self.counts is None else self.counts.sum(axis=1).tolist()
        return reference, current

    def bucket_counts(self) -> BucketCounts | None:
        """Return the counts; None where a side has no value."""
        if self.grid is None or self.counts is None or not all(self.sizes):
            return None
        counted = BucketCounts.of(self.grid, *self.counts)
        return counted.without(self.ties.single) if self.ties else counted

    def again(self, counted: BucketCounts) -> "_Column":
        """Return the column on a grid over what the counts left open, which looks out for values that repeat."""
        import numpy as np

        grid = Grid.over(np.unique(counted.are_open(np.concatenate(self.sample))))
        return _Column(self.name, grid, Ties(grid))


def statistics(
    connection: "DuckDBPyConnection", read: Read, columns: Sequence[str]
) -> dict[str, tuple[int, int, float]]:
    """Return for each column the values in the reference and in the window, and D (0 where a side has none)."""
    found: dict[str, tuple[int, int, float]] = {}
    with _one_thread(connection):
        for start in range(0, len(columns), _COLUMNS_AT_ONCE):
            found |= _statistics(read, columns[start : start + _COLUMNS_AT_ONCE])
    return found


def _statistics(read: Read, columns: Sequence[str]) -> dict[str, tuple[int, int, float]]:
    waiting = [_Column(column) for column in columns]
    found: dict[str, tuple[int, int, float]] = {}
    best: dict[str, BucketCounts] = {}
    for _ in range(_PASSES):
        _count(read, waiting)
        again: list[_Column] = []
        for column in waiting:
            counted = column.bucket_counts()
            if counted is None:
                found[column.name] = (*column.sizes, 0.0)
                continue
            if column.name not in best or counted.open_values < best[column.name].open_values:
                best[column.name] = counted
            found[column.name] = (*column.sizes, best[column.name].distance)
            if counted.open_values > VALUES_AT_ONCE // 2:
                again.append(column.again(counted))
        waiting = again
    undecided = [(name, counted) for name, counted in best.items() if counted.open_values]
    return found | {name: (*found[name][:2], statistic) for name, statistic in _decided(read, undecided)}


def _count(read: Read, columns: list[_Column]) -> None:
    """Count the values of all the columns, in one scan."""

    def add(batch: list[Sided]) -> None:
        for column, part in zip(columns, batch, strict=True):
            column.add(part)

    if not columns:
        return
    with ThreadPoolExecutor(1) as pool:  # counts one batch while the next is read
        counting: Future[None] | None = None
        for batch in read([column.name for column in columns]):
            if counting:
                counting.result()
            counting = pool.submit(add, batch)
        if counting:
            counting.result()


@contextmanager
def _one_thread(connection: "DuckDBPyConnection") -> Iterator[None]:
    """Let one thread of the database read while another one counts: more would take more memory and time in all."""
    [threads] = connection.execute("SELECT current_setting('threads')").fetchone() or [1]
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {int(threads)}")


def _decided(read: Read, columns: list[tuple[str, BucketCounts]]) -> Iterator[tuple[str, float]]:
    """Yield the statistic of columns with open buckets, as many in one scan as memory has room for."""
    while columns:
        group, total = [columns.pop()], 0
        while columns and (total := total + columns[-1][1].open_values) + group[0][1].open_values <= VALUES_AT_ONCE:
            group.append(columns.pop())
        found: dict[str, list[Sided]] = {name: [] for name, _ in group}
        for batch in read([name for name, _ in group]):
            for (name, counted), part in zip(group, batch, strict=True):
                found[name].append(counted.in_open_buckets(part.without_nan))
        for name, counted in group:
            parts = found.pop(name)
            yield name, counted.largest_distance(*(of_side(parts, side) for side in (REFERENCE, CURRENT)))
