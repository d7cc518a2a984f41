"""Columns that name a row: one, or two or three together."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING

from maestro_ml.checks.unique import UniqueCheck
from maestro_ml.core.wording import plural
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import TIMES
from maestro_ml.tables.duckdb import in_little_memory
from maestro_ml.validation.suggest.suggestion import Suggestion
from maestro_ml.validation.suggest.window import LearntWindow

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_TOGETHER = (2, 3)
_MOST_COLUMNS, _MOST_ESTIMATED, _MOST_COUNTED = 12, 40, 3
_NEARLY_ALL = 0.9  # what HyperLogLog's estimate has to reach
_PARTS = 64  # into which rows are divided; nearly all columns that repeat a value do so in the first, for less memory
_TIMES = "__maestro_times"  # our own column
_REPEATS_BY_CHANCE = 5  # fewer than so many could be absent by luck
_STEPS_OF_TIMES = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000, 1)  # microseconds


def unique(window: LearntWindow) -> Iterator[Suggestion]:
    """Yield the declared keys, columns that look like one and, where there is none, columns that are one together."""
    declared = {check.columns for check in window.spec.checks if isinstance(check, UniqueCheck)}
    keys = tuple(window.spec.keys)
    candidates = [keys] if keys else []
    candidates += [(name,) for name in window.columns if window.looks_unique(name) and (name,) not in candidates]
    known = bool(declared)
    for columns in candidates:
        if columns in declared or not set(columns) <= set(window.columns):
            continue
        if columns != keys and _repeat_in_part(window, columns):
            continue
        distinct = _distinct(window, columns)
        if distinct == window.rows:
            known = True
            yield _suggested(window, columns)
        elif columns == keys:
            window.notes.append(
                f"the keys are not unique: {plural(window.rows - distinct, 'row')} with those of another"
            )
    if known:
        return
    times = [name for name in window.columns if _is_unique_time(window, name)]
    regular = next((name for name in times if _would_repeat(window, _moments(window, name))), None)
    if regular:
        yield _suggested(window, (regular,))
    else:
        yield from _composite(window, [name for name in window.columns if name not in times])


def _is_unique_time(window: LearntWindow, name: str) -> bool:
    if window.kind(name) not in TIMES or not _could_be_part(window, name):
        return False
    likely = window.found(name)["distinct"] >= _NEARLY_ALL * window.rows
    return likely and _all_differ(window, (name,))


def _moments(window: LearntWindow, name: str) -> int:
    """Return how many values the column could hold from its first to its last, in steps of whole days, hours, ..."""
    moment = f"epoch_us({quoted(name)}::TIMESTAMPTZ)"  # of nanoseconds there is no epoch_us
    uneven = (f"count(*) FILTER ({moment} % {step} <> 0)" for step in _STEPS_OF_TIMES)
    [row] = window.window_rows.rows.aggregate(f"max({moment}) - min({moment}), {', '.join(uneven)}").fetchall()
    step = next(step for step, count in zip(_STEPS_OF_TIMES, row[1:], strict=True) if not count)
    return int(row[0] or 0) // step + 1


def _would_repeat(window: LearntWindow, possible: int) -> bool:
    """Return whether rows that take one of so many values by chance would have repeated some."""
    return window.rows**2 / (2 * possible) >= _REPEATS_BY_CHANCE


def _composite(window: LearntWindow, columns_there: Sequence[str]) -> Iterator[Suggestion]:
    """Find the smallest set of columns no two rows agree in, where independent columns would have repeated."""
    identifying = [name for name in columns_there if _could_be_part(window, name)]
    identifying.sort(key=lambda name: -window.found(name)["distinct"])
    for size in _TOGETHER:
        likely = []
        for columns in combinations(identifying[:_MOST_COLUMNS], size):
            possible = prod(window.found(name)["distinct"] for name in columns)
            enough = possible >= _NEARLY_ALL * window.rows
            if enough and _would_repeat(window, possible):
                likely.append((possible, columns))
        likely.sort()
        estimated = _nearly_unique(window, [columns for _, columns in likely[:_MOST_ESTIMATED]])
        for columns in estimated[:_MOST_COUNTED]:
            if _all_differ(window, columns):
                in_order = tuple(name for name in window.columns if name in columns)
                yield _suggested(window, in_order, "; none of them does so alone")
                return


def _could_be_part(window: LearntWindow, name: str) -> bool:
    values = window.found(name)
    kinds = ("string", "integer", "boolean", "timestamp", "date")
    return window.kind(name) in kinds and not values["missing"] and values["distinct"] > 1


def _nearly_unique(window: LearntWindow, candidates: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    if not candidates:
        return []
    estimates = (f"approx_count_distinct(hash({', '.join(map(quoted, columns))}))" for columns in candidates)
    [counts] = window.window_rows.rows.aggregate(", ".join(estimates)).fetchall()
    return [c for c, count in zip(candidates, counts, strict=True) if count >= _NEARLY_ALL * window.rows]


def _all_differ(window: LearntWindow, columns: tuple[str, ...]) -> bool:
    return not _repeat_in_part(window, columns) and _distinct(window, columns) == window.rows


def _repeat_in_part(window: LearntWindow, columns: tuple[str, ...]) -> bool:
    """Return whether some rows of a part agree: those that do are in it together, for it is chosen by their values."""
    names = ", ".join(map(quoted, columns))
    part = window.window_rows.rows.filter(f"hash({names}) % {_PARTS} = 0")
    twice = part.aggregate(f"{names}, count(*) AS {quoted(_TIMES)}", names).filter(f"{quoted(_TIMES)} > 1").limit(1)
    return bool(in_little_memory(window.dataset.connection, twice.fetchall))


def _distinct(window: LearntWindow, columns: tuple[str, ...]) -> int:
    return _count(window, window.window_rows.rows.project(", ".join(map(quoted, columns))).distinct())


def _count(window: LearntWindow, rows: "DuckDBPyRelation") -> int:
    [(count,)] = in_little_memory(window.dataset.connection, rows.aggregate("count(*)").fetchall)
    return int(count)


def _suggested(window: LearntWindow, columns: tuple[str, ...], more: str = "") -> Suggestion:
    return Suggestion({"check": "unique", "columns": list(columns)}, f"all {window.rows:,} rows differ here{more}")
