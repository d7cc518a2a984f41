"""What a database holds is read exactly as its driver gives it, or refused by table and column."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path

import psycopg
import pytest

from maestro_ml.core.errors import WrongSource
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.tables.errors import MissingSource

naive = partial(datetime, tzinfo=None)
BIG = 2**53 + 1


@pytest.fixture
def sqlite(tmp_path: Path, load: Callable) -> Callable:
    """Provide `sqlite("amount INTEGER", 1, 2)`, which reads a table with these values of one column.

    A name is taken for granted.
    """

    def read(column: str, *values: object, pii: bool = False, part: int | None = None) -> tuple[str, list]:
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
            connection.execute(f"CREATE TABLE orders (at DATETIME, {column})")
            connection.executemany("INSERT INTO orders VALUES ('2024-01-01 00:00:00', ?)", [(v,) for v in values])
            connection.commit()
        name = column.split(maxsplit=1)[0]
        contract = {"at": {"type": "timestamp"}, name: {"type": "string", "pii": pii}}
        types, rows = load({"kind": "sql", "url": "sqlite:///shop.db", "table": "orders"}, columns=contract)
        return types[name], [row[1] for row in rows]

    return read


@pytest.mark.parametrize(
    ("column", "values", "type_"),
    [
        ("n INTEGER", [2**63 - 1, -(2**63), None, 0], "BIGINT"),
        ("n BIGINT", [BIG, BIG + 2], "BIGINT"),
        ("n NUMERIC", [BIG, 1], "BIGINT"),
        ("n NUMERIC", [1, 0.5, None], "DOUBLE"),
        ("n DECIMAL(10,2)", [0.1, 1234567.89], "DOUBLE"),
        ("n REAL", [0.1, 2.0], "DOUBLE"),
        ("n", [1, 2], "BIGINT"),
        ("n", [1, 2.5], "DOUBLE"),
        ("n", ["007", "a"], "VARCHAR"),
        ("n TEXT", ["007", "", "ü"], "VARCHAR"),
        ("n BLOB", [b"\xff\x00", None], "BLOB"),
        ("n BOOLEAN", [0, 1, None], "BOOLEAN"),
        ("n DATE", ["2024-02-29", None], "DATE"),
        ("n TIME", ["23:59:59.999999", "00:00"], "TIME"),
        ("n DATETIME", ["2024-01-31 23:59:59.999999", "2024-02-01T00:00:00", "2024-02-01"], "TIMESTAMP"),
        ("n TIMESTAMP", ["2024-01-31 23:59:59.5+01:00", "2024-02-01T00:00:00Z"], "TIMESTAMP WITH TIME ZONE"),
        ("n JSON", ['{"a": 1.10}', None], "VARCHAR"),
        ("n DATETIME", [None, None], "TIMESTAMP"),
    ],
)
def test_values_of_sqlite_are_what_sqlite_gives(sqlite: Callable, column: str, values: list, type_: str) -> None:
    found, read = sqlite(column, *values)
    assert found == type_
    meant = {
        "DATE": lambda v: v if v is None else date.fromisoformat(v),
        "TIME": time.fromisoformat,
        "TIMESTAMP": lambda v: v if v is None else datetime.fromisoformat(v),
        "TIMESTAMP WITH TIME ZONE": lambda v: datetime.fromisoformat(v).astimezone(UTC),
    }.get(type_, lambda v: v)
    assert read == [meant(value) for value in values]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("n INTEGER", [1, "abc"], "is declared INTEGER and holds text 'abc', no whole number"),
        ("n INTEGER", [1, 1.5], "is declared INTEGER and holds the number 1.5, no whole number"),
        ("n NUMERIC(10,2)", ["n/a", "n/a"], r"is declared NUMERIC\(10,2\) and holds text 'n/a', no number"),
        ("n REAL", [1.0, "1,5"], "is declared REAL and holds text '1,5', no number"),
        ("n NUMERIC", [BIG, 0.5], "no type holds"),
        ("n", ["a", 1], "mixes numbers and text"),
        ("n TEXT", ["a", b"\x00b"], "is declared TEXT and holds bytes b'.x00b', no text"),
        ("n BOOLEAN", [1, "t"], "is declared BOOLEAN and holds text 't', no boolean"),
        ("n BOOLEAN", [0, 2], "is declared BOOLEAN and holds the number 2, no boolean"),
        ("n DATE", ["2024-02-30"], "is declared DATE and holds text '2024-02-30', no date such as 2024-01-31"),
        ("n DATE", ["2024-02-28 00:00:00"], "is declared DATE and holds text '2024-02-28 00:00:00', no date"),
        ("n TIME", ["12:00", "25:00"], "is declared TIME and holds text '25:00', no time of day"),
        ("n DATETIME", ["2024-01-01", "05/01/2024"], "holds text '05/01/2024', no time to the microsecond"),
        ("n DATETIME", [1704067200], "is declared DATETIME and holds the number 1704067200, no time such as"),
        ("n DATETIME", ["2024-01-01 00:00:00.123456789"], "123456789', no time to the microsecond"),
        ("n DATETIME", ["2024-01-01 00:00:00", "2024-01-01 00:00:00Z"], "mixes times with and without an offset"),
        ("n DATETIME", [""], "holds text '', no time"),
        ("n TIMESTAMP", ["2024-01-01 00:00:00", 1704067200], "holds the number 1704067200"),
    ],
)
@pytest.mark.parametrize("part", [None, 1])
def test_what_the_declared_type_does_not_hold_is_refused_by_name(
    sqlite: Callable, column: str, values: list, message: str, part: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if part:
        monkeypatch.setattr("maestro_ml.tables.sources.database.read.ROWS_AT_ONCE", part)
    message = "mixes" if part and "no type" not in message and message.startswith("mixes") else message
    expected = rf"table orders at sqlite.* cannot be read: the column n .*{message}"
    with pytest.raises(DataError, match=expected) as caught:
        sqlite(column, *values)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_text_that_is_not_utf8_is_refused_by_name(load: Callable, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("CREATE TABLE t (at DATETIME, a TEXT, n TEXT)")
        connection.execute("INSERT INTO t VALUES ('2024-01-01', 'fine', CAST(x'4164ff' AS TEXT))")
        connection.commit()
    with pytest.raises(DataError, match=r"the column n \(TEXT\) cannot be read: Could not decode to UTF-8"):
        load(sql("sqlite:///shop.db", "t"), columns={"at": {"type": "timestamp"}, "n": {"type": "string"}})
    contract = {"at": {"type": "timestamp"}, "n": {"type": "string", "pii": True}}
    with pytest.raises(DataError, match=r"the column n \(TEXT\) cannot be read: OperationalError$"):
        load(sql("sqlite:///shop.db", "t"), columns=contract)


def test_no_refusal_shows_a_value_of_a_hidden_column(sqlite: Callable, tmp_path: Path) -> None:
    for number, (column, values) in enumerate(
        [
            ("n INTEGER", [1, "Quillfeather"]),
            ("n NUMERIC", ["Quillfeather"]),
            ("n DATETIME", ["Quillfeather"]),
            ("n DATETIME", ["2024-01-01 00:00:00", "2031-07-19 00:00:00Z"]),
            ("n DATE", ["Quillfeather"]),
            ("n TIME", ["Quillfeather"]),
            ("n BOOLEAN", ["Quillfeather"]),
            ("n TEXT", [b"Quillfeather"]),
            ("n", ["Quillfeather", 2]),
        ]
    ):
        with pytest.raises(DataError, match="the column n") as caught:
            sqlite(column, *values, pii=True)
        assert "Quillfeather" not in str(caught.value), number
        assert "2031" not in str(caught.value), number
        (tmp_path / "shop.db").unlink()


def sql(url: str, table: str, **more: str) -> dict:
    return {"kind": "sql", "url": url, "table": table, **more}


def test_a_database_that_is_none_is_said(load: Callable, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all, but long enough to have a header" * 50)
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(DataError, match=r"table t at sqlite.*text\.db cannot be read: file is not a database"):
        load(sql("sqlite:///text.db", "t"))
    with pytest.raises(DataError, match=r"table t at sqlite.*folder\.db cannot be read: unable to open"):
        load(sql("sqlite:///folder.db", "t"))
    with pytest.raises(MissingSource, match="there is no such table or view"):
        load(sql("sqlite:///empty.db", "t"))


def test_a_locked_database_is_said(load: Callable, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (at DATETIME)")
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match=r"shop\.db\?timeout=0 cannot be read: database is locked"):
            load(sql("sqlite:///shop.db?timeout=0", "t"))


def test_a_view_that_fails_is_said(load: Callable, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("CREATE TABLE t (at DATETIME, doc TEXT)")
        connection.execute("INSERT INTO t VALUES ('2024-01-01', '{not json')")
        connection.execute("CREATE VIEW v AS SELECT at, json_extract(doc, '$.a') AS a FROM t")
        connection.execute("CREATE VIEW gone AS SELECT * FROM nowhere")
        connection.commit()
    contract = {"at": {"type": "timestamp"}, "a": {"type": "string"}}
    with pytest.raises(DataError, match=r"table v at .* the column a \(.*\) cannot be read: malformed JSON"):
        load(sql("sqlite:///shop.db", "v"), columns=contract)
    with pytest.raises(DataError, match=r"table gone at .* cannot be read: no such table"):
        load(sql("sqlite:///shop.db", "gone"))


@pytest.fixture
def postgres(postgres_url: str, load: Callable) -> Callable:
    """Provide `postgres("n inet", "'10.0.0.1'")`, which reads a table with these values (SQL) of one column."""

    def read(column: str, *values: str, driver: str = "psycopg", pii: bool = False) -> tuple[str, list, list]:
        name = column.split(maxsplit=1)[0]
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
            connection.execute("DROP TABLE IF EXISTS orders")
            connection.execute(f"CREATE TABLE orders (at timestamptz DEFAULT '2024-01-01', {column})")
            for value in values:
                connection.execute(f"INSERT INTO orders ({name}) VALUES ({value})")
            given = connection.execute(f"SELECT {name}, {name}::text FROM orders").fetchall() if not driver else []
        contract = {"at": {"type": "timestamp"}, name: {"type": "string", "pii": pii}}
        url = postgres_url.replace("+psycopg", f"+{driver}")
        types, rows = load(sql(url, "orders"), columns=contract)
        return types[name], [row[1] for row in rows], given

    return read


@pytest.mark.parametrize(
    ("column", "values", "type_", "read"),
    [
        ("n bigint", [str(2**63 - 1)], "BIGINT", [2**63 - 1]),
        ("n numeric", ["9007199254740993", "0.5"], None, [Decimal(BIG), Decimal("0.5")]),
        ("n numeric(30,10)", ["12345678901234567890.0123456789"], "DECIMAL(30,10)", None),
        ("n double precision", ["0.1", "'NaN'"], "DOUBLE", None),
        ("n real", ["0.1"], "DOUBLE", [0.1]),
        ("n timestamptz", ["'2024-01-31 23:59:59.999999+01'"], "TIMESTAMP WITH TIME ZONE", None),
        ("n timestamp", ["'2024-01-31 23:59:59.999999'"], "TIMESTAMP", [naive(2024, 1, 31, 23, 59, 59, 999999)]),
        ("n uuid", ["'5d1ba2a9-0c80-4b44-8c05-b2f4d3c2a1f0'"], "VARCHAR", ["5d1ba2a9-0c80-4b44-8c05-b2f4d3c2a1f0"]),
        ("n inet", ["'10.0.0.1/8'"], "VARCHAR", ["10.0.0.1/8"]),
        ("n jsonb", ["'{\"a\": [1, 2.50]}'"], "VARCHAR", ['{"a": [1, 2.50]}']),
        ("n int[]", ["'{1,2}'", "NULL"], "VARCHAR", ["{1,2}", None]),
        ("n int4range", ["'[1,5)'"], "VARCHAR", ["[1,5)"]),
        ("n interval", ["'1 month 2 days'"], "VARCHAR", ["1 mon 2 days"]),
        ("n bytea", ["'\\xff00'"], "BLOB", [b"\xff\x00"]),
        ("n money", ["12.5"], "VARCHAR", ["$12.50"]),
        ("n boolean", ["true", "NULL"], "BOOLEAN", [True, None]),
        ("n char(3)", ["'a'"], "VARCHAR", ["a  "]),
        ("n timestamptz", [], "TIMESTAMP WITH TIME ZONE", []),
        ("n bigint", ["NULL"], "BIGINT", [None]),
    ],
)
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_values_of_postgresql_are_what_it_holds(
    postgres: Callable, column: str, values: list[str], type_: str | None, read: list | None, driver: str
) -> None:
    found, rows, _ = postgres(column, *values, driver=driver)
    assert type_ in (None, found)
    if read is not None:
        assert rows == read
    elif type_ == "DECIMAL(30,10)":
        assert rows == [Decimal("12345678901234567890.0123456789")]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("n timestamptz", ["'2024-01-01'", "'infinity'"], "the column n .*infinity"),
        ("n timestamp", ["'-infinity'"], "the column n .*infinity"),
        ("n date", ["'infinity'"], "the column n .*infinity"),
        ("n timestamp", ["'20000-01-01'"], "the column n "),
        ("n date", ["'0044-03-15 BC'"], "the column n "),
        ("n numeric", ["'NaN'"], "the column n .*NaN"),
        ("n numeric", ["1e40"], "the column n "),
    ],
)
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_what_neither_python_nor_duckdb_holds_is_refused_by_name(
    postgres: Callable, column: str, values: list[str], message: str, driver: str
) -> None:
    with pytest.raises(DataError, match=f"table orders at postgresql.* cannot be read: {message}") as caught:
        postgres(column, *values, driver=driver)
    assert "\n" not in str(caught.value)


def test_a_server_that_refuses_is_said_without_its_password(postgres_url: str, load: Callable) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("DROP TABLE IF EXISTS secret")
        connection.execute("CREATE TABLE secret (at timestamptz)")
        connection.execute("DROP ROLE IF EXISTS ada")
        connection.execute("CREATE ROLE ada LOGIN PASSWORD 'hunter2'")
    ada = postgres_url.replace("maestro@", "ada:hunter2@")
    with pytest.raises(DataError, match="permission denied for table secret") as denied:
        load(sql(ada, "secret"))
    with pytest.raises(DataError, match='database "nope" does not exist') as absent:
        load(sql(ada.replace("/postgres", "/nope"), "secret"))
    with pytest.raises(MissingSource, match="there is no such table") as missing:
        load(sql(ada, "nothing"))
    for caught in (denied, absent, missing):
        assert "hunter2" not in str(caught.value)
    assert (denied.value.exit_code, missing.value.exit_code) == (3, 2)


def test_columns_that_differ_only_in_case_are_refused(postgres_url: str, load: Callable) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute('DROP TABLE IF EXISTS twins; CREATE TABLE twins (at timestamptz, id int, "Id" int)')
    with pytest.raises(WrongSource, match="the columns id and Id differ in the case of their names only"):
        load(sql(postgres_url, "twins"), columns={"at": {"type": "timestamp"}, "id": {"type": "integer"}})


def test_the_window_of_a_table_is_read_as_its_times_say(tmp_path: Path, dataset_project: Callable) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("CREATE TABLE t (at TIMESTAMP)")
        connection.execute("INSERT INTO t VALUES ('2024-01-31 23:30:00-01:00')")
        connection.commit()
    project = dataset_project(
        source=sql("sqlite:///shop.db", "t"), timestamp="at", columns={"at": {"type": "timestamp"}}
    )
    with open_dataset(project, "events") as dataset:
        assert dataset.relation.fetchall() == [(datetime(2024, 2, 1, 0, 30, tzinfo=UTC),)]
