"""Tests and bounds that rules use. scipy.special rather than scipy.stats, whose import takes seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from maestro_ml.core.intervals import wilson
from maestro_ml.metrics.metric import Metric, Predictions

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 500
_MOST_DRAWN = 20_000  # rows of a resample
_SEED = 0  # the same rows give the same bound


@dataclass(frozen=True)
class Shares:
    """A metric that is a share of rows: `successes` of `trials`."""

    successes: int
    trials: int


@dataclass(frozen=True)
class Bound:
    """A metric's value and its one-sided confidence bound on the worse side, and the method that gave it."""

    value: float
    bound: float
    method: str


def shares_of(metric: Metric, rows: Predictions) -> Shares | None:
    """Return the counts behind a metric that is a share of rows; None for any other metric."""
    binary = rows.task == "binary"
    of = {
        "accuracy": rows.actual == rows.actual,
        "recall": rows.actual == 1 if binary else None,
        "precision": rows.predicted == 1 if binary else None,
    }.get(metric.name)
    if of is None or rows.task == "regression":
        return None
    return Shares(int(((rows.actual == rows.predicted) & of).sum()), int(of.sum()))


def at_least(successes: int, trials: int, chance: float) -> float:
    """Return the probability of that many successes or more: the exact binomial test of `share <= chance`."""
    from scipy.special import bdtrc

    return 1.0 if successes <= 0 else float(bdtrc(successes - 1, trials, chance))


def at_most(successes: int, trials: int, chance: float) -> float:
    """Return the probability of that many successes or fewer: the exact binomial test of `share >= chance`."""
    from scipy.special import bdtr

    return float(bdtr(successes, trials, chance))


def exact_lower(successes: int, trials: int, error: float) -> float:
    """Return the one-sided lower bound of a share (Clopper and Pearson 1934), too high at most `error` of the time."""
    from scipy.special import betaincinv

    return 0.0 if successes == 0 else float(betaincinv(successes, trials - successes + 1, error))


def wilson_lower(successes: int, trials: int, error: float) -> float:
    """Return the one-sided lower bound of a share (Wilson 1927), which is too high about `error` of the time."""
    return wilson(successes, trials, quantile(error))[0]


def quantile(error: float) -> float:
    """Return the standard normal quantile that is exceeded with the probability `error`."""
    from scipy.special import ndtri

    return -float(ndtri(error))


def tail(z: float) -> float:
    """Return the probability that a standard normal number exceeds `z`."""
    from scipy.special import ndtr

    return float(ndtr(-z))


def mcnemar(better: Any, worse: Any) -> Any:
    """Return the one-sided p-value of McNemar's exact test; takes numbers or arrays.

    Args:
        better: rows that only the candidate gets right.
        worse: rows that only the champion gets right.
    """
    import numpy as np
    from scipy.special import bdtrc

    wins, rows = np.asarray(better), np.asarray(better) + np.asarray(worse)
    p = np.where(wins == 0, 1.0, bdtrc(np.maximum(wins - 1, 0), np.maximum(rows, 1), 0.5))
    return float(p) if p.ndim == 0 else p


def standard_error(compute: "Callable[[np.ndarray[Any, Any]], float]", rows: int) -> float:
    """Return the bootstrap's standard error of a number computed from the rows at given positions (Efron 1979).

    Of many rows, each resample has fewer, and the error is scaled to all (Bickel, Goetze and van Zwet 1997): sorting
    a million rows 500 times, as ROC AUC does, takes minutes.
    """
    import numpy as np

    rng, drawn = np.random.default_rng(_SEED), min(rows, _MOST_DRAWN)
    found = [compute(rng.integers(0, rows, drawn)) for _ in range(RESAMPLES)]
    known = [value for value in found if not isnan(value)]
    return float(np.std(known, ddof=1)) * (drawn / rows) ** 0.5 if len(known) > RESAMPLES / 2 else nan


def error_of(metric: Metric, rows: Predictions) -> float:
    """Return the bootstrap's standard error of a metric."""
    return standard_error(lambda places: metric.compute(rows.take(places)), len(rows))


def bound_of(metric: Metric, rows: Predictions, error: float, *, exact: bool = False) -> Bound:
    """Return the metric's confidence bound: Wilson's for a share, otherwise the bootstrap's with a normal quantile.

    Args:
        error: how often the bound may be wrong.
        exact: for a share, Clopper and Pearson's bound, which keeps the error at every number of rows.
    """
    value = metric.compute(rows)
    shares = shares_of(metric, rows)
    if shares and shares.trials:
        lower = exact_lower if exact else wilson_lower
        found = lower(shares.successes, shares.trials, error)
        return Bound(value, found, "Clopper-Pearson" if exact else "Wilson")
    half = quantile(error) * error_of(metric, rows)
    return Bound(value, value - half if metric.higher_is_better else value + half, "bootstrap")
