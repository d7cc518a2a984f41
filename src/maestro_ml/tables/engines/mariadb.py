"""MariaDB: one snapshot that is only read, so that every number is of the same moment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from maestro_ml.core.errors import QueryError
from maestro_ml.project import Project
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.sources import SqlSource
from maestro_ml.sql.dialects.base import RemoteDialect
from maestro_ml.sql.dialects.sqlstate import refused
from maestro_ml.sql.identifiers import quoted
from maestro_ml.tables.engine import Engine, EngineTable
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.database.read import database_of
from maestro_ml.tables.sources.database.transaction import open_transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlglot.expressions import Expr

_START = (
    "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",  # texts are compared by their characters, as in DuckDB
    "SET SESSION time_zone = '+00:00', div_precision_increment = 20, sql_mode = 'NO_UNSIGNED_SUBTRACTION'",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
_COLUMNS = """
    SELECT column_name, data_type, column_type, numeric_precision, numeric_scale FROM information_schema.columns
    WHERE table_schema = coalesce(%s, database()) AND table_name = %s ORDER BY ordinal_position
"""
_TEXT = ("VARCHAR", "CAST({} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_nopad_bin")
# DuckDB's type for a type of MariaDB, and SQL that casts a column to it; `+ 0e0` makes -0.0 the 0.0 it is equal to.
_TYPES = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), ("BIGINT", "CAST({} AS SIGNED)")),
    "bigint unsigned": ("UBIGINT", "{}"),
    "float": ("DOUBLE", "CAST({} AS DOUBLE) + 0e0"),
    "double": ("DOUBLE", "{} + 0e0"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), _TEXT),
    **dict.fromkeys(("enum", "set", "uuid", "inet4", "inet6"), _TEXT),
    "date": ("DATE", "{}"),
    "datetime": ("TIMESTAMP", "{}"),
    "timestamp": ("TIMESTAMPTZ", "{}"),
}
_OTHER = ("BLOB", "{}")
# By the protocol's numbers for types; the rest is text, or bytes.
_ARROW: dict[int, tuple[str, ...]] = {
    1: ("bool_",),
    **dict.fromkeys((2, 3, 8, 9), ("int64",)),
    **dict.fromkeys((4, 5, 246), ("float64",)),
    7: ("timestamp", "us", "UTC"),
    10: ("date32",),
    12: ("timestamp", "us"),
}
_WIDEST = 38
_LARGEST = 2**63 - 1
_CLIENT_ERRORS = range(2000, 3000)
_FATAL = (0, 1053, 1205, 1213, 1927)  # the server stops, the transaction or the connection is lost


class MariaDbDialect(RemoteDialect):
    name = "mysql"
    title = "MariaDB"
    functions: ClassVar[Mapping[str, str]] = {
        "epoch_us": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', _0)",
        "hash": "CAST(CONV(LEFT(MD5(CONCAT_WS(',', _all)), 16), 16, -10) AS SIGNED)",
        "isnan": "(_0 <> _0)",
        "regexpfullmatch": "(REGEXP_INSTR(_0, _1) > 0)",
        "regexplike": "(REGEXP_INSTR(_0, _1) > 0)",
        "regexpreplace": "REGEXP_REPLACE(_0, _1, _2)",
    }
    types: ClassVar[Mapping[str, str]] = {
        **RemoteDialect.types,
        **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPTZ"), "DATETIME(6)"),
        "VARBINARY": "BINARY",
    }
    has_nan = False
    has_filter = False
    has_grouping_sets = False
    has_try_cast = False

    def rewrite(self, node: "Expr") -> "Expr":
        """Write times without offsets: the session's are of UTC."""
        from sqlglot import expressions as e

        match node:
            case e.AtTimeZone():
                if node.args["zone"].name != "UTC":
                    raise QueryError("MariaDB converts no times of a timezone reliably")
                naive: Expr = node.this
                return naive
            case e.Cast() if node.this.is_string and node.to.is_type("datetime"):
                moment = datetime.fromisoformat(node.this.name)
                utc = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
                return e.cast(e.Literal.string(utc.isoformat(" ")), node.to)
            case _:
                return node


