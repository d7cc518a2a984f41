"""The isolation forest, and the score below which a row is anomalous."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.anomalies.trees import Trees, grown

if TYPE_CHECKING:
    from numpy import bool_, float32, float64
    from numpy.typing import NDArray

_THREADS = 2
_ROWS_AT_ONCE = 8_192


@dataclass(frozen=True)
class Forest:
    """A forest fitted on rows of the reference, whose medians stand in for missing values."""

    columns: Sequence[str]
    medians: "NDArray[float32]"  # shape (columns,)
    threshold: float
    trees: Trees

    @classmethod
    def fitted(cls, columns: Sequence[str], rows: "NDArray[float32]", spec: Anomalies) -> "Forest":
        """Return the forest that calls `spec.contamination` of these rows anomalous.

        Args:
            rows: shape (n, columns), missing as NaN, each column with at least one value.
        """
        import numpy as np

        medians = np.nanmedian(rows, axis=0)
        trees = grown(np.where(np.isnan(rows), medians, rows), spec.seed)
        threshold = np.percentile(_scores(trees, medians, rows), 100 * spec.contamination)
        return cls(columns, medians, float(threshold), trees)

    def scores(self, rows: "NDArray[float32]") -> "NDArray[float64]":
        """Return scores from -1 to 0, shape (n,); the lower, the more anomalous."""
        return _scores(self.trees, self.medians, rows)

    def are_anomalous(self, scores: "NDArray[float64]") -> "NDArray[bool_]":
        import numpy as np

        return np.asarray(scores < self.threshold)


def _scores(trees: Trees, medians: "NDArray[float32]", rows: "NDArray[float32]") -> "NDArray[float64]":
    import numpy as np

    filled = np.where(np.isnan(rows), medians, rows)
    pieces = [filled[start : start + _ROWS_AT_ONCE] for start in range(0, len(filled), _ROWS_AT_ONCE)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate([np.empty(0), *pool.map(trees.scores, pieces)])
