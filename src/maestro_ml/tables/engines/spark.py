"""Spark: a session in this process, or behind a Spark Connect URL; it reads the Parquet files itself."""

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import text_of
from maestro_ml.project import Project
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engines import Spark as SparkSettings
from maestro_ml.project.sources import ParquetSource
from maestro_ml.sql.dialects.base import RemoteDialect
from maestro_ml.sql.dialects.sqlstate import refused
from maestro_ml.sql.types import kind_of
from maestro_ml.tables.engine import Engine, EngineTable
from maestro_ml.tables.engines.spark_files import path_of, quoted_by_spark, with_partitions
from maestro_ml.tables.sources import unions
from maestro_ml.tables.sources.scan import dataset_files, located

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlglot.expressions import Expr

# How SQL is understood and files are read, so that values are what they are to DuckDB.
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
_LOCAL_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",  # 200 are for a cluster
}
_TYPES = {
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "int",
    "UINTEGER": "bigint",
    "UBIGINT": "decimal(20,0)",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
    "ENUM": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
}
_PORT, _TIMEOUT = 15002, 20  # seconds


class SparkDialect(RemoteDialect):
    name = "spark"
    title = "Spark"
    functions: ClassVar[Mapping[str, str]] = {
        "epoch_us": "UNIX_MICROS(_0)",
        "hash": "XXHASH64(_all)",
        "regexpfullmatch": "_0 RLIKE _1",
        "regexplike": "_0 RLIKE _1",
        "regexpreplace": "REGEXP_REPLACE(_0, _1, _2)",
    }

    def rewrite(self, node: "Expr") -> "Expr":
        """Return the later of the two instants of an ambiguous local time (DST), as DuckDB and PostgreSQL do."""
        from sqlglot import expressions as e

        if not isinstance(node, e.AtTimeZone):
            return node
        naive, zone = node.this, node.args["zone"]
        if zone.name == "UTC":  # the session's
            return e.cast(naive, "timestamptz", dialect="duckdb")
        first = _call("to_utc_timestamp", naive, zone)
        second = e.Add(this=first.copy(), expression=e.Interval(this=e.Literal.string("1"), unit=e.Var(this="HOUR")))
        again = _call("from_utc_timestamp", second.copy(), zone)
        same = e.EQ(this=e.cast(again, "timestamp", dialect="duckdb"), expression=naive.copy())
        return e.Case(ifs=[e.If(this=same, true=second)], default=first)


class Spark(Engine):
    """A session of our own: its settings and names are nobody else's."""

    dialect = SparkDialect()

    def __init__(self, project: Project, session: Any) -> None:
        self.project, self.session = project, session
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)

    @classmethod
    @contextmanager
    def connected(cls, project: Project, name: str) -> Iterator["Spark"]:  # noqa: ARG003 - all datasets are in one
        """Open a session as the project declares; raises DataError if there is no Spark, or it cannot be reached."""
        try:
            session = _session(project.spark)
        except ImportError as error:
            raise DataError("engine: spark needs the extra: pip install 'maestro-ml[spark]'") from error
        except Exception as error:
            where = project.spark.remote or "a local session (it needs Java 17 or newer)"
            raise DataError(f"Spark cannot be reached at {where}: {text_of(error)}") from error
        try:
            yield cls(project, session)
        finally:
            if project.spark.remote:
                session.stop()

    def table(self, connection: "DuckDBPyConnection", spec: Dataset) -> EngineTable:
        """Open a table: DuckDB reads footers, so that types and unreadable files are the same; Spark reads the rows."""
        if not isinstance(spec.source, ParquetSource):  # refused when the project is loaded
            raise DataError("engine: spark reads Parquet")
        where = located(self.project, spec.source)
        files = dataset_files(connection, self.project, spec)
        for column, zoned, naive in unions.zones(files.by_layout):
            raise DataError(
                f"{where}: {column} carries a timezone in {zoned} and none in {naive}, which Spark cannot read; "
                "write all in one way, or use engine: duckdb"
            )
        typed = files.relation(connection, spec.timezone)
        try:
            reader = self.session.read if files.uniform else self.session.read.option("mergeSchema", "true")
            frame = with_partitions(reader.parquet(*map(path_of, files.readable)), files.partitions)
            found = dict(frame.dtypes)
            name = f"source_{uuid4().hex}"
            frame.createOrReplaceTempView(name)
        except Exception as error:
            raise self._refused(error, where) from error
        columns = [
            _as_duckdb(where, column, stored, found.get(column))
            for column, stored in zip(typed.columns, map(str, typed.types), strict=True)
        ]
        rounded = {
            column: f"SELECT count_if(pmod({quoted_by_spark(column)}, 1000) <> 0) FROM {name}"  # noqa: S608 - quoted names
            for column, stored in zip(typed.columns, map(str, typed.types), strict=True)
            if kind_of(stored) == "timestamp" and found.get(column) == "bigint"
        }
        return EngineTable(f"SELECT {', '.join(columns)} FROM {name}", typed.limit(0), files, rounded)  # noqa: S608

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._run(sql, "collect")]

    def arrow(self, sql: str) -> Any:
        return self._run(sql, "toArrow")

    def _run(self, sql: str, action: str) -> Any:
        try:
            return getattr(self.session.sql(sql), action)()
        except Exception as error:
            raise self._refused(error, "the source") from error

    def _refused(self, error: Exception, where: str) -> Exception:
        from pyspark.errors import PySparkException

        state = error.getSqlState() if isinstance(error, PySparkException) else None
        return refused(error, state, where)


def _session(where: SparkSettings) -> Any:
    from pyspark.sql import SparkSession

    if where.remote:
        address = urlsplit(where.remote)
        # By itself the client would go on trying for minutes.
        socket.create_connection((address.hostname, address.port or _PORT), timeout=_TIMEOUT).close()
        return SparkSession.builder.remote(where.remote).create()
    builder = SparkSession.builder.master(where.master).appName("maestro")
    for name, value in _LOCAL_SETTINGS.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("OFF")  # what goes wrong is in the findings
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    return started.newSession()  # the Java process is left for the next; it ends with this one


def _call(function: str, *arguments: "Expr") -> "Expr":
    from sqlglot import expressions as e

    return e.Anonymous(this=function, expressions=[argument.copy() for argument in arguments])


def _as_duckdb(where: str, column: str, stored: str, found: str | None) -> str:
    """Return SQL for a column in the type DuckDB has for it."""
    name = quoted_by_spark(column)
    wanted = _wanted(stored)
    if wanted is None or found == wanted:  # nested, or another type no check looks into
        return name
    if kind_of(stored) == "timestamp" and found == "bigint":  # nanoseconds
        return f"CAST(timestamp_micros(({name} - pmod({name}, 1000)) DIV 1000) AS {wanted}) AS {name}"
    if found == "string" or kind_of(stored) in ("integer", "number"):
        return f"CAST({name} AS {wanted}) AS {name}"
    raise DataError(f"{where}: the column {column} is {stored}, which Spark reads as {found or 'nothing'}")


def _wanted(stored: str) -> str | None:
    if kind_of(stored) == "timestamp":
        return "timestamp" if "TZ" in stored or "TIME ZONE" in stored else "timestamp_ntz"
    if stored.startswith("DECIMAL"):
        return stored.lower().replace(" ", "")
    return _TYPES.get(stored.partition("(")[0])
