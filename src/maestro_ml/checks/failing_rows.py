"""Which rows fail a check, and how they are shown."""

from dataclasses import dataclass

from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import quoted

HIDDEN = "•••"
_LONGEST = 200
_FIRST = 3  # columns


@dataclass(frozen=True)
class Failing:
    """Which rows fail: SQL that is true of them, and the columns that tell a person which they are and why."""

    condition: str
    columns: tuple[str, ...]


def shown_value(dataset: Columns, name: str) -> str:
    """Return SQL for a column's value as text, hidden where the column is `pii`."""
    column = quoted(name)
    if is_pii(dataset, name):
        return f"CASE WHEN {column} IS NOT NULL THEN '{HIDDEN}' END"
    return f"left({column}::VARCHAR, {_LONGEST})"


def is_pii(dataset: Columns, name: str) -> bool:
    return dataset.spec.hides(name)


def identifying_columns(dataset: Columns, *names: str) -> tuple[str, ...]:
    """Return the columns to show for a check of some columns: with the keys and the time, as far as they are there.

    Where there are neither, the first columns of the contract stand for them.
    """
    time = dataset.spec.timestamp
    known = (*dataset.spec.keys, *(() if time is None else (time,))) or tuple(dataset.spec.columns)[:_FIRST]
    return tuple(name for name in dict.fromkeys((*known, *names)) if name in dataset.types)
