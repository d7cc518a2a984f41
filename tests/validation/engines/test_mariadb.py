"""What is MariaDB's own: its types, its one moment, and what it only warns of."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from maestro_ml.project import ProjectError, Window
from maestro_ml.tables import DataError, QueryError
from maestro_ml.tables.open import open_on_engine
from maestro_ml.tables.sources.database.transaction import open_transaction
from maestro_ml.validation import validate_dataset

START = datetime(2024, 1, 1, tzinfo=UTC)
JANUARY = Window(START, datetime(2024, 2, 1, tzinfo=UTC))
AT = {"at": {"type": "timestamp"}}


@pytest.fixture
def cursor(mariadb_url):
    import pymysql

    address = urlsplit(mariadb_url)
    connection = pymysql.connect(
        host=address.hostname, port=address.port, user="root", database="maestro", autocommit=True
    )
    with connection, connection.cursor() as found:
        yield found


@pytest.fixture
def project(mariadb_url, dataset_project):
    def load(table: str, **dataset: object):
        given: dict = {"timestamp": "at", "columns": AT, "engine": "mariadb"}
        source = {"kind": "sql", "url": mariadb_url, "table": table}
        return dataset_project(source=source, **given | dataset)

    return load


def test_its_own_types(cursor, project):
    cursor.execute(
        "CREATE OR REPLACE TABLE `it``s` (at timestamp(6) NULL, small tinyint(1), flag bool, big bigint unsigned, "
        "real_ float, fixed char(4), name varchar(20) COLLATE utf8mb4_general_ci, feeling enum('happy', 'sad'), "
        "id uuid, doc json, year_ year, length_ time, raw blob, wide decimal(65, 30))"
    )
    cursor.execute(
        "INSERT INTO `it``s` VALUES ('2024-01-02', 5, 1, 18446744073709551615, 0.1, 'ab', 'Name', 'sad', uuid(), "
        "'{}', 2024, '10:00', x'00ff', 1), ('2024-01-03', 1, 0, 1, 0.5, 'abcd', 'name', 'sad', uuid(), NULL, 2023, "
        "NULL, NULL, NULL)"
    )
    columns = AT | {
        "small": {"type": "integer"},
        "flag": {"type": "boolean"},
        "big": {"type": "integer"},
        "real_": {"type": "number"},
        "year_": {"type": "integer"},
        **{name: {"type": "string"} for name in ("fixed", "name", "feeling", "id", "doc", "length_", "raw", "wide")},
    }
    checks = [
        {"check": "range", "column": "big", "max": 18446744073709551614},
        {"check": "range", "column": "small", "max": 4},
        {"check": "length", "column": "fixed", "min": 4},
        {"check": "unique", "columns": ["name"]},  # whatever the collation of the column
        {"check": "allowed", "column": "feeling", "values": ["Sad"]},
        {"check": "allowed", "column": "flag", "values": [True]},
    ]
    report = validate_dataset(project("it`s", columns=columns, checks=checks), "events", JANUARY, now=JANUARY.end)
    assert report.rows == 2
    wrong = {(f.check, f.column): f.numbers.get("count") for f in report.findings if f.violated}
    assert wrong == {
        ("range", "big"): 1,
        ("range", "small"): 1,
        ("length", "fixed"): 1,
        ("allowed", "feeling"): 2,
        ("allowed", "flag"): 1,
        **{("type", name): None for name in ("length_", "raw", "wide")},
    }


def test_every_number_is_of_one_moment_and_nothing_can_be_written(cursor, project):
    cursor.execute("CREATE OR REPLACE TABLE growing (at timestamp(6))")
    cursor.execute("INSERT INTO growing VALUES ('2024-01-02')")
    with open_on_engine(project("growing"), "events") as dataset:
        dataset.create_view("rows")
        before = dataset.fetch('SELECT count(*) FROM "rows"')
        cursor.execute("INSERT INTO growing VALUES ('2024-01-03')")
        assert dataset.fetch('SELECT count(*) FROM "rows"') == before == [(1,)]
        with pytest.raises(QueryError, match="READ ONLY"):
            dataset.engine.fetch("INSERT INTO growing VALUES ('2024-01-04')")


def test_what_mariadb_only_warns_of_is_an_error(cursor, project):
    cursor.execute("CREATE OR REPLACE TABLE words (at timestamp(6), s varchar(9))")
    cursor.execute("INSERT INTO words VALUES ('2024-01-02', 'abc')")
    columns = AT | {"s": {"type": "string"}}
    checks = [{"check": "predicate", "sql": "s + 0 < 5"}, {"check": "missing", "column": "s"}]
    report = validate_dataset(project("words", columns=columns, checks=checks), "events", JANUARY, ("quality",))
    broken, missing = report.findings[-2:]
    assert broken.violated
    assert "could not be checked: Truncated incorrect" in broken.message
    assert not missing.violated


def test_only_the_window_is_read_where_there_is_an_index(cursor, project):
    cursor.execute("CREATE OR REPLACE TABLE indexed (at timestamp(6), n int, KEY (at))")
    cursor.execute("INSERT INTO indexed SELECT '2023-01-01' + INTERVAL seq HOUR, seq FROM seq_1_to_20000")
    cursor.execute("ANALYZE TABLE indexed")
    with open_on_engine(project("indexed"), "events") as dataset:
        dataset.create_view("day", Window(START, datetime(2024, 1, 2, tzinfo=UTC)))
        plan = dataset.engine.fetch("EXPLAIN " + dataset.own_sql('SELECT sum("n") FROM "day"'))
    assert "range" in str(plan), plan


def test_a_table_that_is_not_there(project):
    with pytest.raises(DataError, match="there is no such table or view"):
        validate_dataset(project("nowhere"), "events", JANUARY)


def test_a_server_that_goes_away_ends_the_run(cursor, project):
    cursor.execute("CREATE OR REPLACE TABLE lost (at timestamp(6))")
    with open_on_engine(project("lost"), "events") as dataset:
        [[process]] = dataset.engine.fetch("SELECT connection_id()")
        cursor.execute(f"KILL {process}")
        with pytest.raises(DataError, match="table lost cannot be read"):
            dataset.fetch("SELECT 1")


def test_no_server(dataset_project):
    source = {"kind": "sql", "url": "mysql+pymysql://maestro:secret@127.0.0.1:9/none", "table": "t"}
    project = dataset_project(source=source, engine="mariadb", timestamp="at", columns=AT)
    with pytest.raises(DataError, match="cannot be reached") as caught:
        validate_dataset(project, "events", JANUARY)
    assert "secret" not in str(caught.value)


def test_a_server_that_refuses_to_begin_is_named_and_keeps_no_connection(cursor, project):
    cursor.execute("CREATE OR REPLACE TABLE begun (at timestamp(6))")
    loaded = project("begun")
    sessions = "SELECT count(*) FROM information_schema.processlist WHERE user = 'root'"
    cursor.execute(sessions)
    before = cursor.fetchone()
    with (
        pytest.raises(DataError, match=r"table begun at mysql.* cannot be reached: .*nothing_known"),
        open_transaction(loaded, "events", ("SET NAMES utf8mb4 COLLATE nothing_known",), extra="mysql"),
    ):
        pytest.fail("the transaction began")
    cursor.execute("SELECT sleep(0.2)")
    cursor.execute(sessions)
    assert cursor.fetchone() == before


def test_local_times_of_a_zone_are_refused_when_the_project_is_loaded(project):
    assert project("any", timezone="UTC")
    with pytest.raises(ProjectError, match=r"maestro.yaml:\d+: datasets.events.timezone: engine: mariadb: times of a"):
        project("any", timezone="Europe/Berlin")
