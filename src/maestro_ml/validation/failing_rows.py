"""The first rows that fail a check, to be shown."""

from maestro_ml.checks.failing_rows import Failing, shown_value
from maestro_ml.core.findings import ShownRows
from maestro_ml.tables import QueryError, Table

_ROWS = 5


def first_failing(dataset: Table, source: str, failing: Failing) -> ShownRows | None:
    """Return the first failing rows; None where the database cannot show them."""
    import duckdb

    columns = [shown_value(dataset, name) for name in failing.columns]
    sql = f"SELECT {', '.join(columns)} FROM {source} WHERE {failing.condition} LIMIT {_ROWS}"  # noqa: S608
    try:
        rows = dataset.fetch(sql)
    except duckdb.InterruptException:
        raise
    except (duckdb.Error, QueryError):  # the counts stand without it
        return None
    return ShownRows(columns=failing.columns, rows=tuple(rows))
