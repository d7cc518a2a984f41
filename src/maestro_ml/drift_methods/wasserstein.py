"""The drift method `wasserstein`: the earth mover's distance, in standard deviations of the reference."""

from typing import TYPE_CHECKING, Any

from maestro_ml.drift_methods.method import DriftMethod, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray


def wasserstein(reference: "NDArray[Any]", current: "NDArray[Any]") -> Outcome:
    """Return the area between the two distribution functions (`scipy.stats.wasserstein_distance`) over the spread.

    Args:
        reference: numbers without NaN, shape (n,), n > 0.
        current: numbers without NaN, shape (m,), m > 0.
    """
    import numpy as np

    sizes = (len(reference), len(current))
    reference, current = (np.sort(side.astype(np.float64)) for side in (reference, current))
    if not all(np.isfinite(side[[0, -1]]).all() for side in (reference, current)):
        return Outcome(*sizes, obstacle="there are infinite values, which are infinitely far away")
    # The power of two under the largest value, so that squares of huge ones are no infinity; it rounds nothing.
    _, exponent = np.frexp(max(abs(side[[0, -1]]).max() for side in (reference, current)))
    reference, current = np.ldexp(reference, -exponent), np.ldexp(current, -exponent)
    # Of a constant, rounding can leave more than nothing.
    spread = float(reference.std()) if reference[0] < reference[-1] else 0.0
    values = np.sort(np.concatenate([reference, current]))
    below = (np.searchsorted(side, values[:-1], side="right") / len(side) for side in (reference, current))
    distance = float(np.sum(np.abs(np.subtract(*below)) * np.diff(values)))
    if not spread and distance:
        return Outcome(*sizes, obstacle="the reference is constant, and the window is not the same")
    statistic = distance / spread if spread else 0.0
    text = "Wasserstein distance = {value} standard deviations"
    distance, spread = (float(np.ldexp(value, exponent)) for value in (distance, spread))
    return Outcome(*sizes, statistic=statistic, description=text, numbers={"distance": distance, "spread": spread})


WASSERSTEIN = DriftMethod(
    name="wasserstein",
    why="The values have moved away from the reference: a model trained there may not hold.",
    compare_numbers=wasserstein,
    limit=0.1,
    about="area between the two distribution functions, in standard deviations of the reference "
    "(`scipy.stats.wasserstein_distance`)",
)
