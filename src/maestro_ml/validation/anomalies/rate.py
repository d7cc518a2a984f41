"""How many of a window's rows are anomalous: from a sample where that decides, from all of them where it does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from maestro_ml.core.intervals import wilson
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.validation.anomalies.forest import Forest
from maestro_ml.validation.numeric_rows import NumericRows, batches, random_rows
from maestro_ml.validation.rows import WindowRows

if TYPE_CHECKING:
    from numpy import float32, float64
    from numpy.typing import NDArray

_SHOWN = 10
_CONFIDENCE = 3.8906  # the normal quantile of 99.99 %: once in ten thousand windows the full count lies elsewhere


@dataclass(frozen=True)
class Extreme:
    """The rows with the lowest scores, the most anomalous first."""

    rows: NumericRows
    scores: "NDArray[float64]"


@dataclass(frozen=True)
class Rate:
    """`anomalous` of the `scored` rows; the rate of all `rows` lies between `low` and `high`.

    `smallest` and `largest` are those of each column among the scored rows, NaN where it has no value.
    """

    anomalous: int
    scored: int
    rows: int
    extreme: Extreme
    smallest: "NDArray[float32]"
    largest: "NDArray[float32]"

    @property
    def value(self) -> float:
        return self.anomalous / self.scored

    @property
    def low(self) -> float:
        return self._interval[0]

    @property
    def high(self) -> float:
        return self._interval[1]

    @property
    def _interval(self) -> tuple[float, float]:
        if self.scored == self.rows:
            return self.value, self.value
        return wilson(self.anomalous, self.scored, _CONFIDENCE)


def rate_of(current: WindowRows, forest: Forest, spec: Anomalies) -> Rate:
    """Estimate from a sample; count if the limit lies in its interval or the window is hardly larger than the sample.

    Where the window is in another engine, its extract stands for it.
    """
    here = current.extract
    if here.count > 2 * spec.window_sample:
        rows = random_rows(here, forest.columns, spec.window_sample, spec.seed)
        rate = _score([rows], current.count, forest)
        if not rate.low <= spec.max_rate <= rate.high:
            return rate
    return _score(batches(here, forest.columns), current.count, forest)


def _score(parts: Iterable[NumericRows], rows: int, forest: Forest) -> Rate:
    import numpy as np

    anomalous = scored = 0
    extreme = None
    smallest = largest = np.full(len(forest.columns), np.nan, np.float32)
    for part in parts:
        scores = forest.scores(part.numbers)
        anomalous += int(forest.are_anomalous(scores).sum())
        scored += len(scores)
        smallest = np.fmin(smallest, np.fmin.reduce(part.numbers))
        largest = np.fmax(largest, np.fmax.reduce(part.numbers))
        extreme = _lowest(extreme, Extreme(part, scores))
    if extreme is None:
        raise ValueError("there are no rows to score")
    return Rate(anomalous, scored, rows, extreme, smallest, largest)


def _lowest(known: Extreme | None, more: Extreme) -> Extreme:
    import numpy as np

    parts = [more] if known is None else [known, more]
    scores = np.concatenate([part.scores for part in parts])
    order = np.argsort(scores, kind="stable")[:_SHOWN]
    numbers = np.concatenate([part.rows.numbers for part in parts])[order]
    return Extreme(NumericRows(numbers, np.concatenate([part.rows.places for part in parts])[order]), scores[order])
