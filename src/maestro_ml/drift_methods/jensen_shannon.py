"""The drift method `jensen_shannon`: the Jensen-Shannon distance of two distributions, from 0 (same) to 1 (disjoint).

It is the root of the Jensen-Shannon divergence in base 2 (Lin 1991; Endres and Schindelin 2003). Numbers are counted in
bins of equal width over both sides, by the rule of Freedman and Diaconis on the reference.
"""

from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.method import DriftMethod, Outcome

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

_FEWEST, _MOST = 10, 100  # bins


def of_numbers(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    """Compare two samples of numbers without NaN, shapes (n,) and (m,), neither empty."""
    import numpy as np

    sides = [np.asarray(side, np.float64) for side in (reference, current)]
    if not all(np.isfinite(side).all() for side in sides):
        return Outcome(
            len(reference), len(current), obstacle="there are infinite values, which no bin of a width holds"
        )
    edges = _edges(*sides)
    return of_counts(np.column_stack([np.histogram(side, edges)[0] for side in sides]))


def of_counts(table: "NDArray[int64]") -> Outcome:
    """Compare the counts of each category in the reference and in the window, shape (categories, 2), no side empty."""
    import numpy as np

    shares = (table / table.sum(axis=0)).T
    middle = shares.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(shares > 0, shares * np.log2(shares / middle), 0.0)
    statistic = float(np.sqrt(min(1.0, max(0.0, float(parts.sum()) / 2))))
    reference, current = (int(side) for side in table.sum(axis=0))
    text = f"Jensen-Shannon distance = {{value}} over {len(table)} bins"
    return Outcome(reference, current, statistic=statistic, description=text, numbers={"bins": len(table)})


def _edges(reference: "NDArray[Any]", current: "NDArray[Any]") -> "NDArray[Any]":
    """Return ascending edges over both sides, the last one closed."""
    import numpy as np

    low, high = min(reference.min(), current.min()), max(reference.max(), current.max())
    first, third = np.quantile(reference, (0.25, 0.75))
    width = 4 * float(third / 2 - first / 2) / len(reference) ** (1 / 3)
    # Halves, because the width of the widest range is no longer a double.
    bins = (high / 2 - low / 2) / (width / 2) if width > 0 else _FEWEST
    steps = np.linspace(0, 1, int(min(max(bins, _FEWEST), _MOST)) + 1)
    edges = np.unique(low * (1 - steps) + high * steps)
    return edges if len(edges) > 1 else np.array([-np.inf, np.inf])


JENSEN_SHANNON = DriftMethod(
    name="jensen_shannon",
    why="The distribution of the values differs from the reference: a model trained there may not hold.",
    compare_numbers=of_numbers,
    compare_categories=of_counts,
    limit=0.1,
    about="root of the Jensen-Shannon divergence in base 2, from 0 (same) to 1 (disjoint); numbers in bins of equal "
    "width (`scipy.spatial.distance.jensenshannon`)",
)
