"""The error budget of a year: how much each look may spend, and what it buys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from maestro_ml.gate_rules.statistics import mcnemar

if TYPE_CHECKING:
    import numpy as np

YEAR = timedelta(days=365)
POWER = 0.8  # how often an improvement is found that a test is said to detect
DISAGREEMENT = 0.1  # the share of rows for which two models answer differently, where it has not been measured
_LARGEST = 0.5  # a look at more than this would ask for less than being as good
_PRECISION = 1e-4  # a hundredth of a point


@dataclass(frozen=True)
class Look:
    """A candidate that was judged: the end of its test rows, and the error that its judgement spent."""

    candidate: str
    end: datetime
    error: float


@dataclass(frozen=True)
class Budget:
    """At most `per_year` wrong promotions in a year of `looks`, in expectation.

    Each look spends the same share of the budget, so that the budget is spent when the planned looks of the year are
    made. More looks than planned get what is left, which may be nothing.
    """

    per_year: float
    looks: int

    @property
    def each(self) -> float:
        """The error of a planned look."""
        return min(_LARGEST, self.per_year / self.looks)

    def left(self, candidate: str, end: datetime, earlier: Iterable[Look]) -> float:
        """Return the error that the look at a candidate may spend.

        A look is counted by its candidate, so that a retry spends nothing, and by the end of its test rows, so that a
        run for an earlier date belongs to the year of that date.
        """
        counted = {look.candidate: look for look in earlier if look.candidate != candidate}
        spent = sum(look.error for look in counted.values() if end - YEAR < look.end <= end)
        left = self.per_year - spent
        return self.each if left >= self.each * (1 - 1e-9) else max(0.0, left)


def critical(rows: "np.ndarray[Any, Any]", error: float) -> "np.ndarray[Any, Any]":
    """Return, for numbers of rows that differ, how many of them the candidate must get right for McNemar's exact test.

    One more than there are rows where no number is enough.
    """
    import numpy as np

    low, high = np.zeros_like(rows), rows + 1  # the smallest k with P(X >= k) <= error lies in [low, high]
    while np.any(low < high):
        middle = (low + high) // 2
        enough = np.where(middle > rows, True, mcnemar(middle, np.maximum(rows - middle, 0)) <= error)
        low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
    return low


def power(rows: int, gain: float, error: float, disagreement: float = DISAGREEMENT) -> float:
    """Return how often McNemar's exact test finds an accuracy that is better by `gain`.

    Args:
        rows: the number of test rows.
        gain: the difference of the true accuracies.
        error: the test's.
        disagreement: the share of rows that only one of the two models gets right; at least the gain.
    """
    import numpy as np

    return _power(np.arange(rows + 1), critical(np.arange(rows + 1), error), gain, disagreement)


def _power(counts: "np.ndarray[Any, Any]", needed: "np.ndarray[Any, Any]", gain: float, disagreement: float) -> float:
    """Sum over `counts`, every number of rows that can differ, of which the candidate must get `needed` right."""
    import numpy as np
    from scipy.special import bdtrc, gammaln

    rows, differ = int(counts[-1]), min(1.0, max(disagreement, gain))
    chance = min(1.0, (differ + gain) / 2 / differ)
    if differ < 1:
        choose = gammaln(rows + 1) - gammaln(counts + 1) - gammaln(rows - counts + 1)
        weights = np.exp(choose + counts * np.log(differ) + (rows - counts) * np.log1p(-differ))
    else:
        weights = (counts == rows).astype(float)
    found = np.where(needed > counts, 0.0, bdtrc(np.maximum(needed - 1, 0), np.maximum(counts, 1), chance))
    return float((weights * found).sum())


def detectable(rows: int, error: float, disagreement: float = DISAGREEMENT) -> float | None:
    """Return the smallest gain in accuracy that is found four times out of five; None if there is none."""
    import numpy as np

    counts = np.arange(rows + 1)
    needed = critical(counts, error)
    low, high = 0.0, 1.0
    if _power(counts, needed, high, disagreement) < POWER:
        return None
    while high - low > _PRECISION:
        middle = (low + high) / 2
        low, high = (low, middle) if _power(counts, needed, middle, disagreement) >= POWER else (middle, high)
    return high


def in_words(rows: int, error: float, metric: str = "accuracy", disagreement: float = DISAGREEMENT) -> str:
    """Say what the test can detect, such as `with 2,000 test rows an accuracy 2.5 points better is found`."""
    here = f"with {rows:,} test rows and an error of {error:.3g}"
    if metric != "accuracy" and error > 0:
        from scipy.stats import norm

        errors = norm.isf(error) + norm.ppf(POWER)
        return (
            f"{here}, a {metric.replace('_', ' ')} that is better by {errors:.1f} standard errors of the difference is "
            "found four times out of five"
        )
    gain = detectable(rows, error, disagreement) if error > 0 else None
    if gain is None:
        return f"{here} no improvement can be found"
    differ = f"if the two models differ on {100 * disagreement:.3g} % of them"
    return f"{here}, an accuracy better by {100 * gain:.1f} points is found four times out of five, {differ}"
