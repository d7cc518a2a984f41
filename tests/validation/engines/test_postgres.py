"""What only PostgreSQL has to do: its own types, a transaction that writes nothing, errors of the server."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import DataError
from maestro_ml.tables.open import open_on_engine
from maestro_ml.tables.sources.database.transaction import open_transaction
from maestro_ml.validation import validate_dataset

START = datetime(2024, 1, 1, tzinfo=UTC)
JANUARY = Window(START, START + timedelta(days=31))
TYPES = """
    CREATE TYPE mood AS ENUM ('sad', 'glad');
    CREATE DOMAIN small AS numeric(5, 1);
    CREATE SCHEMA "odd schema";
    CREATE TABLE "odd schema"."it's" (
        at timestamptz(3), "i'd" int2, "real" real, plain numeric, s small, fixed char(4), name varchar(9), id uuid,
        feeling mood, doc json, list int[], gone int
    );
    ALTER TABLE "odd schema"."it's" DROP COLUMN gone;
    INSERT INTO "odd schema"."it's" VALUES
        ('2024-01-02', 1, 0.1, 1.25, 1.5, 'ab', 'B', gen_random_uuid(), 'sad', '{}', '{1}'),
        ('2024-01-03', 2, 0.1, 1e20, 1.5, 'abcd', 'a', gen_random_uuid(), 'glad', null, '{1}'),
        ('2023-01-03', 3, 5, 1, 1, 'a', 'a', gen_random_uuid(), 'glad', null, null);
"""


@pytest.fixture
def sql(postgres_url, dataset_project):
    """Provide a project on a table of the server, and a connection to it."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:

        def project(table: str, schema: str | None = None, **dataset: object):
            source = {"kind": "sql", "url": postgres_url, "table": table} | ({"schema": schema} if schema else {})
            return dataset_project(source=source, engine="postgres", timestamp="at", **dataset)

        yield connection, project


def test_its_own_types(sql):
    connection, project = sql
    connection.execute(TYPES)
    kinds = {"i'd": "integer", "real": "number", "plain": "number", "s": "number", "list": "string"}
    columns = {
        name: {"type": kinds.get(name, "timestamp" if name == "at" else "string")}
        for name in ("at", "i'd", "real", "plain", "s", "fixed", "name", "id", "feeling", "doc", "list")
    }
    checks = [
        {"check": "predicate", "sql": "\"real\" = 0.1 and fixed in ('ab  ', 'abcd')"},
        {"check": "range", "column": "plain", "max": 1e20},
        {"check": "length", "column": "fixed", "min": 4},
        {"check": "monotonic", "column": "name", "direction": "decreasing"},  # by bytes, whatever the collation
        {"check": "allowed", "column": "feeling", "values": ["sad"]},
        {"check": "unique", "columns": ["id"]},
    ]
    connected = project(
        "it's",
        "odd schema",
        columns=columns,
        checks=checks,
        drift={"tests": {"categorical": "chi_square"}},
        reference={"kind": "fixed", "start": "2023-01-01", "end": "2024-01-01"},
    )
    report = validate_dataset(connected, "events", JANUARY, now=JANUARY.end)
    assert report.rows == 2
    found = {(f.check, f.column): f for f in report.findings}
    bad = {key: f.numbers.get("count") for key, f in found.items() if f.violated and f.stage != "drift"}
    assert bad == {("type", "doc"): None, ("type", "list"): None, ("monotonic", "name"): 1, ("allowed", "feeling"): 1}
    assert found["type", "id"].message == "string (VARCHAR)"
    assert {f.column for f in report.findings if f.stage == "drift"} >= {"i'd", "real", "plain", "name", "feeling"}


def test_nothing_can_be_written(sql):
    connection, project = sql
    connection.execute("CREATE TABLE only_read AS SELECT now() AS at")
    with (
        open_on_engine(project("only_read", columns={"at": {"type": "timestamp"}}), "events") as dataset,
        pytest.raises(DataError, match="read-only transaction"),
    ):
        dataset.engine.fetch("INSERT INTO only_read SELECT now() RETURNING 1")