class MariaDb(Engine):
    """An open transaction."""

    dialect = MariaDbDialect()

    def __init__(self, source: SqlSource, cursor: Any) -> None:
        self.source, self.cursor = source, cursor

    @classmethod
    @contextmanager
    def connected(cls, project: Project, name: str) -> Iterator["MariaDb"]:
        """Open a transaction on the dataset's database; raises DataError if it cannot be reached."""
        with open_transaction(project, name, _START, extra="mysql") as (source, cursor):
            yield cls(source, cursor)

    def table(self, connection: "DuckDBPyConnection", spec: Dataset) -> EngineTable:
        source = database_of(spec)
        self.cursor.execute(_COLUMNS, (source.db_schema, source.table))
        found = self.cursor.fetchall()
        if not found:
            raise MissingSource(f"table {source.table}: there is no such table or view, or it has no columns")
        stored, own = [], []
        for column, *described in found:
            declared = spec.column(column)
            duckdb_type, expression = _as_duckdb(*described, is_boolean=bool(declared and declared.type == "boolean"))
            stored.append(f"NULL::{duckdb_type} AS {quoted(column)}")
            own.append(f"{expression.format(_name(column))} AS {_name(column)}")
        typed = connection.sql(f"SELECT {', '.join(stored)} LIMIT 0")
        name = ".".join(_name(part) for part in (source.db_schema, source.table) if part)
        return EngineTable(f"SELECT {', '.join(own)} FROM {name}", typed)  # noqa: S608 - quoted names

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query; what MariaDB only warns of, such as a text that is no number, is an error here."""
        try:
            self.cursor.execute(sql)
            rows = list(self.cursor.fetchall())
            self._columns = self.cursor.description
            self.cursor.execute("SHOW WARNINGS")
            warnings = [message for level, _, message in self.cursor.fetchall() if level != "Note"]
        except Exception as error:  # each driver has errors of its own
            raise refused(error, _state(error), f"table {self.source.table}") from error
        if warnings:
            raise QueryError(warnings[0])
        return rows

    def arrow(self, sql: str) -> Any:
        import pyarrow as pa

        rows = self.fetch(sql)
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self._columns)
        arrays = [_array(values, column[1]) for values, column in zip(columns, self._columns, strict=True)]
        return pa.Table.from_arrays(arrays, names=[column[0] for column in self._columns])


def _state(error: Exception) -> str | None:
    """Return the SQLSTATE of an error of one query; drivers give the number of the error only."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return None if code in _FATAL or code in _CLIENT_ERRORS else "42000"


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _as_duckdb(
    type_: str, declaration: str, precision: int | None, scale: int | None, *, is_boolean: bool
) -> tuple[str, str]:
    """Return DuckDB's name for a type, and SQL that casts a column to it."""
    if declaration == "tinyint(1)" and is_boolean:
        return "BOOLEAN", "{}"
    if type_ == "decimal":
        return (f"DECIMAL({precision},{scale})", "{}") if precision and precision <= _WIDEST else _OTHER
    unsigned = f"{type_} unsigned" if "unsigned" in declaration else type_
    return _TYPES.get(unsigned) or _TYPES.get(type_, _OTHER)


def _array(values: Sequence[Any], code: int) -> Any:
    import pyarrow as pa

    present = [value for value in values if value is not None]
    name, *arguments = _ARROW.get(code, ("binary" if any(isinstance(value, bytes) for value in present) else "string",))
    if name == "float64":
        values = [None if value is None else float(value) for value in values]
    elif name == "bool_":
        values = [None if value is None else bool(value) for value in values]
    elif name == "int64" and present and max(present) > _LARGEST:
        name = "uint64"
    return pa.array(values, getattr(pa, name)(*arguments))
