"""What of a report is kept for the runs after it."""

import math
from collections.abc import Iterator

from maestro_ml.core.results import AgainstHistory, Count
from maestro_ml.sql.types import NUMERIC
from maestro_ml.validation.drift.effect import effect_size
from maestro_ml.validation.history.runs import RunMetrics
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.report.model import Report

_MISSING = ("missing", "null_rate_history")  # checks whose `count` of `rows` are missing values


def run_metrics(report: Report, run: str) -> RunMetrics:
    """Return the report's numbers under the names trends and history checks know them by.

    Args:
        run: names the run; the same run made again has the same name.
    """
    values: dict[str, dict[str, float]] = {}
    for metric, column, value in _numbers(report):
        if value is not None and math.isfinite(value):
            values.setdefault(metric, {})[column] = float(value)
    return RunMetrics(
        run=run,
        start=report.window.start,
        end=report.window.end,
        created=report.created,
        verdict=report.verdict,
        values=values,
    )


def _numbers(report: Report) -> Iterator[tuple[str, str, float | None]]:
    yield "rows", "", report.rows
    yield "errors", "", report.count("error")
    yield "warnings", "", report.count("warn")
    yield "staleness_seconds", "", report.staleness.total_seconds() if report.staleness else None
    yield "anomaly_rate", "", report.anomaly_rate
    if tests := report.drift_tests:
        yield "drifted_columns", "", sum(test.violated for test in tests)
    for test in reversed(tests):  # of several tests of a column the largest stays
        yield "drift", test.column or "", effect_size(test)
    # A column without a name could not be distinguished from the dataset.
    for profile in (p for p in report.profiles if p.column):
        for metric, value in _of_column(profile):
            yield metric, profile.column, value
    for found in report.findings:  # of every row, where the profile may have looked at some
        result = found.result
        if found.check in _MISSING and found.column and isinstance(result, Count | AgainstHistory):
            yield "missing_share", found.column, result.share


def _of_column(profile: ColumnProfile) -> Iterator[tuple[str, float | None]]:
    side = profile.current
    yield "missing_share", side.missing / side.rows if side.rows else None
    yield "distinct", side.distinct
    yield "mean", side.mean
    yield "median", side.quantiles.get("0.5")
    for metric, value in (("low", side.low), ("high", side.high)):
        yield metric, None if value is None or profile.kind not in NUMERIC else float(value)
