from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import Boolean, Column, DateTime, Float, MetaData, String, Table, create_engine

from maestro_ml.tables import DataError, open_dataset

naive = partial(datetime, tzinfo=None)  # SQLite keeps no timezone


@pytest.fixture
def database(tmp_path):
    """Provide events.db with the table `events` and the rows given."""

    def fill(*rows: dict) -> None:
        engine = create_engine(f"sqlite:///{tmp_path / 'events.db'}")
        metadata = MetaData()
        columns = [Column("at", DateTime), Column("zip", String), Column("amount", Float), Column("paid", Boolean)]
        table = Table("events", metadata, *columns)
        metadata.create_all(engine)
        if rows:
            with engine.begin() as connection:
                connection.execute(table.insert(), rows)
        engine.dispose()

    return fill


def sql(**source: str) -> dict:
    return {"kind": "sql", "url": "sqlite:///events.db", "table": "events"} | source


def test_a_table_keeps_its_types_and_nulls(load, database):
    database(
        {"at": naive(2024, 1, 1), "zip": "01234", "amount": 1.5, "paid": True},
        {"at": naive(2024, 1, 2), "zip": None, "amount": None, "paid": False},
    )
    types, rows = load(sql())
    assert types == {"at": "TIMESTAMP", "zip": "VARCHAR", "amount": "DOUBLE", "paid": "BOOLEAN"}
    assert rows == [(naive(2024, 1, 1), "01234", 1.5, True), (naive(2024, 1, 2), None, None, False)]


def test_an_empty_table_has_its_columns(load, database):
    database()
    types, rows = load(sql())
    assert list(types) == ["at", "zip", "amount", "paid"]
    assert rows == []


def test_the_order_of_columns_is_the_tables_also_where_some_are_not_read(dataset_project, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'events.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE events (at timestamp, more int, amount real)")
    engine.dispose()
    columns = {"at": {"type": "timestamp"}, "amount": {"type": "number"}}
    with open_dataset(dataset_project(source=sql(), timestamp="at", columns=columns), "events") as table:
        assert (table.names, table.unread) == (("at", "more", "amount"), ("more",))


@pytest.mark.parametrize(
    ("stored", "column"),
    [
        ("1704412800", {"unit": "s"}),
        ("1704412800.0", {"unit": "s"}),
        ("'05.01.2024 00:00'", {"format": "%d.%m.%Y %H:%M"}),
        ("'2024-01-05 00:00'", {"format": "iso8601"}),
    ],
)
def test_a_declared_time_of_sqlite_is_read_as_the_contract_says_it_is_written(load, tmp_path, stored, column):
    engine = create_engine(f"sqlite:///{tmp_path / 'events.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE events (at timestamp)")
        connection.exec_driver_sql(f"INSERT INTO events VALUES ({stored})")
    engine.dispose()
    types, [(moment,)] = load(sql(), columns={"at": {"type": "timestamp", **column}}, timezone="UTC")
    assert types["at"].startswith("TIMESTAMP")
    assert moment.replace(tzinfo=None) == naive(2024, 1, 5)


def test_more_rows_than_one_part(load, database, monkeypatch):
    monkeypatch.setattr("maestro_ml.tables.sources.database.read.ROWS_AT_ONCE", 2)
    database(*({"at": naive(2024, 1, day), "zip": None if day < 4 else "x"} for day in range(1, 8)))
    assert [row[1] for row in load(sql())[1]] == [None] * 3 + ["x"] * 4


def test_a_missing_database_is_not_made(load, tmp_path):
    with pytest.raises(DataError, match=r"no SQLite file at .*events\.db"):
        load(sql())
    assert not (tmp_path / "events.db").exists()


def test_a_missing_table_is_named(load, database):
    database()
    with pytest.raises(DataError, match=r"table orders at sqlite.*: there is no such table or view"):
        load(sql(table="orders"))


def test_values_without_a_common_type_are_an_error(load, database, tmp_path):
    import sqlite3

    database({"at": naive(2024, 1, 1), "zip": "1"})
    with sqlite3.connect(tmp_path / "events.db") as connection:
        connection.execute("CREATE TABLE mixed (at, amount)")
        connection.execute("INSERT INTO mixed VALUES ('2024-01-01', 1.5), ('2024-01-01', 'oops')")
    connection.close()
    with pytest.raises(DataError, match=r"table mixed at sqlite.* cannot be read"):
        load(sql(table="mixed"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql+psycopg://maestro:s3cret@127.0.0.1:1/db?connect_timeout=2", r"table events at .*127\.0\.0\.1"),
        ("no database at all s3cret", "is not a database URL"),
        ("nosuch+driver://maestro:s3cret@host/db", "cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(load, url, message):
    with pytest.raises(DataError, match=message) as caught:
        load(sql(url=url))
    assert "s3cret" not in str(caught.value)
