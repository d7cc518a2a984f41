"""The first rows that fail a check, to be shown."""

from dataclasses import dataclass

from maestro_ml.core.findings import Sample
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables import OpenDataset, QueryError

HIDDEN = "•••"
_ROWS = 5
_LONGEST = 200


@dataclass(frozen=True)
class Failing:
    """Which rows fail: SQL that is true of them, and the columns that tell a person which they are and why."""

    condition: str
    columns: tuple[str, ...]


def first_failing(dataset: OpenDataset, source: str, failing: Failing) -> Sample | None:
    """The first failing rows; None where the database cannot show them."""
    import duckdb

    columns = [shown(dataset, name) for name in failing.columns]
    sql = f"SELECT {', '.join(columns)} FROM {source} WHERE {failing.condition} LIMIT {_ROWS}"  # noqa: S608
    try:
        rows = dataset.fetch(sql)
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError):  # the counts stand without it
        return None
    return Sample(columns=failing.columns, rows=tuple(rows))


def shown(dataset: OpenDataset, name: str) -> str:
    """SQL for a column's value as text, hidden where the column is `pii`."""
    column = quoted(name)
    if is_pii(dataset, name):
        return f"CASE WHEN {column} IS NOT NULL THEN '{HIDDEN}' END"
    return f"left({column}::VARCHAR, {_LONGEST})"


def is_pii(dataset: OpenDataset, name: str) -> bool:
    return dataset.spec.hides(name)


def telling(dataset: OpenDataset, *names: str) -> tuple[str, ...]:
    """The columns to show for a check of some columns: with the keys and the time, as far as they are there."""
    wanted = (*dataset.spec.keys, dataset.spec.timestamp, *names)
    return tuple(name for name in dict.fromkeys(wanted) if name in dataset.types)
