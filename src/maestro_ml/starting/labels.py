"""What a model of a table could predict, and which columns give the answer away."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.metrics.metric import Task
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import TIMES
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.rows import all_rows, parts
from maestro_ml.tables import LocalTable

_NAMES = frozenset(
    ["label", "target", "outcome", "y", "response", "diagnosis", "species", "survived", "churn", "churned", "fraud"]
)
# Names of features as well: the class of a ticket, the price of an order.
_COMMON_NAMES = frozenset(["class", "default", "late", "result", "category", "price", "quality"])
_PARTS_OF_DATES = re.compile(
    r"(^|_|\b)(year|yr|month|quarter|week|day|hour|minute)($|_|\b)"
)  # say when, as a time does
_PREFIXES = ("is_", "has_", "target_", "label_")
_TWO, _MOST_TEXTS, _MOST_WHOLE = 2, 50, 20
_ROWS_A_CLASS = 5
_LOOKED_AT = 500  # columns
_SAME = 0.9999  # correlation


def task_of(column: Column) -> Task | None:
    """Return what predicting a column would be; None where nothing could learn it."""
    values = column.distinct
    if values < _TWO or column.type in ("timestamp", "date"):
        return None
    enough = column.filled >= _ROWS_A_CLASS * values
    if column.type == "boolean" or values == _TWO:
        return "binary"
    if column.type == "string":
        return "multiclass" if enough and values <= _MOST_TEXTS else None
    if column.type == "integer" and enough and values <= _MOST_WHOLE:
        return "multiclass"
    return None if column.is_unique and column.type == "integer" else "regression"


def likely_label(table: Described, ignored: Sequence[str] = ()) -> tuple[Column | None, str]:
    """Return the column that a model would most likely predict, and why it is taken for that."""
    possible = [c for c in table.columns if c.name not in ignored and task_of(c) and not _says_when(c)]
    if not possible or len(table.columns) == 1:
        return None, "no column has values that a model could predict from the others"
    folders = table.source.get("partitions", [])
    placed = [c for c in table.columns if c.type not in TIMES and c.name not in folders and not _says_when(c)]
    placed = placed or list(table.columns)
    last_of_two = placed[-1] if placed[-1] in possible and task_of(placed[-1]) == "binary" else None
    if column := _by_name(possible, last_of_two):
        return column, "its name"
    booleans = [c for c in possible if c.type == "boolean"]
    if len(booleans) == 1 and not last_of_two:
        return booleans[0], "it is the only column of yes and no"
    for place, column in (("last", placed[-1]), ("first", placed[0])):
        if column in possible and task_of(column) != "regression":
            of = "" if column in (table.columns[0], table.columns[-1]) else " that is no time"
            return column, f"it is the {place} column{of}, and has {column.distinct} values"
    last = placed[-1]
    return (last, "it is the last column") if last in possible else (None, "no column looks like one")


def _by_name(possible: Sequence[Column], last_of_two: Column | None) -> Column | None:
    """Return the column whose name is that of a label.

    Args:
        last_of_two: the last column, if it has two values: it is likelier than a name that features have as well.
    """
    certain = (c for c in possible if c.name.lower() in _NAMES)
    prefixed = (c for c in possible if c.name.lower().startswith(_PREFIXES) and task_of(c) != "regression")
    common = (c for c in possible if c.name.lower() in _COMMON_NAMES and last_of_two in (None, c))
    return next(chain(certain, prefixed, common), None)


def _says_when(column: Column) -> bool:
    return column.type == "integer" and _PARTS_OF_DATES.search(column.name.lower()) is not None


def named_label(table: Described, name: str) -> Column:
    """Return the column of this name; raises RequestError if there is none, or nothing could learn it."""
    column = table.column(name)
    if column is None:
        raise RequestError(f"no column '{name}'{did_you_mean(name, [c.name for c in table.columns])}")
    if task_of(column) is None:
        raise RequestError(f"'{name}' cannot be a label: {column.distinct:,} different values of type {column.type}")
    return column


def leaks(table: LocalTable, described: Described, label: Column) -> dict[str, str]:
    """Return the columns from which the label follows, each with how."""
    task = task_of(label)
    others = [c for c in described.columns if c.name != label.name and c.distinct >= _TWO][:_LOOKED_AT]
    found: dict[str, str] = {}
    if task == "regression":
        numbers = [c for c in others if c.is_number]
        for column, value in zip(numbers, _row(table, [_corr(c, label) for c in numbers]), strict=True):
            if value is not None and abs(value) > _SAME:
                found[column.name] = f"its correlation with '{label.name}' is {value:.4f}"
        return found
    repeated = [c for c in others if label.distinct <= c.distinct <= c.filled / _ROWS_A_CLASS]
    pairs = [
        f"count(DISTINCT hash({quoted(c.name)}, {quoted(label.name)})) FILTER ({_both(c, label)})" for c in repeated
    ]
    alone = [f"count(DISTINCT {quoted(c.name)}) FILTER ({_both(c, label)})" for c in repeated]
    values = _row(table, [*pairs, *alone])
    for column, pair, one in zip(repeated, values, values[len(pairs) :], strict=False):
        if pair == one:
            found[column.name] = f"each of its {column.distinct:,} values has one '{label.name}' only"
    numbers = [c for c in others if c.is_number and c.name not in found and c.distinct > label.distinct]
    for some in parts(numbers):
        for column in _with_separate_ranges(table, some, label):
            found[column.name] = f"its range is another one for each '{label.name}'"
    return found


def _corr(column: Column, label: Column) -> str:
    return f"corr({quoted(column.name)}::DOUBLE, {quoted(label.name)}::DOUBLE)"


def _both(column: Column, label: Column) -> str:
    return f"{quoted(column.name)} IS NOT NULL AND {quoted(label.name)} IS NOT NULL"


def _row(table: LocalTable, measures: Sequence[str]) -> Sequence[Any]:
    values: list[Any] = []
    for some in parts(measures):
        [row] = all_rows(table).aggregate(", ".join(some)).fetchall()
        values += row
    return tuple(values)


def _with_separate_ranges(table: LocalTable, columns: Sequence[Column], label: Column) -> Iterator[Column]:
    """Yield the columns whose ranges for different labels do not touch."""
    relation = all_rows(table).filter(f"{quoted(label.name)} IS NOT NULL")
    names = [quoted(column.name) for column in columns]
    ends = [measure for name in names for measure in (f"min({name})", f"max({name})", f"count({name})")]
    rows = relation.aggregate(", ".join(ends), quoted(label.name)).fetchall()
    for i, column in enumerate(columns):
        found = [row[3 * i : 3 * i + 3] for row in rows]
        ranges = sorted((low, high, count) for low, high, count in found if count)
        enough = len(ranges) > 1 and all(count >= _ROWS_A_CLASS for *_, count in ranges)
        if enough and all(high < low for (_, high, _), (low, *_) in pairwise(ranges)):
            yield column
