"""Which columns a model can learn from, and why not from the others; what its gate asks."""

from collections.abc import Collection, Sequence
from typing import Any

from maestro_ml.metrics.metric import Task
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import TIMES
from maestro_ml.starting.columns import Column, Described
from maestro_ml.starting.labels import task_of
from maestro_ml.starting.rows import all_rows
from maestro_ml.tables import LocalTable

_IDS = ("id", "uuid", "key", "index", "no", "nr", "number", "row", "unnamed: 0", "column0")
_COUNTED = 20  # so many rows that whole numbers without a gap are no accident
_MOST_CATEGORIES = 50
_SENTENCE = 12  # characters
_RARELY = 0.2  # of the rows: a text with so many different values names the row rather than describes it
_NAMES_OF_NUMBERS = ("id", "uuid", "zip", "zipcode", "zip_code", "postcode", "postal_code", "plz", "phone")
_EXACT = 2**53  # beyond it, a model's numbers are rounded
_IMBALANCED = 0.8  # of the rows in one class


def is_identifier(column: Column) -> bool:
    """Return whether a column names the row: all values differ, and it is text, has such a name, or counts the rows."""
    if not column.is_unique or column.type not in ("string", "integer"):
        return False
    name = column.name.lower()
    if column.type == "string" and " " in str(column.low):
        return False  # a sentence
    if column.type == "string" or name in _IDS or name.endswith(("_id", "_no", "_key", " id")):
        return True
    return column.rows >= _COUNTED and isinstance(column.low, int) and column.high - column.low == column.rows - 1


def is_name(column: Column) -> bool:
    """Return whether a column's whole numbers are names: many, and called so, or too long for an amount."""
    if column.type != "integer" or column.low is None:
        return False
    called = column.name.lower()
    is_called_so = called in _NAMES_OF_NUMBERS or called.endswith(("_id", " id")) or column.name.endswith("Id")
    many = column.distinct > _MOST_CATEGORIES
    return (many and is_called_so) or max(abs(column.low), abs(column.high)) > _EXACT


def features_of(
    table: Described, label: Column, leaks: dict[str, str], equal: Sequence[str], keys: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Return the columns to learn from, and the others with the reason why not."""
    used, others = [], {}
    for column in table.columns:
        if column.name == label.name:
            continue
        if is_text(column) and column.name not in (*keys, *leaks, *equal, *table.ambiguous):
            used.append(column.name)
            continue
        if reason := "names the row" if column.name in keys else _unsuited(column, leaks, equal, table.ambiguous):
            others[column.name] = reason
        else:
            used.append(column.name)
    if not used:  # better a text than nothing
        texts = [c.name for c in table.columns if c.type == "string" and c.name != label.name and c.distinct > 1]
        used = [name for name in texts if name not in leaks and name not in table.ambiguous]
        others = {name: reason for name, reason in others.items() if name not in used}
    return used, others


def _unsuited(  # noqa: PLR0911 - a reason each
    column: Column, leaks: dict[str, str], equal: Sequence[str], ambiguous: Collection[str]
) -> str | None:
    if column.name in leaks:
        return leaks[column.name]
    if column.type in TIMES:
        return f"a {column.type}"
    if column.distinct <= 1:
        return "the same in every row"
    if is_identifier(column):
        return "names the row"
    if is_name(column):
        return "its numbers are names"
    if column.name in equal:
        return "equal to another column"
    if column.name in ambiguous:
        return "times that can be read in several ways"
    if column.type == "string" and column.distinct > max(_MOST_CATEGORIES, _RARELY * column.rows):
        return f"text with {column.distinct:,} different values"
    return None


def is_text(column: Column) -> bool:
    """Return whether a column holds sentences rather than names or codes."""
    many = column.distinct > max(_MOST_CATEGORIES, _RARELY * column.rows)
    return column.type == "string" and many and column.length > _SENTENCE and " " in str(column.low)


def gate_of(table: LocalTable, label: Column) -> tuple[dict[str, Any], str]:
    """Return a gate that the baseline does not pass, and why it is that one."""
    name = quoted(label.name)
    present = all_rows(table).filter(f"{name} IS NOT NULL")
    task: Task | None = task_of(label)
    if task == "regression":
        [(error,)] = present.aggregate(f"avg(abs({name}::DOUBLE - {_median(table, name)}))").fetchall()
        limit = float(f"{0.9 * error:.3g}")
        return (
            {"metric": "mae", "below": limit},
            f"always answering the median is wrong by {error:.4g} on average; it must be a tenth less",
        )
    [(commonest, rows)] = (
        present.aggregate(f"{name}, count(*) AS n").order("n DESC").limit(1).project(f"n, {label.filled}").fetchall()
    )
    share = commonest / rows
    if share > _IMBALANCED and task == "binary":
        why = f"one class has {share:.1%} of the rows, so that accuracy says little; 0.5 is what guessing reaches"
        return {"metric": "roc_auc", "above": 0.6}, why
    limit = round(min(share + 0.2 * (1 - share), 0.99), 3)
    return {"metric": "accuracy", "above": limit}, f"always answering the commonest class is right in {share:.1%}"


def _median(table: LocalTable, name: str) -> float:
    [(value,)] = all_rows(table).aggregate(f"median({name}::DOUBLE)").fetchall()
    return float(value)
