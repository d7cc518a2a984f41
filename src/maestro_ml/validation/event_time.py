"""Checks of the event time: freshness, rows from the future, rows without a time."""

from collections.abc import Callable

from maestro_ml.checks.failing_rows import Failing, identifying_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.node import format_duration
from maestro_ml.core.results import Count, Result
from maestro_ml.core.wording import duration_against
from maestro_ml.project.datasets import Freshness
from maestro_ml.sql.aggregates import ROWS
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.probes import measure


def freshness(declared: Freshness, context: ValidationContext) -> Finding:
    """Judge the newest row against the window's end, so that a run for July judges July."""
    name = context.spec.event_column
    limit, hidden = declared.max_age, context.spec.hides(name)
    if context.staleness is None:
        message, violated = "there is no row before the window's end", True
    else:
        violated = context.staleness > limit
        age = "some time" if hidden else duration_against(context.staleness, limit)
        message = f"the newest row is {age} older than the window's end"
    return finding(
        "quality",
        "freshness",
        declared.severity,
        f"{message}; at most {format_duration(limit)}",
        violated=violated,
        column=name,
        result=Result(
            details={
                "staleness_seconds": None if hidden or context.staleness is None else context.staleness.total_seconds(),
                "max_age_seconds": limit.total_seconds(),
            }
        ),
    )


def event_time_findings(context: ValidationContext) -> list[Finding]:
    """Look for rows that no window will ever see: later than both the window's end and now, or without a time."""
    if context.spec.timestamp is None:
        return []
    name = context.spec.timestamp
    severity = context.spec.columns[name].severity

    def future(rows: int, count: int) -> Finding:
        message = f"{count:,} of all {rows:,} rows lie in the future, after {context.latest:%Y-%m-%d %H:%M} UTC"
        return finding(
            "quality", "future", severity, message, violated=count > 0, column=name, result=Count(count, rows)
        )

    def on_error(check: str) -> Callable[[Exception], Finding]:
        def failed(error: Exception) -> Finding:
            message = f"could not be checked: {text_of(error)}"
            return finding("quality", check, severity, message, violated=True, column=name)

        return failed

    def untimed(rows: int, count: int) -> Finding:
        message = f"{count:,} of all {rows:,} rows have no event time and belong to no window"
        return finding(
            "quality", "untimed", severity, message, violated=count > 0, column=name, result=Count(count, rows)
        )

    context.measure_times()
    shown = identifying_columns(context.dataset)
    probes = [
        Probe((ROWS, context.future), future, on_error("future"), Failing(context.future.condition, shown)),
        Probe((ROWS, context.untimed), untimed, on_error("untimed"), Failing(context.untimed.condition, shown)),
    ]
    return measure(context.everything, probes)
