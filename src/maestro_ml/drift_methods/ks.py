"""The drift method `ks`: the two-sample Kolmogorov-Smirnov test, exact for any number of rows."""

from math import comb
from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.ecdf.p_value import p_value
from maestro_ml.drift_methods.method import DriftMethod, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TINY = 40  # values that more than any number of others show a difference


def ks_of_numbers(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    """Compare two samples: exact up to 10,000 values a side, asymptotic above (scipy's `auto`).

    Args:
        reference: numbers without NaN, shape (n,), n > 0.
        current: numbers without NaN of the same type, shape (m,), m > 0.
    """
    from maestro_ml.drift_methods.ecdf.arrays import largest_distance

    return ks_of_distance(len(reference), len(current), largest_distance(reference, current))


def ks_of_distance(reference: int, current: int, distance: float) -> Outcome:
    """Judge the largest distance of the empirical distribution functions of so many values."""
    statistic, p = p_value(reference, current, distance)
    return Outcome(
        reference,
        current,
        statistic=statistic,
        description="D = {value}",
        p_value=p,
        smallest_p=_smallest_p(reference, current) if statistic else 0.0,
        effect=statistic,
    )


def _smallest_p(reference: int, current: int) -> float:
    """Return the p-value of two samples that do not overlap."""
    smaller = min(reference, current)
    return min(1.0, 2 / comb(reference + current, smaller)) if smaller <= _TINY else 0.0


KS = DriftMethod(
    name="ks",
    check="kolmogorov_smirnov",
    why="The distribution has moved away from the reference: a model trained there may not hold. With many rows a "
    "small difference is enough for a small p: look at D, the largest distance between the two.",
    compare_numbers=ks_of_numbers,
    compare_distance=ks_of_distance,
    about="D, the largest distance of the two empirical distribution functions (`scipy.stats.ks_2samp`)",
)
