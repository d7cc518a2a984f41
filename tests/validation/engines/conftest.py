"""A Spark session and databases for all tests here, each started once, and the same table on every engine."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mariadb_server import running_mariadb
from postgres_server import running_postgres

from maestro_ml.project import Window
from maestro_ml.validation import Report, validate_dataset

pytest.register_assert_rewrite("same_findings")

WINDOW = Window(datetime.fromisoformat("2024-01-01T00:00:00Z"), datetime.fromisoformat("2024-02-01T00:00:00Z"))
_TYPES = {"i": "integer", "u": "integer", "f": "number", "d": "number", "b": "boolean", "t": "timestamp"}
_POSTGRES = {
    "int64": "bigint",
    "int32": "integer",
    "float": "real",
    "double": "double precision",
    "string": "text",
    "bool": "boolean",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
    "timestamp[us, tz=UTC]": "timestamptz",
}
_MARIADB = _POSTGRES | {
    "float": "float",
    "string": "longtext",
    "timestamp[us]": "datetime(6)",
    "timestamp[us, tz=UTC]": "timestamp(6) NULL",
}
_LARGEST = 8e307  # twice as much is a double, too


@pytest.fixture(scope="module")
def mariadb_url() -> Iterator[str]:
    """Provide an empty MariaDB on a port of its own."""
    with running_mariadb() as url:
        yield url


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """Provide an empty PostgreSQL on a socket of its own."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def java() -> Iterator[None]:
    """Provide Java, which the first session starts, and which ends with the last test: a start costs ten seconds
    and more.
    """
    pytest.importorskip("pyspark", reason="pip install 'maestro-ml[spark]'")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("no Java: apt-get install openjdk-17-jre-headless")
    with pytest.MonkeyPatch.context() as environment:
        # The second compiler costs more than it saves on tables of a few rows.
        environment.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield
    end_java()


@pytest.fixture(scope="module")
def spark_ready(java: None) -> None:
    """Make sure that Spark runs or can be started: a test of the demo stops every process that this one has started."""
    from pyspark import SparkContext

    if SparkContext._gateway and SparkContext._gateway.proc.poll() is not None:
        end_java()


def end_java() -> None:
    from pyspark import SparkContext as context

    gateway, active = context._gateway, context._active_spark_context
    if gateway and gateway.proc.poll() is None:
        if active:
            active.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()  # it ends with its input
        gateway.proc.wait(300)
    context._gateway = context._jvm = context._active_spark_context = None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fill(url: str, name: str, table: pa.Table) -> None:
    import psycopg

    def type_of(field: pa.Field) -> str:
        return _POSTGRES.get(str(field.type)) or f"numeric({field.type.precision},{field.type.scale})"

    columns = ", ".join(f"{_quoted(field.name)} {type_of(field)}" for field in table.schema)
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_quoted(name)}")
        cursor.execute(f"CREATE TABLE {_quoted(name)} ({columns})")
        with cursor.copy(f"COPY {_quoted(name)} FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)


def _fill_mariadb(url: str, name: str, table: pa.Table) -> None:
    import pymysql

    address = urlsplit(url)

    def ticked(word: str) -> str:
        return "`" + word.replace("`", "``") + "`"

    def type_of(field: pa.Field) -> str:
        return _MARIADB.get(str(field.type)) or f"decimal({field.type.precision},{field.type.scale})"

    columns = ", ".join(f"{ticked(field.name)} {type_of(field)}" for field in table.schema)
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    connection = pymysql.connect(
        host=address.hostname, port=address.port, user="root", database="maestro", autocommit=True
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone = '+00:00'")
        cursor.execute(f"DROP TABLE IF EXISTS {ticked(name)}")
        cursor.execute(f"CREATE TABLE {ticked(name)} ({columns}) CHARACTER SET utf8mb4")
        if rows:
            cursor.executemany(f"INSERT INTO {ticked(name)} VALUES ({', '.join(['%s'] * len(table.schema))})", rows)


def _held_by_mariadb(table: pa.Table) -> pa.Table:
    """Return the table with the nearest that MariaDB can hold: null for NaN, and large numbers for infinities."""

    def held(value: float | None) -> float | None:
        if value is None or math.isnan(value):
            return None
        return math.copysign(_LARGEST, value) if math.isinf(value) else value

    columns = [
        pa.array(map(held, column.to_pylist()), column.type) if pa.types.is_floating(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, schema=table.schema)


def contract(table: pa.Table) -> dict[str, dict]:
    return {
        f.name: {"type": "date" if f.type == pa.date32() else _TYPES.get(str(f.type)[0], "string")}
        for f in table.schema
    }


@pytest.fixture
def on_engines(request, tmp_path, dataset_project) -> Callable[..., dict[str, Report]]:
    """Provide the reports on a table in January 2024, of DuckDB and of an engine.

    `others` are tables of other datasets.
    """

    def reports(
        engine: str,
        table: pa.Table,
        *stages: str,
        others: dict[str, pa.Table] | None = None,
        window: Window = WINDOW,
        **dataset: object,
    ) -> tuple[Report, Report]:
        tables = {"events": table} | (others or {})
        if engine == "mariadb":
            tables = {name: _held_by_mariadb(rows) for name, rows in tables.items()}
        for name, rows in tables.items():
            pq.write_table(rows, tmp_path / f"{name}.parquet")
        parquet = {name: {"source": {"kind": "parquet", "path": f"{name}.parquet"}} for name in tables}
        if engine == "spark":
            request.getfixturevalue("spark_ready")
            here = parquet
        else:
            url = request.getfixturevalue(f"{engine}_url")
            fill = {"postgres": _fill, "mariadb": _fill_mariadb}[engine]
            here = {}
            for name, rows in tables.items():
                fill(url, name, rows)
                here[name] = {"source": {"kind": "sql", "url": url, "table": name}}

        def judged(sources: dict, chosen: str) -> Report:
            given = {
                name: {**sources[name], "engine": chosen, "timestamp": "at", "columns": contract(rows)}
                for name, rows in tables.items()
            }
            events = given.pop("events") | dataset
            project = dataset_project(given, **events)
            chosen_stages = stages or ("schema", "quality")
            return validate_dataset(project, "events", window, chosen_stages, now=window.end + timedelta(days=100))

        return judged(parquet, "duckdb"), judged(here, engine)

    return reports
