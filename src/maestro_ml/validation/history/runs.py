"""The metrics of earlier runs of a dataset, as data: whoever validates brings them along."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.findings import Verdict
from maestro_ml.project import Window

Season = Literal["none", "weekday"]
_SIGMA = 1.4826  # of a normal distribution, in median absolute deviations


class RunMetrics(BaseModel):
    """What one run measured: `values[metric][column]`, where the column `""` is the dataset as a whole."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    run: str
    start: datetime
    end: datetime
    created: datetime
    verdict: Verdict
    values: dict[str, dict[str, float]]

    def value(self, metric: str, column: str = "") -> float | None:
        return self.values.get(metric, {}).get(column)


@dataclass(frozen=True)
class Usual:
    """Median and scaled median absolute deviation of a metric over some runs."""

    median: float
    deviation: float
    runs: int

    def limits(self, factor: float, smallest: float) -> tuple[float, float]:
        """Return median +- `factor` deviations, at least `smallest` to each side, never below zero."""
        reach = max(factor * self.deviation, smallest)
        return max(0.0, self.median - reach), self.median + reach


@dataclass(frozen=True)
class History:
    """Earlier runs, in any order; `left_out` names those that could not be read."""

    runs: tuple[RunMetrics, ...] = ()
    left_out: tuple[str, ...] = ()

    def before(self, window: Window, season: Season = "none") -> list[RunMetrics]:
        """Return runs of equally long windows that ended before this, oldest first; of one window the last measured.

        So a run for July, made again in September, is held against what July knew.
        """
        newest: dict[datetime, RunMetrics] = {}
        for run in sorted(self.runs, key=lambda run: run.created):
            alike = run.end - run.start == window.length and run.end < window.end
            if alike and (season == "none" or run.end.weekday() == window.end.weekday()):
                older = newest[run.end].values if run.end in newest else {}
                newest[run.end] = run.model_copy(update={"values": older | run.values})
        return [newest[end] for end in sorted(newest)]

    def usual(self, metric: str, column: str, window: Window, season: Season, runs: int) -> Usual | None:
        """Summarise the last `runs` comparable runs that know the metric; None if there is none."""
        known = [v for run in self.before(window, season) if (v := run.value(metric, column)) is not None][-runs:]
        if not known:
            return None
        middle = median(known)
        return Usual(middle, _SIGMA * median(abs(value - middle) for value in known), len(known))


NO_HISTORY = History()
