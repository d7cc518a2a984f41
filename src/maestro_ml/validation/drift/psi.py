"""The population stability index: sum of (p - q) ln(p / q) over categories, or over the deciles of the reference.

Siddiqi (2006), "Credit Risk Scorecards": below 0.1 little has changed, above 0.25 much has. It has no p-value, and does
not grow with the number of rows.
"""

from typing import TYPE_CHECKING, Any

from maestro_ml.validation.drift.outcome import Outcome

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

_BINS = 10
_SMALLEST_SHARE = 1e-4  # of a bin nobody is in, so that one such bin is not an infinite difference


def psi_of_numbers(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    """PSI over ten bins that each hold a tenth of the reference, fewer where its values repeat.

    Args:
        reference: numbers without NaN, shape (n,), n > 0.
        current: numbers without NaN, shape (m,), m > 0.
    """
    import numpy as np

    shares = np.arange(1, _BINS) / _BINS
    edges = np.unique(np.quantile(reference, shares, method="inverted_cdf"))
    if edges[0] == reference.min():  # what lies below the smallest value is not the same as that value
        edges = np.concatenate([_below(edges[:1]), edges])
    counts = [np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1) for side in (reference, current)]
    return psi_of_counts(np.column_stack(counts))


def _below(values: "NDArray[Any]") -> "NDArray[Any]":
    """The next smaller value of the same type of each, without those that have none."""
    import numpy as np

    if np.issubdtype(values.dtype, np.integer):
        return np.asarray(values[values > np.iinfo(values.dtype).min] - 1)
    return np.asarray(np.nextafter(values, values.dtype.type(-np.inf)))


def psi_of_counts(table: "NDArray[int64]") -> Outcome:
    """PSI of counts in the reference and in the window, shape (bins, 2), no side empty."""
    import numpy as np

    reference, current = (int(side) for side in table.sum(axis=0))
    expected, actual = np.maximum(table / table.sum(axis=0), _SMALLEST_SHARE).T
    statistic = float(np.sum((actual - expected) * np.log(actual / expected)))
    return Outcome(
        reference,
        current,
        statistic=statistic,
        told=f"PSI = {statistic:.4f} over {len(table)} bins",
        numbers={"bins": len(table)},
    )
