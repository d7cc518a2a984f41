"""Row count and null rate against the runs before."""

from collections.abc import Callable

from maestro_ml.checks.history import HistoryCheck, NullRateHistoryCheck
from maestro_ml.checks.missing import missing_count
from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import AgainstHistory, Count, Result
from maestro_ml.core.wording import numbers, percents
from maestro_ml.sql.aggregates import ROWS
from maestro_ml.validation.context import ValidationContext


def against_history(check: HistoryCheck, context: ValidationContext) -> Probe | Finding:
    """Return how to measure a check against earlier runs."""
    return _null_rate(check, context) if isinstance(check, NullRateHistoryCheck) else _row_count(check, context)


def _row_count(check: HistoryCheck, context: ValidationContext) -> Probe:
    def judge(rows: int) -> Finding:
        return _compare(check, context, "rows", rows, "{value} rows", Result(details={"rows": rows}))

    return Probe((ROWS,), judge, _on_error(check), None)


def _null_rate(check: NullRateHistoryCheck, context: ValidationContext) -> Probe | Finding:
    if check.column not in context.dataset.types:
        declared = context.spec.columns.get(check.column)
        optional = declared is not None and not declared.required
        message = "the column is optional, and not there" if optional else "cannot be checked: the column is missing"
        return finding("quality", check.check, check.severity, message, violated=not optional, column=check.column)

    def judge(rows: int, count: int) -> Finding:
        rate = count / rows if rows else None
        description = f"{count:,} of {rows:,} ({{value}}) missing" if count else f"0 of {rows:,} missing"
        return _compare(check, context, "missing_share", rate, description, Count(count, rows))

    return missing_count(context.dataset, check.column, judge, _on_error(check), None)


def _on_error(check: HistoryCheck) -> Callable[[Exception], Finding]:
    def failed(error: Exception) -> Finding:
        column = check.column if isinstance(check, NullRateHistoryCheck) else None
        message = f"could not be checked: {type(error).__name__}"
        return finding("quality", check.check, check.severity, message, violated=True, column=column)

    return failed


def _compare(
    check: HistoryCheck,
    context: ValidationContext,
    metric: str,
    value: float | None,
    description: str,
    measured: Result,
) -> Finding:
    column = check.column if isinstance(check, NullRateHistoryCheck) else None
    shown: Callable[..., list[str]] = percents if column else numbers
    usual = context.history.usual(metric, column or "", context.window, check.season, check.runs)
    runs = usual.runs if usual else 0
    day = f" on a {context.window.end:%A}" if check.season == "weekday" else ""
    if value is None or usual is None or runs < check.min_runs:
        reason = (
            "the window is empty"
            if value is None
            else f"{runs} earlier runs{day}, {check.min_runs} are needed (min_runs)"
        )
        message = f"{description.format(value=shown(value or 0)[0])}; not compared: {reason}"
        result = AgainstHistory(measured, runs)
        return finding("quality", check.name(), check.severity, message, violated=False, column=column, result=result)
    smallest = check.min_change if column else check.min_change * usual.median
    low, high = usual.limits(check.factor, smallest)
    now, least, most, median = shown(value, low, high, usual.median)
    message = (
        f"{description.format(value=now)}; the last {runs} runs{day} say {least} to {most} "
        f"(median {median} +- {check.factor:g} MAD)"
    )
    return finding(
        "quality",
        check.name(),
        check.severity,
        message,
        violated=not low <= value <= high,
        column=column,
        result=AgainstHistory(measured, runs, low, high, usual.median),
    )
