"""Isolation trees (Liu, Ting and Zhou 2008), grown and walked for all rows together.

scikit-learn's IsolationForest is the model, and the tests hold its scores beside these; its import alone takes longer,
and more memory, than the whole of this.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import float32, float64, intp
    from numpy.typing import NDArray

TREES = 100
_ROWS_OF_A_TREE = 256


@dataclass(frozen=True)
class Trees:
    """Complete binary trees of `depth` levels; a node that splits no further sends everything left.

    `features` and `thresholds` have the shape (trees, 2^depth - 1), level by level; `lengths`, what a row's path to
    each of the places below adds up to, (trees, 2^depth). `usual` is the length the scores are measured by.
    """

    depth: int
    features: "NDArray[intp]"
    thresholds: "NDArray[float32]"
    lengths: "NDArray[float64]"
    usual: float

    def scores(self, rows: "NDArray[float32]") -> "NDArray[float64]":
        """Return -2^(-mean path / usual path) of each row, shape (n,): near -1 is anomalous. Rows have no NaN."""
        import numpy as np

        flat, starts = np.ascontiguousarray(rows).ravel(), np.arange(len(rows)) * rows.shape[1]
        total = np.zeros(len(rows))
        place, value = np.empty(len(rows), np.intp), np.empty(len(rows), np.float32)
        for features, thresholds, lengths in zip(self.features, self.thresholds, self.lengths, strict=True):
            node = np.zeros(len(rows), np.intp)
            for _ in range(self.depth):
                np.take(features, node, out=place, mode="clip")
                place += starts
                np.take(flat, place, out=value, mode="clip")
                right = value > np.take(thresholds, node, mode="clip")
                node *= 2
                node += 1
                node += right
            total += np.take(lengths, node - (2**self.depth - 1), mode="clip")
        if not self.usual:
            return np.full(len(rows), -0.5)
        return np.asarray(-(2.0 ** (-total / (len(self.features) * self.usual))))


def grown(rows: "NDArray[float32]", seed: int) -> Trees:
    """Grow trees on random rows each, split at random between the smallest and largest value of a random column.

    Args:
        rows: shape (n, columns), n > 0, without NaN.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    size = min(_ROWS_OF_A_TREE, len(rows))
    depth = math.ceil(math.log2(size))
    values = rows[np.concatenate([random.choice(len(rows), size, replace=False) for _ in range(TREES)])]
    node = np.repeat(np.arange(TREES), size)  # tree * 2^level + place in the level
    splits = np.zeros(len(values))  # on the way of each row
    features: list[NDArray[Any]] = []
    thresholds: list[NDArray[Any]] = []
    for level in range(depth):
        feature = np.zeros(TREES << level, np.intp)
        threshold = np.full(TREES << level, np.inf, np.float32)
        order = np.argsort(node, kind="stable")
        present, first = np.unique(node[order], return_index=True)
        feature[present], threshold[present] = _split(values[order], first, random)
        splits += np.isfinite(threshold[node])
        node = 2 * node + (values[np.arange(len(values)), feature[node]] > threshold[node])
        features.append(feature.reshape(TREES, -1))
        thresholds.append(threshold.reshape(TREES, -1))
    counts = np.bincount(node, minlength=TREES << depth)
    lengths = np.zeros(TREES << depth)
    lengths[node] = splits
    lengths += _usual_length(counts)
    return Trees(
        depth,
        np.hstack([np.zeros((TREES, 0), np.intp), *features]),
        np.hstack([np.zeros((TREES, 0), np.float32), *thresholds]),
        lengths.reshape(TREES, -1),
        float(_usual_length(np.array([size]))[0]),
    )


def _split(
    values: "NDArray[float32]", first: "NDArray[intp]", random: Any
) -> tuple["NDArray[intp]", "NDArray[float32]"]:
    """Return a column and a threshold for each node, infinite where all its rows are the same.

    Args:
        values: shape (rows, columns), node by node; `first` is where each begins.
    """
    import numpy as np

    low, high = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    varies = high > low
    feature = np.where(varies, random.random(low.shape), -1.0).argmax(axis=1)
    nodes = np.arange(len(first))
    low, high = low[nodes, feature], high[nodes, feature]
    spread = high.astype(np.float64) - low
    threshold = (low + random.random(len(first)) * spread).astype(np.float32)
    threshold = np.where(threshold >= high, low, threshold)  # rounded up: both sides must have a row
    return feature, np.where(varies[nodes, feature], threshold, np.float32(np.inf))


def _usual_length(counts: "NDArray[Any]") -> "NDArray[float64]":
    """Return the mean length of an unsuccessful search in a binary search tree of so many values."""
    import numpy as np

    n = np.maximum(counts, 2).astype(np.float64)
    many = 2 * (np.log(n - 1) + np.euler_gamma) - 2 * (n - 1) / n
    return np.where(counts <= 1, 0.0, np.where(counts == 2, 1.0, many))  # noqa: PLR2004
