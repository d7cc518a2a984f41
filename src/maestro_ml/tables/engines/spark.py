"""Spark: a session in this process, or behind a Spark Connect URL; it reads the Parquet files itself."""

import logging
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from maestro_ml.core.errors import DataError
from maestro_ml.core.library_errors import text_of
from maestro_ml.project import Project
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.engines import Spark
from maestro_ml.project.sources import ParquetSource
from maestro_ml.sql.dialects.sqlstate import refused
from maestro_ml.sql.identifiers import literal
from maestro_ml.sql.types import kind_of
from maestro_ml.tables.remote import Engine, Table
from maestro_ml.tables.sources import unions
from maestro_ml.tables.sources.file_names import plain
from maestro_ml.tables.sources.partitions import NULL, Partition
from maestro_ml.tables.sources.scan import dataset_files, located

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
_PORT, _PATIENCE = 15002, 20  # seconds
_SCHEMES = {"s3://": "s3a://"}
_HADOOPS = re.compile(r"[][{}*?\\]")


class SparkEngine:
    """A session of our own: its settings and names are nobody else's."""

    dialect: Any = "spark"

    def __init__(self, project: Project, session: Any) -> None:
        self.project, self.session = project, session
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)

    def table(self, connection: "DuckDBPyConnection", spec: Dataset) -> Table:
        """DuckDB looks at the footers, so that types and unreadable files are the same; Spark reads the rows."""
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
            frame = _with_partitions(reader.parquet(*map(_for_spark, files.readable)), files.partitions)
            found = dict(frame.dtypes)
            name = f"source_{uuid4().hex}"
            frame.createOrReplaceTempView(name)
        except Exception as error:
            raise self._refused(error, where) from error
        columns = [
            _as_duckdb(where, column, stored, found.get(column))
            for column, stored in zip(typed.columns, map(str, typed.types), strict=True)
        ]
        cut = {
            column: f"SELECT count_if(pmod({_quoted(column)}, 1000) <> 0) FROM {name}"  # noqa: S608 - quoted names
            for column, stored in zip(typed.columns, map(str, typed.types), strict=True)
            if kind_of(stored) == "timestamp" and found.get(column) == "bigint"
        }
        return Table(f"SELECT {', '.join(columns)} FROM {name}", typed.limit(0), files, cut)  # noqa: S608

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


@contextmanager
def spark(project: Project) -> Iterator[Engine]:
    """Open a session as the project declares.

    Raises:
        DataError: there is no Spark, or it cannot be reached.
    """
    try:
        session = _session(project.spark)
    except ImportError as error:
        raise DataError("engine: spark needs the extra: pip install 'maestro-ml[spark]'") from error
    except Exception as error:
        where = project.spark.remote or "a local session (it needs Java 17 or newer)"
        raise DataError(f"Spark cannot be reached at {where}: {text_of(error)}") from error
    try:
        yield SparkEngine(project, session)
    finally:
        if project.spark.remote:
            session.stop()


def _session(where: Spark) -> Any:
    from pyspark.sql import SparkSession

    if where.remote:
        address = urlsplit(where.remote)
        # By itself the client would go on trying for minutes.
        socket.create_connection((address.hostname, address.port or _PORT), timeout=_PATIENCE).close()
        return SparkSession.builder.remote(where.remote).create()
    builder = SparkSession.builder.master(where.master).appName("maestro")
    for name, value in _LOCAL_SETTINGS.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("OFF")  # what goes wrong is in the findings
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    return started.newSession()  # the Java process is left for the next; it ends with this one


def _for_spark(file: str) -> str:
    """Convert a file's name in DuckDB (special characters in brackets) to a path of Hadoop's (behind backslashes)."""
    name = _HADOOPS.sub(r"\\\g<0>", plain(file))
    for scheme, hadoops in _SCHEMES.items():
        if name.startswith(scheme):
            return hadoops + name.removeprefix(scheme)
    return name if "://" in name else f"file://{name}"


def _with_partitions(frame: Any, partitions: Sequence[Partition]) -> Any:
    """Return the frame with the partitions as columns of text, in place of the files' own of these names."""
    if not partitions:
        return frame
    names = {partition.name.lower() for partition in partitions}
    own = [_quoted(name) for name in frame.columns if name.lower() not in names]
    return frame.selectExpr(*own, *map(_from_path, partitions))


def _from_path(partition: Partition) -> str:
    """Return SQL for a partition from the address of its row's file, which escapes the names of folders once more."""
    path = _decoded("_metadata.file_path")
    value = f"regexp_extract({path}, {_text(partition.pattern)}, 1)"
    return f"{_decoded(f'nullif({value}, {_text(NULL)})')} AS {_quoted(partition.name)}"


def _decoded(text: str) -> str:
    """Return SQL for a text without its percent-escapes; a `%` that begins none is kept."""
    escapes = f"regexp_replace({text}, '%(?![0-9A-Fa-f]{{2}})', '%25')"
    return f"url_decode(replace({escapes}, '+', '%2B'))"


def _text(value: str) -> str:
    return literal(value.replace("\\", "\\\\"))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _as_duckdb(where: str, column: str, stored: str, found: str | None) -> str:
    """Return SQL for a column in the type DuckDB has for it."""
    name = _quoted(column)
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
