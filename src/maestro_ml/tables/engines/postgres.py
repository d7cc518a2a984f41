"""PostgreSQL: one transaction that reads and writes nothing, so that every number is of the same moment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from maestro_ml.project import Project
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.sources import SqlSource
from maestro_ml.sql.dialects.base import RemoteDialect
from maestro_ml.sql.dialects.sqlstate import refused
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.tables.engine import Engine, EngineTable
from maestro_ml.tables.errors import MissingSource
from maestro_ml.tables.sources.database.read import database_of
from maestro_ml.tables.sources.database.transaction import open_transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_START = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL TimeZone TO 'UTC'",
    "SET LOCAL standard_conforming_strings TO on",
)
_COLUMNS = """
    SELECT a.attname, coalesce(b.typname, t.typname), coalesce(b.typtype, t.typtype) = 'e',
           CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = nullif(t.typbasetype, 0)
    WHERE a.attrelid = to_regclass({table}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# What DuckDB makes of a type when it reads the table itself, and how PostgreSQL does the same.
_TYPES = {
    **dict.fromkeys(("int2", "int4", "int8"), ("BIGINT", "{}::bigint")),
    "float4": ("DOUBLE", "{}::text::float8"),  # 0.1 stays 0.1
    "float8": ("DOUBLE", "{}"),
    **dict.fromkeys(("text", "varchar", "name", "uuid"), ("VARCHAR", '{}::text COLLATE "C"')),
    # A cast would cut the blanks off that a reader is given.
    "bpchar": ("VARCHAR", '(CASE WHEN {} IS NOT NULL THEN concat({}) END) COLLATE "C"'),
    "bool": ("BOOLEAN", "{}"),
    "date": ("DATE", "{}"),
    "timestamp": ("TIMESTAMP", "{}"),
    "timestamptz": ("TIMESTAMPTZ", "{}"),
}
_OTHER = ("BLOB", "{}")
# By the numbers PostgreSQL has for its types (pg_type.oid); the rest is text.
_ARROW = {16: "bool_", 17: "binary", 20: "int64", 701: "float64", 1700: "float64", 1082: "date32"}
_TIMES = {1114: None, 1184: "UTC"}
_WIDEST = 38
_HEADER = 4


class PostgresDialect(RemoteDialect):
    name = "postgres"
    title = "PostgreSQL"
    functions: ClassVar[Mapping[str, str]] = {
        "epoch_us": "CAST((EXTRACT(EPOCH FROM _0) * 1000000) AS BIGINT)",
        "hash": "HASH_RECORD_EXTENDED(ROW(_all), 0)",
        "isnan": "(_0 = CAST('NaN' AS DOUBLE PRECISION))",
        "regexpfullmatch": "_0 ~ _1",
        "regexplike": "_0 ~ _1",
        "regexpreplace": "REGEXP_REPLACE(_0, _1, _2, 'g')",
    }
    pattern_end = r"\Z"
    view_hint = "NOT MATERIALIZED "
    has_try_cast = False


class Postgres(Engine):
    """An open transaction."""

    dialect = PostgresDialect()

    def __init__(self, source: SqlSource, cursor: Any) -> None:
        self.source, self.cursor = source, cursor

    @classmethod
    @contextmanager
    def connected(cls, project: Project, name: str) -> Iterator["Postgres"]:
        """Open a transaction on the dataset's database; raises DataError if it cannot be reached."""
        with open_transaction(project, name, _START, extra="postgres") as (source, cursor):
            yield cls(source, cursor)

    def table(self, connection: "DuckDBPyConnection", spec: Dataset) -> EngineTable:
        source = database_of(spec)
        schema = (quoted(source.db_schema),) if source.db_schema else ()
        name = ".".join([*schema, quoted(source.table)])
        found = self._run(_COLUMNS.format(table=literal(name)))
        if not found:
            raise MissingSource(f"table {source.table}: there is no such table or view, or it has no columns")
        stored, own = [], []
        for column, type_, is_enum, modifier in found:
            duckdb_type, expression = _as_duckdb(type_, is_enum, modifier)
            stored.append(f"NULL::{duckdb_type} AS {quoted(column)}")
            own.append(f"{expression.format(quoted(column), quoted(column))} AS {quoted(column)}")
        typed = connection.sql(f"SELECT {', '.join(stored)} LIMIT 0")
        return EngineTable(f"SELECT {', '.join(own)} FROM {name}", typed)  # noqa: S608 - quoted names

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._run(sql)

    def arrow(self, sql: str) -> Any:
        import pyarrow as pa

        rows = self._run(sql)
        fields = [pa.field(column[0], _arrow_type(column[1])) for column in self.cursor.description]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
        arrays = [_array(values, field.type) for values, field in zip(columns, fields, strict=True)]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run without parameters, so that no driver looks for placeholders; the transaction survives an error."""
        try:
            self.cursor.execute("SAVEPOINT query")
            try:
                self.cursor.execute(sql)
                rows: list[tuple[Any, ...]] = self.cursor.fetchall()
            except Exception:
                self.cursor.execute("ROLLBACK TO SAVEPOINT query")
                raise
        except Exception as error:  # each driver has errors of its own
            raise refused(error, _state(error), f"table {self.source.table}") from error
        return rows


def _state(error: Exception) -> str | None:
    """Return the SQLSTATE; a value Python cannot hold has none of the server's."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return state or ("22000" if type(error).__name__ == "DataError" else None)


def _as_duckdb(type_: str, is_enum: bool, modifier: int) -> tuple[str, str]:
    """Return DuckDB's name for a type, and SQL that casts a column to it."""
    if is_enum:
        return _TYPES["text"]
    if type_ != "numeric":
        return _TYPES.get(type_, _OTHER)
    precision, scale = ((modifier - _HEADER) >> 16) & 0xFFFF, (modifier - _HEADER) & 0x7FF
    if modifier < _HEADER or precision > _WIDEST or scale > precision:
        precision, scale = _WIDEST, _WIDEST // 2
    return f"DECIMAL({precision},{scale})", "{}"


def _arrow_type(oid: int) -> Any:
    import pyarrow as pa

    if oid in _TIMES:
        return pa.timestamp("us", tz=_TIMES[oid])
    return getattr(pa, _ARROW.get(oid, "string"))()


def _array(values: Sequence[Any], type_: Any) -> Any:
    import pyarrow as pa

    if type_ == pa.float64():
        return pa.array([None if value is None else float(value) for value in values], type_, from_pandas=False)
    return pa.array(values, type_)
