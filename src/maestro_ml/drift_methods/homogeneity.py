"""Whether counts of categories in two samples come from the same distribution, also where many categories are rare.

Pearson's statistic has the chi-square distribution only where the expected counts are large (Cochran 1954). Where they
are not, it is judged by what it would be if the values were dealt to the two samples at random, every category keeping
its total: by drawing such tables where the categories are few, else by a gamma distribution with the exact mean and
variance of that (Haldane 1940; Dawson 1954).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

FEWEST_EXPECTED = 5  # Cochran (1954): in four of five cells, and at least one in every cell
_MOST_SMALL = 0.2
_DRAWS = 1_999
_FEW_DRAWS = 10  # of them; rarer than that, the gamma distribution says how rare
_MOST_DRAWN = 30  # categories; of more, a sum of so many terms is close to its limit distribution
_LARGEST_DRAWN = 10**9  # numpy draws from no larger table


@dataclass(frozen=True)
class Homogeneity:
    """Pearson's statistic without Yates' correction, with its mean and p-value if both samples are alike.

    `smallest_p` is the smallest p-value that any split of these totals could have: where it is large, nothing can be
    concluded from a large `p`.
    """

    statistic: float
    mean: float
    p: float
    smallest_p: float = 0.0


def homogeneity(table: "NDArray[int64]") -> Homogeneity:
    """Test counts of shape (categories, 2), each category with at least one value."""
    import numpy as np

    sides = table.sum(axis=0)
    total = int(sides.sum())
    if len(table) == 1 or not sides.all():
        return Homogeneity(0.0, 0.0, 1.0, smallest_p=1.0)
    statistic = pearson(table)
    expected = table.sum(axis=1, keepdims=True) * (sides / total)
    if expected.min() >= 1 and np.mean(expected < FEWEST_EXPECTED) <= _MOST_SMALL:
        from scipy.special import chdtrc

        return Homogeneity(statistic, len(table) - 1.0, float(chdtrc(len(table) - 1, statistic)))
    return _dealt(table, statistic)


def pearson(table: "NDArray[int64]") -> float:
    """Return Pearson's statistic of a table in which no row and no column is empty."""
    import numpy as np

    expected = table.sum(axis=1, keepdims=True) * (table.sum(axis=0) / table.sum())
    return float(np.sum((table - expected) ** 2 / expected))


def _dealt(table: "NDArray[int64]", statistic: float) -> Homogeneity:
    import numpy as np

    totals, (first, second) = table.sum(axis=1), (int(side) for side in table.sum(axis=0))
    mean, variance = moments(totals, first, second)
    if variance <= 1e-9 * mean:  # as where every value is there once: all splits have the same statistic
        return Homogeneity(statistic, mean, 1.0, smallest_p=1.0)
    p = gamma_tail(statistic, mean, variance)
    singles = int(np.sum(totals == 1))
    repeated = totals[totals > 1]
    if len(repeated) > _MOST_DRAWN or first + second >= _LARGEST_DRAWN:
        return Homogeneity(statistic, mean, p)
    drawn = _drawn(repeated, singles, first, second)
    reached = int(np.sum(drawn >= statistic * (1 - 1e-9)))
    most = int(np.sum(drawn >= drawn.max() * (1 - 1e-9)))
    by_draws = (1 + reached) / (1 + _DRAWS)
    return Homogeneity(
        statistic, mean, by_draws if reached >= _FEW_DRAWS else min(by_draws, p), (1 + most) / (1 + _DRAWS)
    )


def _drawn(repeated: "NDArray[int64]", singles: int, first: int, second: int) -> "NDArray[float64]":
    """Return the statistic of tables drawn at random, always the same ones; shape (draws,)."""
    import numpy as np

    # In ascending order, so that no engine's order of categories matters; values that are there once are one block.
    totals = np.concatenate([np.sort(repeated), [singles]] if singles else [np.sort(repeated)]).astype(np.int64)
    counts = np.random.default_rng(0).multivariate_hypergeometric(totals, first, size=_DRAWS)
    size = first + second
    share = first / size
    blocks = counts[:, : len(repeated)]
    squares = np.sum((blocks - totals[: len(repeated)] * share) ** 2 / totals[: len(repeated)], axis=1)
    if singles:
        here = counts[:, -1]
        squares += here * (1 - share) ** 2 + (singles - here) * share**2
    return np.asarray(squares * size / first * (size / second))


def moments(totals: "NDArray[int64]", first: int, second: int) -> tuple[float, float]:
    """Return the mean and variance of the statistic over all tables with these margins."""
    import numpy as np

    size = float(first + second)
    if size <= 3:  # noqa: PLR2004 - the formula needs more; such tables are drawn
        return size / (size - 1) * (len(totals) - 1), float(np.any(totals > 1))

    def spread(margin: "NDArray[Any]") -> tuple[float, float]:
        n = len(margin)
        return (n - 1) * (size - n) / (size - 1), (size * float(np.sum(1 / margin)) - n * n) / (size - 2)

    (v1, w1), (v2, w2) = spread(totals.astype(np.float64)), spread(np.array([first, second], np.float64))
    variance = 2 * size / (size - 3) * (v1 - w1) * (v2 - w2) + size * size / (size - 1) * w1 * w2
    return size / (size - 1) * (len(totals) - 1), float(variance)


def gamma_tail(statistic: float, mean: float, variance: float) -> float:
    from scipy.special import gammaincc

    return float(gammaincc(mean * mean / variance, statistic * mean / variance))
