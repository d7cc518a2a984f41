"""The largest distance of two empirical distribution functions: scipy's D of `ks_2samp`, several times faster."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.ecdf.buckets import BucketCounts, Grid, Ties, counts, sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEW = 20_000  # so few values are sorted before the buckets are counted
_MOST_OPEN = 0.1  # a share of the values: sorting that many costs as much as counting all


def largest_distance(reference: "NDArray[Any]", current: "NDArray[Any]") -> float:
    """Return the largest distance of the two empirical distribution functions."""
    if len(reference) + len(current) <= _FEW:
        return _by_sorting(reference, current)
    import numpy as np

    sides = (reference, current)
    counted, open_values = _count_buckets(Grid.over(*map(sampled, sides)), sides)
    if _too_many(counted):  # a long tail: finer where it matters
        finer, finer_values = _count_buckets(Grid.over(*(np.unique(sampled(values)) for values in open_values)), sides)
        if finer.open_values < counted.open_values:
            counted, open_values = finer, finer_values
    if _too_many(counted):  # a few values that come again and again
        ties = Ties(counted.grid)
        for side in open_values:
            ties.add(side)
        counted = counted.without(ties.single)
        open_values = [counted.are_open(side) for side in open_values]
    return counted.largest_distance(*open_values)


def _count_buckets(grid: Grid, sides: Sequence["NDArray[Any]"]) -> tuple[BucketCounts, list["NDArray[Any]"]]:
    """Return the counts of both sides, and their values in open buckets."""
    buckets = [grid.buckets_of(side) for side in sides]
    counted = BucketCounts.of(grid, *map(counts, buckets))
    return counted, [counted.are_open(*side) for side in zip(sides, buckets, strict=True)]


def _too_many(counted: BucketCounts) -> bool:
    return counted.open_values > _MOST_OPEN * int(counted.reference[-1] + counted.current[-1])


def _by_sorting(reference: "NDArray[Any]", current: "NDArray[Any]") -> float:
    import numpy as np

    values = np.concatenate([reference, current])
    shares = (np.searchsorted(np.sort(side), values, side="right") / len(side) for side in (reference, current))
    return float(np.abs(np.subtract(*shares)).max())
