"""Histograms of two samples on the same edges."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_HALVES = 2.0**51  # above, doubles have no halves to put an edge on
_BINS = 24
_DAY = 86_400.0  # seconds
_FAR = 4.0  # a range this many times as wide as its central 98 % is cut to those
_CENTRE = (0.01, 0.99)


def shared_edges(*samples: "NDArray[float64]", whole: bool) -> tuple[float, ...]:
    """Return at most 25 ascending edges for all samples together; none if there is no finite value.

    Values far out do not flatten the rest: the edges then span the central 98 %. A bin of whole numbers
    holds as many of them as any other; of a small range each has its own.

    Args:
        samples: values, shape (n,); infinities are left out.
        whole: the values are whole numbers.
    """
    import numpy as np

    values = np.concatenate(samples)
    values = values[np.isfinite(values)]
    if not len(values):
        return ()
    low, high = float(values.min()), float(values.max())
    # Not interpolated: halves of the largest doubles do not add up.
    near, far = (float(v) for v in np.quantile(values, _CENTRE, method="inverted_cdf"))
    if high / 2 - low / 2 > _FAR * (far / 2 - near / 2) and far > near:
        low, high = near, far
    if whole and max(abs(low), abs(high)) < _HALVES:
        values_each = math.ceil((high - low + 1) / _BINS)
        bins = math.ceil((high - low + 1) / values_each)
        return tuple(float(edge) for edge in low - 0.5 + values_each * np.arange(bins + 1))
    if low == high:
        margin = abs(low) * 0.01 or 0.5
        largest = float(np.finfo(float).max)
        low, high = max(low - margin, -largest), min(high + margin, largest)
    steps = np.linspace(0, 1, _BINS + 1)
    edges = low * (1 - steps) + high * steps
    return tuple(float(edge) for edge in np.unique(edges[np.isfinite(edges)]))


def shared_edges_of_days(*samples: "NDArray[float64]") -> tuple[float, ...]:
    """Return the same for dates in seconds: each edge is the midnight at which a day begins.

    Args:
        samples: midnights, shape (n,).
    """
    edges = shared_edges(*(sample / _DAY for sample in samples), whole=True)
    return tuple((edge + 0.5) * _DAY for edge in edges)


def histogram(values: "NDArray[float64]", edges: tuple[float, ...]) -> tuple[int, tuple[int, ...], int]:
    """Count how many lie below, in each bin `[edge, next edge)` (the last one closed), and above.

    Args:
        values: without NaN, shape (n,).
    """
    import numpy as np

    if not edges:
        return int((values < 0).sum()), (), int((values > 0).sum())
    inside = values[(values >= edges[0]) & (values <= edges[-1])]
    positions = np.searchsorted(np.asarray(edges), inside, side="right") - 1
    counts = np.bincount(np.minimum(positions, len(edges) - 2), minlength=len(edges) - 1)
    return int((values < edges[0]).sum()), tuple(int(n) for n in counts), int((values > edges[-1]).sum())
