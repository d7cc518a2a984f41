"""Of a table in a database, only the columns and rows that are needed are read."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import duckdb
import pytest
import sqlalchemy
from postgres_server import running_postgres

from maestro_ml.project import Window, load_project
from maestro_ml.tables import open_dataset
from maestro_ml.tables.extent import extent_of
from maestro_ml.tables.sources.database import read
from maestro_ml.validation import validate_dataset

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def database():
    with running_postgres() as url:
        yield url


@pytest.fixture
def project(database, dataset_project):
    """Provide `project(table, definition, inserts, **dataset)`: a new table of the database as a dataset."""

    def make(table: str, *statements: str, columns: dict[str, str], **dataset: object):
        engine = sqlalchemy.create_engine(database)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
        given = {name: {"type": type_} for name, type_ in columns.items()}
        source = {"kind": "sql", "url": database, "table": table}
        return dataset_project(**{"source": source, "timestamp": "at", "columns": given} | dataset)

    return make


@contextmanager
def counting_rows():
    """Count the rows that come from the database, and the queries they come by."""
    seen: list[int] = []
    parts = read._parts

    def counted(connection, query):
        for rows in parts(connection, query):
            seen.append(len(rows))
            yield rows

    with patch.object(read, "_parts", counted):
        yield seen


HOURLY = "SELECT '2020-01-01'::{type} + n * interval '1 hour', n FROM generate_series(0, 49999) n"


@pytest.mark.parametrize(("type_", "zone"), [("timestamptz", None), ("timestamp", "America/New_York"), ("date", "UTC")])
def test_a_validation_reads_the_window_and_its_surroundings_and_finds_the_same(project, type_, zone):
    step = "1 day" if type_ == "date" else "1 hour"
    rows = f"SELECT ('2020-01-01'::{type_} + n * interval '{step}')::{type_}, n FROM generate_series(0, 49999) n"
    given = {
        "columns": {"at": "date" if type_ == "date" else "timestamp", "n": "integer"},
        "freshness": {"max_age": "1d"},
        "reference": {"kind": "previous"},
        "drift": {"columns": ["n"]},
        **({"timezone": zone} if zone else {}),
    }
    table = f"CREATE TABLE hours (at {type_}, n bigint)"
    spec = project("hours", table, f"INSERT INTO hours {rows}", "INSERT INTO hours VALUES (NULL, 1)", **given)
    with counting_rows() as seen:
        found = validate_dataset(spec, "events", JANUARY, now=NOW)
    assert 0 < sum(seen) < 2 * (31 + 8) * 24
    with patch("maestro_ml.validation.run.windows_read", lambda *_: None):
        whole = validate_dataset(spec, "events", JANUARY, now=NOW)
    assert [f.model_dump(exclude={"sample"}) for f in found.findings] == [
        f.model_dump(exclude={"sample"}) for f in whole.findings
    ]
    assert (found.rows, found.newest) == (whole.rows, whole.newest)
    assert next(f for f in found.findings if f.check == "untimed").violated


def test_columns_beyond_the_contract_are_named_and_not_read(project):
    spec = project(
        "odd",
        "CREATE TABLE odd (at timestamptz, host inet, until timestamp, n int)",
        "INSERT INTO odd VALUES ('2024-01-02', '10.0.0.1', 'infinity', 1)",
        columns={"at": "timestamp", "n": "integer"},
    )
    report = validate_dataset(spec, "events", JANUARY, now=NOW)
    assert report.rows == 1
    assert next(f.message for f in report.findings if f.check == "extra") == "not in the contract: host, until"


@pytest.mark.parametrize(
    ("given", "unread"),
    [
        ({"columns": {"at": "timestamp", "gene_*": "integer"}}, "host, n"),
        ({"columns": {"at": "timestamp"}, "checks": [{"check": "missing", "column": "n"}]}, "gene_a, host"),
    ],
)
def test_what_a_pattern_covers_or_a_check_names_is_read(project, given, unread):
    spec = project(
        "wide",
        "CREATE TABLE wide (at timestamptz, gene_a int, host inet, n int)",
        "INSERT INTO wide VALUES ('2024-01-02', 1, '10.0.0.1', 2)",
        extra_columns="allow",
        **given,
    )
    with open_dataset(spec, "events", [JANUARY]) as table:
        assert ", ".join(table.unread) == unread


def test_without_a_contract_all_columns_are_read(project):
    spec = project(
        "bare",
        "CREATE TABLE bare (at timestamptz, host inet, n int)",
        "INSERT INTO bare VALUES ('2024-01-02', '10.0.0.1', 2)",
        columns={},
    )
    with open_dataset(spec, "events", [JANUARY]) as table:
        assert (table.unread, [*table.spec.columns]) == ((), ["at", "host", "n"])


def test_an_infinite_time_outside_the_window_is_in_no_window_but_in_the_future(project):
    spec = project(
        "endless",
        "CREATE TABLE endless (at timestamptz, n int)",
        "INSERT INTO endless VALUES ('2024-01-02', 1), ('infinity', 2)",
        columns={"at": "timestamp", "n": "integer"},
    )
    with open_dataset(spec, "events", [JANUARY]) as table:
        assert table.rows(JANUARY, ["n"]).fetchall() == [(1,)]
        assert table.time_counter.count(NOW, NOW).future == 1


@pytest.mark.parametrize("error", [ValueError("year 10000 is out of range"), OverflowError("date value out of range")])
def test_times_that_python_has_none_for_are_left_to_the_rows(project, monkeypatch, error):
    spec = counted(project, monkeypatch, error)
    with open_dataset(spec, "events", [JANUARY]) as table:
        assert table.time_counter.count(NOW, NOW) is None


def test_a_mistake_of_ours_in_counting_times_is_no_missing_count(project, monkeypatch):
    spec = counted(project, monkeypatch, AttributeError("no such name"))
    with open_dataset(spec, "events", [JANUARY]) as table, pytest.raises(AttributeError, match="no such name"):
        table.time_counter.count(NOW, NOW)


def test_a_table_that_no_database_counts_has_no_counter(tmp_path):
    duckdb.sql("SELECT TIMESTAMP '2024-01-02' AS at").write_parquet(str(tmp_path / "events.parquet"))
    events = {"source": {"kind": "parquet", "path": "events.parquet"}, "timestamp": "at"}
    (tmp_path / "maestro.yaml").write_text(json.dumps({"name": "here", "datasets": {"events": events}}))
    with open_dataset(load_project(tmp_path), "events") as table:
        assert table.time_counter is None


def counted(project, monkeypatch, error):
    """Return a project whose event times cannot be understood, once the database has counted them."""

    def fail(*_):
        raise error

    monkeypatch.setattr("maestro_ml.tables.sources.database.read.times_of", fail)
    statements = ("CREATE TABLE events (at timestamptz, n int)", "INSERT INTO events VALUES ('2024-01-02', 1)")
    return project("events", *statements, columns={"at": "timestamp", "n": "integer"})


def test_a_value_that_cannot_be_read_is_refused_with_its_column_and_type(project):
    spec = project(
        "ended",
        "CREATE TABLE ended (at timestamptz, until timestamp)",
        "INSERT INTO ended VALUES ('2024-01-02', 'infinity')",
        columns={"at": "timestamp", "until": "timestamp"},
    )
    with pytest.raises(Exception, match=r"the column until \(TIMESTAMP\) cannot be read"):
        validate_dataset(spec, "events", JANUARY, now=NOW)


def test_a_check_of_all_columns_reads_all_of_them(project):
    spec = project(
        "twice",
        "CREATE TABLE twice (at timestamptz, other int)",
        "INSERT INTO twice VALUES ('2024-01-02', 1), ('2024-01-02', 2)",
        columns={"at": "timestamp"},
        checks=[{"check": "duplicate_rows"}],
    )
    report = validate_dataset(spec, "events", JANUARY, now=NOW)
    assert not next(f for f in report.findings if f.check == "duplicate_rows").violated


def test_where_the_rows_are_is_asked_of_the_database(project):
    rows = HOURLY.format(type="timestamptz")
    spec = project(
        "extent",
        "CREATE TABLE extent (at timestamptz, n int)",
        f"INSERT INTO extent {rows}",
        columns={"at": "timestamp", "n": "integer"},
    )
    with counting_rows() as seen, open_dataset(spec, "events", ()) as table:
        extent = extent_of(table, datetime(2026, 1, 1, tzinfo=UTC))
        last = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=49_999)
        assert (extent.oldest, extent.newest) == (datetime(2020, 1, 1, tzinfo=UTC), last)
    assert sum(seen) == 0
