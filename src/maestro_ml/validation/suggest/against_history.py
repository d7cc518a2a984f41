"""Checks against earlier runs, where there are enough of them."""

from collections.abc import Iterator

from maestro_ml.checks.history import HistoryCheck, NullRateHistoryCheck, RowCountHistoryCheck
from maestro_ml.core.results import AgainstHistory
from maestro_ml.validation.history_checks import against_history
from maestro_ml.validation.probes import measure
from maestro_ml.validation.suggest.suggestion import Suggestion
from maestro_ml.validation.suggest.window import LearntWindow


def of_rows(window: LearntWindow) -> Iterator[Suggestion]:
    check = RowCountHistoryCheck(check="row_count_history")
    if not window.declares(check.check):
        yield from _held(window, check)


def of_missing(window: LearntWindow, name: str) -> Iterator[Suggestion]:
    """Propose a limit where values are now and then missing; where none ever was, `missing` says more."""
    check = NullRateHistoryCheck(check="null_rate_history", column=name)
    runs = window.context.history.before(window.context.window)[-check.runs :]
    if not window.declares(check.check, name) and any(run.value("missing_share", name) for run in runs):
        yield from _held(window, check)


def _held(window: LearntWindow, check: HistoryCheck) -> Iterator[Suggestion]:
    """Yield the check, if there are runs to hold the window against and it is like them."""
    [finding] = measure(window.context.current, [against_history(check, window.context)])
    if not isinstance(finding.result, AgainstHistory) or finding.result.runs < check.min_runs:
        return
    if finding.violated:
        about = f"{finding.column!r}: " if finding.column else ""
        window.notes.append(f"{about}{finding.message}: no check against history is proposed")
    else:
        yield Suggestion(check.model_dump(include={"check", "column"}), finding.message)
