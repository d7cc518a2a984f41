"""Row count and null rate against the runs before."""

from collections.abc import Callable

from maestro_ml.checks.history import HistoryCheck, NullRateHistoryCheck, RowCountHistoryCheck
from maestro_ml.checks.missing import missing_count
from maestro_ml.checks.probe import Probe
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.wording import numbers, percents
from maestro_ml.validation.context import Subject


def against_history(check: HistoryCheck, subject: Subject) -> Probe | Finding:
    match check:
        case RowCountHistoryCheck():
            return _row_count(check, subject)
        case NullRateHistoryCheck():
            return _null_rate(check, subject)


def _row_count(check: RowCountHistoryCheck, subject: Subject) -> Probe:
    def judge(rows: int) -> Finding:
        return _held(check, subject, "rows", rows, "{value} rows", rows=rows)

    return Probe(("count(*)",), judge, _refused(check))


def _null_rate(check: NullRateHistoryCheck, subject: Subject) -> Probe | Finding:
    if check.column not in subject.dataset.types:
        optional = not subject.spec.columns[check.column].required
        message = "the column is optional, and not there" if optional else "cannot be checked: the column is missing"
        return finding("quality", check.check, check.severity, message, violated=not optional, column=check.column)

    def judge(rows: int, count: int) -> Finding:
        rate = count / rows if rows else None
        told = f"{count:,} of {rows:,} ({{value}}) missing" if count else f"0 of {rows:,} missing"
        return _held(check, subject, "missing_share", rate, told, count=count, rows=rows)

    return missing_count(subject.dataset, check.column, judge, _refused(check))


def _refused(check: HistoryCheck) -> Callable[[Exception], Finding]:
    def failed(error: Exception) -> Finding:
        column = check.column if isinstance(check, NullRateHistoryCheck) else None
        message = f"could not be checked: {type(error).__name__}"
        return finding("quality", check.check, check.severity, message, violated=True, column=column)

    return failed


def _held(check: HistoryCheck, subject: Subject, metric: str, value: float | None, told: str, **counts: int) -> Finding:
    column = check.column if isinstance(check, NullRateHistoryCheck) else None
    shown: Callable[..., list[str]] = percents if column else numbers
    baseline = subject.history.baseline(metric, column or "", subject.window, check.season, check.runs)
    runs = baseline.runs if baseline else 0
    day = f" on a {subject.window.end:%A}" if check.season == "weekday" else ""
    if value is None or baseline is None or runs < check.min_runs:
        reason = (
            "the window is empty"
            if value is None
            else f"{runs} earlier runs{day}, {check.min_runs} are needed (min_runs)"
        )
        message = f"{told.format(value=shown(value or 0)[0])}; not compared: {reason}"
        return finding(
            "quality", check.check, check.severity, message, violated=False, column=column, runs=runs, **counts
        )
    smallest = check.min_change if column else check.min_change * baseline.median
    low, high = baseline.limits(check.factor, smallest)
    now, least, most, median = shown(value, low, high, baseline.median)
    message = (
        f"{told.format(value=now)}; the last {runs} runs{day} say {least} to {most} "
        f"(median {median} +- {check.factor:g} MAD)"
    )
    return finding(
        "quality",
        check.check,
        check.severity,
        message,
        violated=not low <= value <= high,
        column=column,
        low=low,
        high=high,
        median=baseline.median,
        runs=runs,
        **counts,
    )
