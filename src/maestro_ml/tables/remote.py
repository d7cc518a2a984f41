"""A dataset whose rows stay where they are: SQL goes there, and aggregates, a few rows or a sample come back."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from maestro_ml.core.window import stamp
from maestro_ml.project import Window
from maestro_ml.sql.dialects.translate import Dialect, tables_of, text_of, translated
from maestro_ml.sql.identifiers import quoted, view_name
from maestro_ml.tables.local import OpenDataset

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation
    from sqlglot.expressions import Expr

    from maestro_ml.project.datasets import Dataset
    from maestro_ml.tables.sources.schema import SourceFiles

_HASHES = 2**64
_UNIT = re.compile(r"_(NS|MS|S)$")
_MORE = 1.5  # times as many rows as wanted pass the filter before the sort, so that too few hardly ever do


@dataclass(frozen=True)
class Table:
    """Where a dataset lies in an engine.

    Attributes:
        select: a query in the engine's own dialect that gives the rows with every column in the type DuckDB has for it.
        typed: a relation on the local connection with the columns in these types; its rows are not read.
        files: the files behind it, where it is Parquet.
        cut: for the columns whose nanoseconds the engine cuts off, a query for how many values have some.
    """

    select: str
    typed: "DuckDBPyRelation"
    files: "SourceFiles | None" = None
    cut: dict[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """What an engine must do; what it refuses is a QueryError, what ends the work a DataError."""

    dialect: Dialect

    def table(self, connection: "DuckDBPyConnection", spec: "Dataset") -> Table: ...

    def fetch(self, sql: str) -> list[tuple[Any, ...]]: ...

    def arrow(self, sql: str) -> Any:
        """Return the rows as a pyarrow.Table."""


@dataclass(frozen=True)
class Named:
    """What the checks need of a relation: a name for it."""

    views: dict[str, str]
    select: str

    def create_view(self, name: str, replace: bool = True) -> None:  # noqa: ARG002 - as DuckDB's
        """Let queries read it by this name."""
        self.views[name] = self.select


def _number(value: Any) -> Any:
    """Large whole numbers come as decimals without digits behind the point."""
    whole = isinstance(value, Decimal) and value.is_finite() and value.as_tuple().exponent == 0
    return int(value) if whole else value


@dataclass(frozen=True)
class PushedDataset(OpenDataset):
    """A dataset in another engine. Its `table` has the columns and no rows; `views` are the names SQL may use."""

    engine: Engine = field(kw_only=True)
    select: str = field(kw_only=True)
    views: dict[str, str] = field(kw_only=True, default_factory=dict)
    cut: dict[str, str] = field(kw_only=True, default_factory=dict)

    @classmethod
    def opened_on(cls, engine: Engine, name: str, connection: "DuckDBPyConnection", **about: Any) -> "PushedDataset":
        """Raises DataError if the table is not there, or cannot be read."""
        table = engine.table(connection, about["spec"])
        return cls(
            name=name,
            connection=connection,
            table=table.typed,
            files=table.files,
            engine=engine,
            select=table.select,
            cut=table.cut,
            **about,
        )

    def other(self, name: str) -> OpenDataset:
        if name not in self.opened and self.project:
            about: dict[str, Any] = {"spec": self.project.datasets[name], "project": self.project, "views": self.views}
            self.opened[name] = self.opened_on(self.engine, name, self.connection, **about)
        return super().other(name)

    @property
    def is_elsewhere(self) -> bool:
        return True

    @property
    def groups(self) -> list[Any]:
        """None: the engine looks at footers and indices itself."""
        self.event_time  # noqa: B018 - tells whether there is one
        return []

    @property
    def all_rows(self) -> Any:
        return Named(self.views, self.select)

    def rows(self, window: Window, columns: Any = None) -> Any:
        """Return the window's rows, to be named."""
        if columns is not None:
            raise NotImplementedError("the rows are elsewhere: an extract has them as columns")
        self.views[self._everything] = self.select
        inside = self._own(f"SELECT * FROM {quoted(self._everything)} WHERE {self.inside(window)}")  # noqa: S608
        return Named(self.views, text_of(inside, self.engine.dialect))

    @property
    def _everything(self) -> str:
        return view_name(self.name, "everything")

    def sql_type(self, column: str) -> str:
        """Other engines have times in microseconds."""
        return _UNIT.sub("", super().sql_type(column))

    def inexact(self, column: str) -> str | None:
        count = self._cut_values.get(column)
        return (
            f"{count:,} values of {column} have nanoseconds, which {self.engine.dialect} cannot hold" if count else None
        )

    @cached_property
    def _cut_values(self) -> dict[str, int]:
        return {column: int(self.engine.fetch(query)[0][0]) for column, query in self.cut.items()}

    def unpredictable(self, column: str) -> str | None:
        if self.types[column] != "FLOAT":
            return None
        return f"{column} is of single precision, which other engines compare as double; store it as double"

    def nan_sign(self, column: str) -> str:
        return f"max({quoted(column)})"  # NaN is the largest; a sum could overflow, which is an error elsewhere

    def fetch(self, sql: str, memory: str = "") -> list[tuple[Any, ...]]:  # noqa: ARG002 - the engine has its own
        return [tuple(map(_number, row)) for row in self.engine.fetch(self._with_views(sql))]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.fetch(sql)

    def _own(self, sql: str) -> "Expr":
        return translated(sql, self.engine.dialect)

    def _with_views(self, sql: str) -> str:
        """Write the query in the engine's dialect, after the views it reads: nothing is made in the engine."""
        tree = self._own(sql)
        text = text_of(tree, self.engine.dialect)
        views = self._needed(tables_of(tree))
        return f"WITH {', '.join(views)} {text}" if views else text

    def _needed(self, names: list[str]) -> list[str]:
        import sqlglot

        dialect = self.engine.dialect
        materialized = "NOT MATERIALIZED " if dialect == "postgres" else ""
        needed: dict[str, str] = {}

        def need(name: str) -> None:
            if name not in self.views or name in needed:
                return
            if name != self._everything:  # the others are made of it
                for inner in tables_of(sqlglot.parse_one(self.views[name], dialect=dialect)):
                    need(inner)
            identifier = sqlglot.to_identifier(name, quoted=True).sql(dialect=dialect)
            needed[name] = f"{identifier} AS {materialized}({self.views[name]})"

        for name in names:
            need(name)
        return list(needed.values())

    @cached_property
    def _comparable_columns(self) -> list[str]:
        return [name for name in self.types if self.kind(name) != "other"]

    def extract(self, window: Window, most: int) -> OpenDataset:
        """Sample the window's rows into DuckDB, the same ones in every run; all rows if there are at most `most`.

        Rows are chosen by a hash of their values, so that neither the order of storage nor the number of workers
        matters; rows that are equal in every column are chosen together. Of nested columns only whether they are null
        is kept.
        """
        view = view_name(self.name, stamp(window.start), stamp(window.end))
        self.rows(window).create_view(view)
        [[count]] = self.fetch(f"SELECT count(*) FROM {quoted(view)}")  # noqa: S608
        columns = ", ".join(self._extracted(name) for name in self.types)
        sql = f"SELECT {columns} FROM {quoted(view)}"  # noqa: S608
        if count > most:
            place = f"hash({', '.join(map(quoted, self._comparable_columns))})"
            last = round(_HASHES * min(1.0, _MORE * most / count)) - _HASHES // 2 - 1
            sql += f" WHERE {place} <= {last} ORDER BY {place} LIMIT {int(most)}"
        local = self.connection.from_arrow(self.engine.arrow(self._with_views(sql)))
        return OpenDataset(self.name, self.spec, self.connection, local, project=self.project)

    def _extracted(self, column: str) -> str:
        name = quoted(column)
        if self.kind(column) == "other":
            return f"CASE WHEN {name} IS NOT NULL THEN ''::BLOB END AS {name}"
        return name
