"""Numbers about the rows of a table, known by what they measure, not by how their SQL is spelled."""

from dataclasses import dataclass
from typing import Literal

from maestro_ml.sql.dialects.base import Dialect
from maestro_ml.sql.identifiers import quoted

_SQL = {
    "rows": "count(*)",
    "present": "count({})",
    "smallest": "min({})",
    "largest": "max({})",
    "nan": "count(*) FILTER (WHERE isnan({}))",
}


@dataclass(frozen=True)
class Aggregate:
    """An aggregate over rows: two that are equal measure the same, and are measured once.

    Attributes:
        kind: `rows` counts rows, `present` values that are not null, `nan` those that are NaN; `nan_sign` is NaN if one
            of the values is (or, possibly, if both infinities are among them).
        column: what it is of; none for `rows`.
        condition: SQL that is true of the rows it is over; empty for all. Not for `nan`.
    """

    kind: Literal["rows", "present", "smallest", "largest", "nan", "nan_sign"]
    column: str = ""
    condition: str = ""

    def sql(self, dialect: Dialect) -> str:
        """Write the aggregate in DuckDB's SQL, as the dialect needs it."""
        template = dialect.nan_sign if self.kind == "nan_sign" else _SQL[self.kind]
        over = f" FILTER (WHERE {self.condition})" if self.condition else ""
        return template.format(quoted(self.column)) + over


ROWS = Aggregate("rows")
Expression = Aggregate | str  # a text is SQL that nothing else knows
