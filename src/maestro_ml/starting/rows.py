"""The rows of a table that is only looked at: all of them, many columns at a time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from maestro_ml.project import Project
from maestro_ml.sql.types import ColumnType
from maestro_ml.tables import LocalTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

T = TypeVar("T")
NAME = "table"  # of the dataset while it is only looked at
_WIDE, _COPY = 300, "copy of all rows"
_AT_ONCE = 200  # columns of a query


def project_of(
    source: dict[str, Any],
    columns: dict[str, ColumnType],
    written: Mapping[str, dict[str, str]] = {},
    **dataset: Any,
) -> Project:
    """Return a project of this one table; `written` has further keys of columns, such as a unit."""
    contract = {name: {"type": type_, "required": False, **written.get(name, {})} for name, type_ in columns.items()}
    spec = {"source": source, "columns": contract, "extra_columns": "allow", **dataset}
    return Project.model_validate({"name": "scan", "datasets": {NAME: spec}})


def all_rows(table: LocalTable) -> "DuckDBPyRelation":
    """Return all rows of a table; of a wide one a copy, because each query would plan the reading of every column."""
    if len(table.types) <= _WIDE:
        return table.rows(None)
    if (_COPY,) not in table.query("SELECT table_name FROM duckdb_tables()"):
        table.rows(None).create(_COPY)
    return table.connection.table(_COPY)


def parts(measured: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield as many at a time as one query measures: with many more, DuckDB plans longer than it counts."""
    for start in range(0, len(measured), _AT_ONCE):
        yield measured[start : start + _AT_ONCE]
