"""Checks proposed from what a window holds: a start for a contract, each with its evidence. All of them pass there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from maestro_ml.core.wording import plural
from maestro_ml.project import Project, RequestError, Window
from maestro_ml.tables import open_dataset
from maestro_ml.tables.extent import where_rows_are
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.history.runs import NO_HISTORY, History
from maestro_ml.validation.suggest import against_history, keys, values
from maestro_ml.validation.suggest.contract import contract
from maestro_ml.validation.suggest.limits import half_and_twice
from maestro_ml.validation.suggest.suggestion import Suggestion, Suggestions
from maestro_ml.validation.suggest.texts import of_text
from maestro_ml.validation.suggest.window import LearntWindow
from maestro_ml.validation.suggest.writing import as_yaml

__all__ = ["Suggestion", "Suggestions", "as_yaml", "expected_rows", "suggest"]


def expected_rows(count: int) -> tuple[int, int]:
    """Return the limits of a check of rows, from a number of rows that was right."""
    return half_and_twice(count)


def suggest(project: Project, name: str, window: Window, history: History = NO_HISTORY) -> Suggestions:
    """Look at every row of the window, and propose what is not declared yet.

    Args:
        history: earlier runs; of enough of them come checks against them.

    Raises:
        RequestError: there is no row to learn from.
        DataError: the source cannot be read.
        NoEventTime: the window cannot be cut.
    """
    with open_dataset(project, name, [window], many_passes=True) as dataset:
        context = ValidationContext(dataset, window, datetime.now(UTC), history)
        if not context.current.count:
            advice = where_rows_are(dataset, window, context.now)
            raise RequestError(f"{name} has no row in {context.current}: nothing can be learnt{advice}")
        learnt = LearntWindow(context)
        learnt.notes.extend(f"{column!r} is not in the contract, and was not read" for column in dataset.unread)
        learnt.notes.extend(
            f"{column!r} is not in the contract: {dataset.kind(column)}"
            for column in dataset.types
            if column not in context.spec.columns
        )
        columns = {} if project.datasets[name].columns else contract(learnt)
        checks = tuple(each for each in _proposed(learnt) if not _is_said(each, columns))
        spec = context.spec
        staleness = context.staleness if spec.freshness is None and not spec.hides(spec.timestamp or "") else None
        gap = timedelta() if staleness is None else _longest_gap(learnt)
    return Suggestions(
        dataset=name,
        window=window,
        rows=context.current.count,
        checks=checks,
        max_age=timedelta(hours=1) + max(_hours(2 * staleness), _hours(gap)) if staleness else None,
        staleness=staleness,
        gap=gap,
        notes=tuple(learnt.notes),
        columns=columns,
    )


def _longest_gap(window: LearntWindow) -> timedelta:
    """Return the longest time between two neighbouring rows of the window."""
    times = window.window_rows.rows.project(f"epoch_us({window.dataset.event_time}) AS moment")
    gaps = times.project("moment - lag(moment) OVER (ORDER BY moment) AS gap")
    [(found,)] = gaps.aggregate("max(gap)").fetchall()
    return timedelta(microseconds=found or 0)


def _hours(age: timedelta) -> timedelta:
    return age // timedelta(hours=1) * timedelta(hours=1)


def _is_said(suggestion: Suggestion, columns: dict[str, dict[str, Any]]) -> bool:
    """Return whether the proposed contract says it already: that no value is missing."""
    check = suggestion.check
    plain = check["check"] == "missing" and "max_share" not in check
    return plain and columns.get(check["column"], {}).get("nullable") is False


def _proposed(window: LearntWindow) -> Iterator[Suggestion]:
    if not window.declares("rows"):
        low, high = half_and_twice(window.rows)
        yield Suggestion({"check": "rows", "min": low, "max": high}, f"{plural(window.rows, 'row')} in this window")
    yield from against_history.of_rows(window)
    yield from keys.unique(window)
    for name in window.columns:
        for proposal in (values.missing(window, name), _of_numbers(window, name), *_of_text(window, name)):
            if proposal and not window.declares(proposal.check["check"], name):
                yield proposal
        yield from against_history.of_missing(window, name)


def _of_numbers(window: LearntWindow, name: str) -> Suggestion | None:
    """Propose a list of a few whole numbers, else a range: what one of them already limits is left alone."""
    if window.declares("allowed", name) or window.declares("range", name):
        return None
    return values.allowed_numbers(window, name) or values.value_range(window, name)


def _of_text(window: LearntWindow, name: str) -> Iterator[Suggestion | None]:
    """Propose a list of values, else a shape, else a length: the first says most."""
    if not window.declares("allowed", name):
        listed = values.allowed(window, name)
        yield listed or of_text(window, name)
