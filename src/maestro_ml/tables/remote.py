"""A dataset whose rows stay in another engine: SQL goes there, and aggregates, a few rows or a sample come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from maestro_ml.project import Project, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.sql.dialects.base import Dialect
from maestro_ml.sql.dialects.translate import tables_of, text_of, translated
from maestro_ml.sql.identifiers import quoted, view_name
from maestro_ml.tables.engine import Engine
from maestro_ml.tables.local import LocalTable
from maestro_ml.tables.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HASHES = 2**64
_MORE = 1.5  # times as many rows as wanted pass the filter before the sort, so that too few hardly ever do


def _number(value: Any) -> Any:
    """Return a whole number that comes as a decimal as an int."""
    whole = isinstance(value, Decimal) and value.is_finite() and value.as_tuple().exponent == 0
    return int(value) if whole else value


@dataclass(frozen=True)
class RemoteTable(Table):
    """A dataset in another engine.

    Attributes:
        column_types: as `types`.
        select: a query for all rows in the engine's dialect.
        views: queries in the engine's dialect, by the names SQL may use for their rows.
        rounded_by: queries for how many values the engine rounds, by the columns that may have some.
    """

    column_types: dict[str, str] = field(kw_only=True)
    engine: Engine = field(kw_only=True)
    select: str = field(kw_only=True)
    views: dict[str, str] = field(kw_only=True, default_factory=dict)
    rounded_by: Mapping[str, str] = field(kw_only=True, default_factory=dict)

    @classmethod
    def on(
        cls,
        engine: Engine,
        name: str,
        spec: Dataset,
        connection: "DuckDBPyConnection",
        project: Project,
        views: dict[str, str] | None = None,
    ) -> "RemoteTable":
        """Find a dataset in an engine; raises DataError if the table is not there, or cannot be read."""
        table = engine.table(connection, spec)
        types = dict(zip(table.typed.columns, map(str, table.typed.types), strict=True))
        return cls(
            name,
            spec.completed(types),
            connection,
            files=table.files,
            project=project,
            column_types=types,
            engine=engine,
            select=table.select,
            views={} if views is None else views,
            rounded_by=table.rounded,
        )

    @property
    def types(self) -> dict[str, str]:
        return self.column_types

    @property
    def dialect(self) -> Dialect:
        return self.engine.dialect

    def open_beside(self, project: Project, name: str) -> "RemoteTable":
        return self.on(self.engine, name, project.datasets[name], self.connection, project, self.views)

    def create_view(self, name: str, window: Window | None = None) -> None:
        if window is None:
            self.views[name] = self.select
            return
        inside = self.inside(window)
        self.views[self._everything] = self.select
        rows = translated(f"SELECT * FROM {quoted(self._everything)} WHERE {inside}", self.dialect)  # noqa: S608
        self.views[name] = text_of(rows, self.dialect)

    @property
    def _everything(self) -> str:
        return view_name(self.name, "everything")

    @cached_property
    def rounded(self) -> Mapping[str, int]:
        """How many values of a column the engine rounds, by the columns that have some."""
        counts = {column: int(self.engine.fetch(query)[0][0]) for column, query in self.rounded_by.items()}
        return {column: count for column, count in counts.items() if count}

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(map(_number, row)) for row in self.engine.fetch(self.own_sql(sql))]

    def scan(self, sql: str) -> list[tuple[Any, ...]]:
        return self.fetch(sql)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.fetch(sql)

    def own_sql(self, sql: str) -> str:
        """Write a query in the engine's dialect, after the views it reads: nothing is made in the engine."""
        tree = translated(sql, self.dialect)
        text = text_of(tree, self.dialect)
        views = self._needed(tables_of(tree))
        return f"WITH {', '.join(views)} {text}" if views else text

    def _needed(self, names: list[str]) -> list[str]:
        import sqlglot

        dialect = self.dialect
        needed: dict[str, str] = {}

        def need(name: str) -> None:
            if name not in self.views or name in needed:
                return
            if name != self._everything:  # the others are made of it
                for inner in tables_of(sqlglot.parse_one(self.views[name], dialect=dialect.name)):
                    need(inner)
            identifier = sqlglot.to_identifier(name, quoted=True).sql(dialect=dialect.name)
            needed[name] = f"{identifier} AS {dialect.view_hint}({self.views[name]})"

        for name in names:
            need(name)
        return list(needed.values())

    @cached_property
    def _comparable_columns(self) -> list[str]:
        return [name for name in self.types if self.kind(name) != "other"]

    def extract(self, window: Window | None, most: int) -> LocalTable:
        """Sample the window's rows into DuckDB, the same ones in every run; all rows if there are at most `most`.

        Rows are chosen by a hash of their values, so that neither the order of storage nor the number of workers
        matters; rows that are equal in every column are chosen together. Of nested columns only whether they are null
        is kept.
        """
        view = self.view_of(window)
        self.create_view(view, window)
        [[count]] = self.fetch(f"SELECT count(*) FROM {quoted(view)}")  # noqa: S608
        columns = ", ".join(self._extracted(name) for name in self.types)
        sql = f"SELECT {columns} FROM {quoted(view)}"  # noqa: S608
        if count > most:
            place = f"hash({', '.join(map(quoted, self._comparable_columns))})"
            last = round(_HASHES * min(1.0, _MORE * most / count)) - _HASHES // 2 - 1
            sql += f" WHERE {place} <= {last} ORDER BY {place} LIMIT {int(most)}"
        rows = self.connection.from_arrow(self.engine.arrow(self.own_sql(sql)))
        return LocalTable(self.name, self.spec, self.connection, rows, project=self.project)

    def _extracted(self, column: str) -> str:
        name = quoted(column)
        if self.kind(column) == "other":
            return f"CASE WHEN {name} IS NOT NULL THEN ''::BLOB END AS {name}"
        return name
