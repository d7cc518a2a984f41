"""Metrics over the last runs, as lines."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.findings import Verdict
from maestro_ml.project import Window
from maestro_ml.validation.history.runs import History, RunMetrics

_SHOWN_RUNS = 30
_OF_COLUMNS = ("missing_share", "median", "drift")


class Series(BaseModel):
    """One metric of the dataset (`column` is None) or of a column; `values` stand at the trends' `ends`."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    metric: str
    column: str | None
    values: tuple[float | None, ...]


class Trends(BaseModel):
    """The last comparable runs and this one: the windows' ends, oldest first, with what each run said and measured."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    ends: tuple[datetime, ...]
    verdicts: tuple[Verdict, ...]
    series: tuple[Series, ...]
    left_out: tuple[str, ...] = ()


def trends(history: History, current: RunMetrics, columns: Iterable[str]) -> Trends | None:
    """Return the trends; None if there is no earlier run to compare with."""
    earlier = history.before(Window(current.start, current.end))
    if not earlier:
        return None
    runs = [*earlier[-_SHOWN_RUNS + 1 :], current]
    wanted = [(metric, "") for metric in current.values if "" in current.values[metric]]
    wanted += [
        (metric, column) for column in columns for metric in _OF_COLUMNS if current.value(metric, column) is not None
    ]
    return Trends(
        ends=tuple(run.end for run in runs),
        verdicts=tuple(run.verdict for run in runs),
        series=tuple(
            Series(metric=metric, column=column or None, values=tuple(run.value(metric, column) for run in runs))
            for metric, column in wanted
        ),
        left_out=history.left_out,
    )
