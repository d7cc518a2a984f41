"""Columns that name a row: one, or two or three together."""

from collections.abc import Iterator
from itertools import combinations
from math import prod

from maestro_ml.checks.unique import UniqueCheck
from maestro_ml.sql.identifiers import quoted
from maestro_ml.validation.suggest.suggestion import Suggestion
from maestro_ml.validation.suggest.window import LearntWindow

_TOGETHER = (2, 3)
_MOST_COLUMNS, _MOST_ESTIMATED, _MOST_COUNTED = 12, 40, 3
_NEARLY_ALL = 0.9  # what HyperLogLog's estimate has to reach
_REPEATS_BY_CHANCE = 5  # fewer than so many could be absent by luck


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
        distinct = _distinct(window, columns)
        if distinct == window.rows:
            known = True
            yield _suggested(window, columns)
        elif columns == keys:
            window.notes.append(f"the keys are not unique: {window.rows - distinct:,} rows repeat one")
    if not known:
        yield from _composite(window)


def _composite(window: LearntWindow) -> Iterator[Suggestion]:
    """The smallest set of columns no two rows agree in, where independent columns would have repeated themselves."""
    identifying = [name for name in window.columns if _could_be_part(window, name)]
    identifying.sort(key=lambda name: -window.found(name)["distinct"])
    for size in _TOGETHER:
        likely = []
        for columns in combinations(identifying[:_MOST_COLUMNS], size):
            possible = prod(window.found(name)["distinct"] for name in columns)
            enough = possible >= _NEARLY_ALL * window.rows
            if enough and window.rows**2 / (2 * possible) >= _REPEATS_BY_CHANCE:
                likely.append((possible, columns))
        likely.sort()
        estimated = _nearly_unique(window, [columns for _, columns in likely[:_MOST_ESTIMATED]])
        for columns in estimated[:_MOST_COUNTED]:
            if _distinct(window, columns) == window.rows:
                in_order = tuple(name for name in window.columns if name in columns)
                yield _suggested(window, in_order, "; no column does so alone")
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


def _distinct(window: LearntWindow, columns: tuple[str, ...]) -> int:
    distinct = window.window_rows.rows.project(", ".join(map(quoted, columns))).distinct()
    [(count,)] = distinct.aggregate("count(*)").fetchall()
    return int(count)


def _suggested(window: LearntWindow, columns: tuple[str, ...], more: str = "") -> Suggestion:
    return Suggestion({"check": "unique", "columns": list(columns)}, f"all {window.rows:,} rows differ here{more}")
