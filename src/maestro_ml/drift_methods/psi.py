"""The drift method `psi`, the population stability index.

It is the sum of (p - q) ln(p / q) over categories, or over the deciles of the reference. Siddiqi (2006), "Credit Risk
Scorecards": below 0.1 little has changed, above 0.25 much has. It has no p-value, and does not grow with the number of
rows.
"""

from typing import TYPE_CHECKING, Any

from maestro_ml.core.results import Number
from maestro_ml.drift_methods.categories import Categories, shares_differ, smaller_p
from maestro_ml.drift_methods.homogeneity import homogeneity
from maestro_ml.drift_methods.method import DriftMethod, Outcome

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

_BINS = 10
_LOG_CHANCE = -6.9  # p < 0.001
_CHANCE = 0.001
_SMALLEST_SHARE = 1e-4  # of a bin nobody is in, so that one such bin is not an infinite difference


def psi_of_numbers(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    """Return the PSI over ten bins that each hold a tenth of the reference, fewer where its values repeat.

    Values outside the reference have bins of their own where there are more of them than chance would give.

    Args:
        reference: numbers without NaN, shape (n,), n > 0.
        current: numbers without NaN, shape (m,), m > 0.
    """
    import numpy as np

    shares = np.arange(1, _BINS) / _BINS
    edges = np.unique(np.quantile(reference, shares, method="inverted_cdf"))
    if edges[0] == reference.min():  # what lies below the smallest value is not the same as that value
        edges = np.concatenate([largest_below(edges[:1]), edges])
    low, high = reference.min(), reference.max()
    beyond = int(np.sum(current < low)), int(np.sum(current > high))
    if _unlikely(beyond[0], len(reference), len(current)):
        edges = np.concatenate([largest_below(low[None]), edges])
    if _unlikely(beyond[1], len(reference), len(current)):
        edges = np.concatenate([edges, high[None]])
    edges = np.unique(edges)
    counts = [np.bincount(np.searchsorted(edges, side), minlength=len(edges) + 1) for side in (reference, current)]
    return psi_of_counts(np.column_stack(counts))


def _unlikely(beyond: int, reference: int, current: int) -> bool:
    """Return whether so many values of the window beyond every one of the reference are no chance.

    The outermost values of both sides together are all the window's with the probability C(n - beyond, r) / C(n, r).
    """
    from scipy.special import gammaln

    size = reference + current
    log_p = gammaln(size - beyond + 1) - gammaln(current - beyond + 1) - gammaln(size + 1) + gammaln(current + 1)
    return beyond > 0 and float(log_p) < _LOG_CHANCE


def largest_below(values: "NDArray[Any]") -> "NDArray[Any]":
    """Return the next smaller value of the same type of each, without those that have none."""
    import numpy as np

    if np.issubdtype(values.dtype, np.integer):
        return np.asarray(values[values > np.iinfo(values.dtype).min] - 1)
    return np.asarray(np.nextafter(values, values.dtype.type(-np.inf)))


def psi_of_counts(table: "NDArray[int64]") -> Outcome:
    """Return the PSI of counts in the reference and in the window, shape (bins, 2), no side empty."""
    reference, current = (int(side) for side in table.sum(axis=0))
    statistic = _psi(table / table.sum(axis=0))
    return Outcome(
        reference,
        current,
        statistic=statistic,
        description=f"PSI = {{value}} over {len(table)} bins",
        numbers={"bins": len(table)},
    )


def _psi(shares: "NDArray[Any]") -> float:
    import numpy as np

    expected, actual = np.maximum(shares, _SMALLEST_SHARE).T
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def psi_of_categories(table: "NDArray[int64]") -> Outcome:
    """Return the PSI with rare categories pooled by frequency, plus what these differ among themselves beyond chance.

    The latter counts only where chance is unlikely (p < 0.001): of values that hardly repeat it is hard to tell.

    Args:
        table: counts of each category in the reference and in the window, shape (categories, 2), no side empty.
    """
    categories = Categories(table)
    reference, current = (int(side) for side in table.sum(axis=0))
    bins, rare = len(categories.pooled), categories.among_rare
    statistic = psi_of_counts(categories.pooled).statistic
    text, numbers, smallest = f"over {bins} bins", dict[str, Number]({"bins": bins}), 0.0
    if rare:
        likely = smaller_p(homogeneity(categories.pooled), rare) > _CHANCE
        among = 0.0
        if not likely:
            among = sum(psi_among_rare(members, (reference, current)) for members in categories.rare_by_frequency)
        statistic += among
        text += f", {among:.4f} of it among {len(categories.rare):,} rare values"
        numbers |= {"rare_categories": len(categories.rare), "rare_psi": among}
        smallest = rare.smallest_p if bins == 1 and shares_differ(table) else 0.0
    text = f"PSI = {{value}} {text}"
    return Outcome(reference, current, statistic=statistic, description=text, smallest_p=smallest, numbers=numbers)


def psi_among_rare(table: "NDArray[int64]", sizes: tuple[int, int]) -> float:
    """Return how much more PSI rare categories have than if they were one, beyond what chance gives; at least 0.

    They are three bins: those that are commoner in the reference, those commoner in the window, and those that are
    neither. Chance makes many of each where values are rare; its part is what dealing the values at random gives on
    average, and is taken off.

    Args:
        table: counts of the rare categories, shape (categories, 2), no row empty.
        sizes: values of the reference and of the window, rare and common.
    """
    import numpy as np

    sides = table.sum(axis=0)
    if not sides.all():
        return 0.0
    totals, times = np.unique(table.sum(axis=1), return_counts=True)
    leaning = np.sign(table[:, 0] * int(sides[1]) - table[:, 1] * int(sides[0]))
    observed = np.array([table[leaning == sign].sum(axis=0) for sign in (1, -1)], np.float64)
    expected = np.zeros((2, 2))
    for total, count in zip(totals.tolist(), times.tolist(), strict=True):
        expected += count * _leaning_by_chance(total, *(int(side) for side in sides))
    return max(0.0, _more(observed, sides, sizes) - _more(expected, sides, sizes))


def _leaning_by_chance(total: int, reference: int, current: int) -> "NDArray[Any]":
    """Return the mean counts of a category where it leans to the reference, and where to the window; shape (2, 2)."""
    import numpy as np
    from scipy.special import gammaln

    here = np.arange(max(0, total - current), min(total, reference) + 1)
    there = total - here

    def log_choose(n: Any, k: Any) -> Any:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    chance = np.exp(log_choose(reference, here) + log_choose(current, there) - log_choose(reference + current, total))
    leaning = np.sign(here * current - there * reference)
    return np.array([[np.sum(chance * side * (leaning == sign)) for side in (here, there)] for sign in (1, -1)])


def _more(leaning: "NDArray[Any]", sides: "NDArray[Any]", sizes: tuple[int, int]) -> float:
    """Return the PSI of the leaning categories and the rest, less that of all of them as one."""
    import numpy as np

    parts = np.vstack([leaning, sides - leaning.sum(axis=0)])
    return _psi(parts / sizes) - _psi((sides / sizes)[None])


PSI = DriftMethod(
    name="psi",
    why="The population has moved away from the reference: a model trained there may not hold.",
    compare_numbers=psi_of_numbers,
    compare_categories=psi_of_categories,
    limit=0.2,
    about="population stability index, of numbers in tenths of the reference (Siddiqi 2006: below 0.1 little, above "
    "0.25 much has changed); a bin that is empty on one side counts as a share of 0.0001 there",
)
