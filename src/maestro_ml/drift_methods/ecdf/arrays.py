"""The largest distance of two empirical distribution functions: scipy's D of `ks_2samp`, several times faster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from maestro_ml.core.sided import CURRENT, REFERENCE, Sided, of_side
from maestro_ml.drift_methods.ecdf.buckets import BucketCounts, Grid, Ties, counts_by_side, sampled

if TYPE_CHECKING:
    from numpy import int64, uint16
    from numpy.typing import NDArray

FEW_VALUES = 20_000  # so few values are sorted before the buckets are counted
_MOST_OPEN = 0.1  # a share of the values: sorting that many costs as much as counting all
MOST_KEPT = 4_000_000  # values whose buckets are kept, two bytes each; of more they are worked out twice
_SAMPLED = 4096


class Distance(NamedTuple):
    """How many values the reference and the window have, and their largest distance; 0 where one has none."""

    reference: int
    current: int
    largest: float


def largest_distance(reference: "NDArray[Any]", current: "NDArray[Any]") -> float:
    """Return the largest distance of the two empirical distribution functions."""
    return distance([Sided(reference, REFERENCE), Sided(current, CURRENT)]).largest


def distance(parts: Sequence[Sided]) -> Distance:
    """Return the largest distance of the two empirical distribution functions, of values that lie one among the other.

    Args:
        parts: all values, some at a time; NaN counts for nothing.
    """
    total = sum(len(part.values) for part in parts)
    if total <= FEW_VALUES:
        reference, current = (of_side(parts, side) for side in (REFERENCE, CURRENT))
        both = len(reference) and len(current)
        return Distance(len(reference), len(current), _by_sorting(reference, current) if both else 0.0)
    every = slice(None, None, max(1, total // _SAMPLED))
    counted = _Counted.of(Grid.over(*(part.at(every).present for part in parts)), parts)
    sizes = counted.sizes
    return Distance(*sizes, counted.largest_distance() if all(sizes) else 0.0)


@dataclass(frozen=True)
class _Counted:
    """Values in buckets.

    Attributes:
        buckets: the bucket of each value, by part; None where they are too many to be kept.
        counts: how many of each side a bucket has, shape (2, BUCKETS).
    """

    parts: Sequence[Sided]
    grid: Grid
    buckets: "Sequence[NDArray[uint16] | None]"
    counts: "NDArray[int64]"

    @classmethod
    def of(cls, grid: Grid, parts: Sequence[Sided]) -> "_Counted":
        if sum(len(part.values) for part in parts) > MOST_KEPT:
            counts = counts_by_side((grid.buckets_of(part.values), part.sides) for part in parts)
            return cls(parts, grid, [None] * len(parts), counts)
        buckets = [grid.buckets_of(part.values) for part in parts]
        return cls(parts, grid, buckets, counts_by_side(zip(buckets, (part.sides for part in parts), strict=True)))

    @property
    def sizes(self) -> tuple[int, int]:
        reference, current = self.counts.sum(axis=1).tolist()
        return reference, current

    def largest_distance(self) -> float:
        """Compare both sides, of which neither is empty."""
        import numpy as np

        counted = BucketCounts.of(self.grid, *self.counts)
        open_values = self._open(counted)
        if self._too_many(counted):  # a long tail: finer where it matters
            grid = Grid.over(*(np.unique(sampled(values)) for values in open_values))
            again = _Counted.of(grid, self.parts)
            finer = BucketCounts.of(grid, *again.counts)
            if finer.open_values < counted.open_values:
                counted, open_values = finer, again._open(finer)
        if self._too_many(counted):  # a few values that come again and again
            ties = Ties(counted.grid)
            for side in open_values:
                ties.add(side)
            counted = counted.without(ties.single)
            open_values = [counted.are_open(side) for side in open_values]
        return counted.largest_distance(*open_values)

    def _too_many(self, counted: BucketCounts) -> bool:
        return counted.open_values > _MOST_OPEN * sum(self.sizes)

    def _open(self, counted: BucketCounts) -> "list[NDArray[Any]]":
        """Return the values of each side in open buckets."""
        found = [counted.in_open_buckets(*each) for each in zip(self.parts, self.buckets, strict=True)]
        return [of_side(found, side) for side in (REFERENCE, CURRENT)]


def _by_sorting(reference: "NDArray[Any]", current: "NDArray[Any]") -> float:
    import numpy as np

    values = np.concatenate([reference, current])
    shares = (np.searchsorted(np.sort(side), values, side="right") / len(side) for side in (reference, current))
    return float(np.abs(np.subtract(*shares)).max())
