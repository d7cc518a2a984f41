"""Values counted in ordered buckets: enough to say where two empirical distributions can be furthest apart.

Between two neighbouring bucket edges both distributions only rise, so that their distance inside a bucket is bounded
by the counts before and behind it. Buckets whose bound does not exceed the largest distance seen at an edge need no
second look; in the others, few, the values themselves decide. Rounding is monotone, so the bound holds in floating
point too, and the result is the one of comparing every value, to the last bit.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from maestro_ml.core.sided import Sided

if TYPE_CHECKING:
    from numpy import bool_, int8, int64, uint16
    from numpy.typing import NDArray

BUCKETS = 1 << 16  # as many as 16 bits can number
ROWS_AT_ONCE = 1 << 15
_COUNTED_AT_ONCE = 1 << 18  # more than there are buckets, which are all added up each time
_SAMPLED = 4096
_EXACT_WHOLE = 2.0**52


@dataclass(frozen=True)
class Grid:
    """A monotone map from values to buckets; what lies beyond either end counts in the last bucket there."""

    low: float
    scale: float
    one_value_each: bool = False  # an inner bucket holds one whole number and nothing else

    @classmethod
    def over(cls, *samples: "NDArray[Any]") -> "Grid":
        """Make buckets that are fine where the samples lie, whatever a few extreme values do."""
        import numpy as np

        whole = all(np.issubdtype(sample.dtype, np.integer) for sample in samples)
        values = np.concatenate([sample.astype(np.float64) for sample in samples])
        values = np.sort(values[np.isfinite(values)])
        if not len(values):
            return cls(0.0, 1.0)
        tail = len(values) // 200
        near, far = float(values[tail]), float(values[-1 - tail])
        # Halves, because the width of the widest range is no longer a double.
        margin = far / 2 - near / 2
        low = max(float(values[0]), near - margin, -np.finfo(np.float64).max)
        high = min(float(values[-1]), far + margin, np.finfo(np.float64).max)
        width = high / 2 - low / 2
        if whole and 2 * width < BUCKETS - 2:
            return cls(math.floor(low) - 1.0, 1.0, one_value_each=abs(low) < _EXACT_WHOLE)
        scale = BUCKETS / 2 / width if width > 0 else 1.0
        return cls(low, min(scale, float(np.finfo(np.float64).max)))

    def buckets_of(self, values: "NDArray[Any]") -> "NDArray[uint16]":
        """Return the bucket of each value, shape (n,); that of NaN is any."""
        import numpy as np

        buckets = np.empty(len(values), np.uint16)
        # An infinite distance lies in the last bucket, as it should.
        with np.errstate(over="ignore", invalid="ignore"):
            for part in _parts(values):
                position = np.subtract(values[part], self.low, dtype=np.float64)
                position *= self.scale
                np.maximum(position, 0, out=position)
                np.minimum(position, BUCKETS - 1, out=position)
                buckets[part] = position
        return buckets


def counts(buckets: "NDArray[uint16]") -> "NDArray[int64]":
    """Return how many values lie in each bucket, shape (BUCKETS,)."""
    import numpy as np

    total = np.zeros(BUCKETS, np.int64)
    for start in range(0, len(buckets), _COUNTED_AT_ONCE):
        total += np.bincount(buckets[start : start + _COUNTED_AT_ONCE], minlength=BUCKETS)
    return total


def counts_by_side(parts: "Iterable[tuple[NDArray[uint16], int | NDArray[int8]]]") -> "NDArray[int64]":
    """Return how many values of each side lie in each bucket, shape (2, BUCKETS).

    Args:
        parts: the buckets of some values, with the sides that `Sided` has.
    """
    import numpy as np

    total = np.zeros((3, BUCKETS), np.int64)
    for buckets, sides in parts:
        if isinstance(sides, int):
            total[sides + 1] += counts(buckets)
            continue
        for start in range(0, len(buckets), _COUNTED_AT_ONCE):
            part = slice(start, start + _COUNTED_AT_ONCE)
            places = sides[part].astype(np.intp)
            places += 1
            places *= BUCKETS
            places += buckets[part]
            total += np.bincount(places, minlength=total.size).reshape(total.shape)
    return total[1:]


def sampled(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return a few thousand of the values, evenly spread over their order."""
    return values[:: max(1, len(values) // _SAMPLED)]


@dataclass(frozen=True)
class BucketCounts:
    """Two sides in the same buckets; `distance` is the largest at an edge, `open_buckets` may hold a larger one."""

    grid: Grid
    reference: "NDArray[int64]"  # values up to and with each bucket, shape (BUCKETS,)
    current: "NDArray[int64]"
    distance: float
    open_buckets: "NDArray[bool_]"

    @classmethod
    def of(cls, grid: Grid, reference: "NDArray[int64]", current: "NDArray[int64]") -> "BucketCounts":
        """Compare the counts of each bucket; neither side is empty."""
        import numpy as np

        up_to = np.cumsum(reference), np.cumsum(current)
        r, c = (counts / counts[-1] for counts in up_to)
        r_before, c_before = (np.concatenate(([0.0], shares[:-1])) for shares in (r, c))
        distance = float(np.abs(r - c).max())
        is_open = np.maximum(r - c_before, c - r_before) > distance
        if grid.one_value_each:
            is_open[1:-1] = False
        return cls(grid, *up_to, distance, is_open)

    @property
    def open_values(self) -> int:
        """How many values of both sides lie in open buckets."""
        import numpy as np

        return sum(int(np.diff(up_to, prepend=0)[self.open_buckets].sum()) for up_to in (self.reference, self.current))

    def without(self, single: "NDArray[bool_]") -> "BucketCounts":
        """Return the same counts, with the buckets closed that hold one distinct value: it was judged at the edge."""
        return replace(self, open_buckets=self.open_buckets & ~single)

    def are_open(self, values: "NDArray[Any]") -> "NDArray[Any]":
        """Return which values lie in open buckets."""
        return values[self.open_buckets.take(self.grid.buckets_of(values))]

    def in_open_buckets(self, part: Sided, buckets: "NDArray[uint16] | None" = None) -> Sided:
        """Return the values that lie in open buckets; `buckets` are those of the values, where they are known."""
        import numpy as np

        known = self.grid.buckets_of(part.values) if buckets is None else buckets
        return part.at(np.flatnonzero(self.open_buckets.take(known)))

    def largest_distance(self, reference: "NDArray[Any]", current: "NDArray[Any]") -> float:
        """Return the statistic, from the values of both sides in the open buckets, in any order."""
        import numpy as np

        sides = [(np.sort(reference), self.reference), (np.sort(current), self.current)]
        # What lies below a bucket, and is not among the values at hand.
        outside = [up_to - np.cumsum(np.diff(up_to, prepend=0) * self.open_buckets) for _, up_to in sides]
        largest = self.distance
        for values, _ in sides:
            for part in _parts(values):
                buckets = self.grid.buckets_of(values[part])
                shares = (
                    (np.searchsorted(known, values[part], side="right") + below[buckets]) / up_to[-1]
                    for (known, up_to), below in zip(sides, outside, strict=True)
                )
                largest = max(largest, float(np.abs(np.subtract(*shares)).max()))
        return largest


class Ties:
    """Which buckets hold one distinct value, however often it comes."""

    def __init__(self, grid: Grid) -> None:
        import numpy as np

        self._grid = grid
        self._value: NDArray[Any] | None = None
        self._seen = np.zeros(BUCKETS, bool)
        self.single = np.ones(BUCKETS, bool)

    def add(self, values: "NDArray[Any]") -> None:
        """Add values, shape (n,)."""
        import numpy as np

        if self._value is None:
            self._value = np.zeros(BUCKETS, values.dtype)
        for part in map(values.__getitem__, _parts(values)):
            buckets = self._grid.buckets_of(part)
            first = self._value.copy()
            first[buckets] = part  # of several, any
            self._value = np.where(self._seen, self._value, first)
            self._seen[buckets] = True
            self.single[buckets[self._value[buckets] != part]] = False


def _parts(values: "NDArray[Any]") -> Iterator[slice]:
    """Return stretches that stay in a core's cache from one step to the next."""
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, len(values), ROWS_AT_ONCE))