def test_every_number_is_of_one_moment(sql):
    connection, project = sql
    connection.execute("CREATE TABLE growing (at timestamptz); INSERT INTO growing VALUES ('2024-01-02')")
    with open_on_engine(project("growing", columns={"at": {"type": "timestamp"}}), "events") as dataset:
        dataset.create_view("rows")
        before = dataset.fetch('SELECT count(*) FROM "rows"')
        connection.execute("INSERT INTO growing VALUES ('2024-01-03')")
        assert dataset.fetch('SELECT count(*) FROM "rows"') == before == [(1,)]


def test_only_the_window_is_read_where_there_is_an_index(sql):
    connection, project = sql
    connection.execute(
        "CREATE TABLE indexed AS SELECT timestamptz '2023-01-01' + i * interval '1 hour' AS at "
        "FROM generate_series(1, 20000) i"
    )
    connection.execute("CREATE INDEX ON indexed (at); ANALYZE indexed")
    with open_on_engine(project("indexed", columns={"at": {"type": "timestamp"}}), "events") as dataset:
        dataset.create_view("day", Window(START, START + timedelta(days=1)))
        query = dataset.own_sql('SELECT count(*) FROM "day"')
        plan = "\n".join(line for (line,) in dataset.engine.fetch(f"EXPLAIN {query}"))
    assert "Index" in plan
    assert "Seq Scan" not in plan


def test_a_table_that_is_not_there(sql):
    _, project = sql
    nowhere = project("nowhere", columns={"at": {"type": "timestamp"}})
    with pytest.raises(DataError, match="there is no such table or view"):
        validate_dataset(nowhere, "events", JANUARY)


def test_a_server_that_goes_away_ends_the_run(sql):
    connection, project = sql
    connection.execute("CREATE TABLE lost (at timestamptz)")
    with open_on_engine(project("lost", columns={"at": {"type": "timestamp"}}), "events") as dataset:
        [[process]] = dataset.engine.fetch("SELECT pg_backend_pid()")
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        with pytest.raises(DataError, match="table lost cannot be read"):
            dataset.fetch("SELECT 1")


def test_no_server(dataset_project):
    source = {"kind": "sql", "url": "postgresql+psycopg://maestro:secret@127.0.0.1:9/none", "table": "t"}
    project = dataset_project(source=source, engine="postgres", timestamp="at", columns={"at": {"type": "timestamp"}})
    with pytest.raises(DataError, match="cannot be reached") as caught:
        validate_dataset(project, "events", JANUARY)
    assert "secret" not in str(caught.value)


def test_a_server_that_refuses_to_begin_is_named_and_keeps_no_connection(sql):
    connection, project = sql
    connection.execute("CREATE TABLE begun (at timestamptz)")
    loaded = project("begun", columns={"at": {"type": "timestamp"}})
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    [before] = connection.execute(sessions).fetchone()
    with (
        pytest.raises(DataError, match=r"table begun at postgresql.* cannot be reached: .*no_such_setting"),
        open_transaction(loaded, "events", ("SET no_such_setting TO 1",), extra="postgres"),
    ):
        pytest.fail("the transaction began")
    connection.execute("SELECT pg_sleep(0.2)")
    assert connection.execute(sessions).fetchone() == (before,)


def test_more_numbers_than_one_query_can_give(sql):
    connection, project = sql
    names = [f"x{i}" for i in range(600)]
    connection.execute(f"CREATE TABLE wide (at timestamptz, {', '.join(f'{name} float8' for name in names)})")
    connection.execute("INSERT INTO wide (at, x7, x599) VALUES ('2024-01-02', 'NaN', 5)")
    columns = {"at": {"type": "timestamp"}} | {name: {"type": "number"} for name in names}
    checks = [{"check": "range", "column": name, "max": 4} for name in names]
    report = validate_dataset(project("wide", columns=columns, checks=checks), "events", JANUARY, ("quality",))
    assert [f.column for f in report.findings if f.check == "range" and f.violated] == ["x599"]
    assert sum(f.violated for f in report.findings if f.check == "all_missing") == 599
