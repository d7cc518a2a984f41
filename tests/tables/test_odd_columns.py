"""Columns of types that a contract has few or no words for: each is read exactly, or its name is in what is refused."""

import csv
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.validation import validate_dataset

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))

VALUES = {
    "decimal": Decimal("12345678901234567890.12"),
    "nested": {"a": [1, 2]},
    "duration": timedelta(hours=25, seconds=1.5),
    "time": time(23, 59, 58, 250000),
}
ARROW = {
    "decimal": pa.decimal128(30, 2),
    "nested": pa.struct({"a": pa.list_(pa.int64())}),
    "duration": pa.duration("us"),
    "time": pa.time64("us"),
}
POSTGRES = {"decimal": "numeric(30, 2)", "nested": "jsonb", "duration": "interval", "time": "time"}
SQLITE = {"decimal": "DECIMAL(30, 2)", "nested": "JSON", "duration": "INTERVAL", "time": "TIME"}
TEXTS = {
    "decimal": "12345678901234567890.12",
    "nested": '{"a": [1, 2]}',
    "duration": "25:00:01.5",
    "time": "23:59:58.25",
}


def _source(kind: str, odd: str, folder: Path, request: pytest.FixtureRequest) -> dict:
    match kind:
        case "parquet":
            pq.write_table(
                pa.table({"id": [1, 2], "odd": pa.array([VALUES[odd], None], ARROW[odd])}), folder / "t.parquet"
            )
        case "csv":
            with (folder / "t.csv").open("w", newline="") as file:
                csv.writer(file).writerows([["id", "odd"], [1, TEXTS[odd]], [2, ""]])
        case "json":
            value = VALUES[odd] if odd == "nested" else TEXTS[odd]
            (folder / "t.json").write_text(json.dumps([{"id": 1, "odd": value}, {"id": 2, "odd": None}]))
        case "sqlite":
            with closing(sqlite3.connect(folder / "t.db")) as connection:
                connection.execute(f"CREATE TABLE t (id INTEGER, odd {SQLITE[odd]})")
                connection.executemany("INSERT INTO t VALUES (?, ?)", [(1, TEXTS[odd]), (2, None)])
                connection.commit()
            return {"kind": "sql", "url": f"sqlite:///{folder}/t.db", "table": "t"}
        case "postgres":
            url = request.getfixturevalue("postgres_url")
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                connection.execute(
                    f"DROP TABLE IF EXISTS {odd}_t; CREATE TABLE {odd}_t (id bigint, odd {POSTGRES[odd]})"
                )
                connection.execute(f"INSERT INTO {odd}_t VALUES (1, %s), (2, NULL)", [TEXTS[odd]])
            return {"kind": "sql", "url": url, "table": f"{odd}_t"}
    return {"kind": kind, "path": f"t.{kind}"}


DIGITS = float("12345678901234567890.12")
# Text sources are typed by the contract; SQLite itself keeps a decimal as a double, and has no types for the others.
READ = {
    "parquet": {
        "decimal": ("DECIMAL(30,2)", VALUES["decimal"]),
        "nested": ("STRUCT(a BIGINT[])", VALUES["nested"]),
        "duration": ("BIGINT", 90_001_500_000),  # Parquet has no such type: Arrow writes microseconds
        "time": ("TIME", VALUES["time"]),
    },
    "csv": {odd: ("VARCHAR", text) for odd, text in TEXTS.items()},
    "json": {odd: ("VARCHAR", text) for odd, text in TEXTS.items()} | {"nested": ("VARCHAR", '{"a":[1,2]}')},
    "sqlite": {
        "decimal": ("DOUBLE", DIGITS),
        "nested": ("VARCHAR", TEXTS["nested"]),
        "duration": "the column odd is declared INTERVAL and holds text '25:00:01.5', no whole number",
        "time": ("TIME", VALUES["time"]),
    },
    "postgres": {
        "decimal": ("DECIMAL(30,2)", VALUES["decimal"]),
        "nested": ("VARCHAR", TEXTS["nested"]),
        "duration": ("VARCHAR", TEXTS["duration"]),
        "time": ("TIME", VALUES["time"]),
    },
}
CASES = [(kind, odd) for kind in READ for odd in VALUES]


@pytest.mark.parametrize(("kind", "odd"), CASES)
def test_a_column_of_an_odd_type_is_read_or_refused_by_name(dataset_project, tmp_path, request, kind, odd):
    project = dataset_project(source=_source(kind, odd, tmp_path, request))
    expected = READ[kind][odd]
    if isinstance(expected, str):
        with pytest.raises(DataError, match=expected):
            validate_dataset(project, "events", JANUARY)
        return
    with open_dataset(project, "events") as table:
        assert table.types["odd"] == expected[0]
        assert table.relation.order("id").project("odd").fetchall() == [(expected[1],), (None,)]
    report = validate_dataset(project, "events", JANUARY)
    assert (report.verdict, report.rows) == ("pass", 2)


@pytest.mark.parametrize(("kind", "odd"), CASES)
def test_a_contract_that_says_otherwise_names_the_column(dataset_project, tmp_path, request, kind, odd):
    columns = {"id": {"type": "integer"}, "odd": {"type": "date"}}
    project = dataset_project(source=_source(kind, odd, tmp_path, request), columns=columns)
    if isinstance(READ[kind][odd], str):
        with pytest.raises(DataError, match="the column odd"):
            validate_dataset(project, "events", JANUARY)
        return
    report = validate_dataset(project, "events", JANUARY)
    assert [(f.check, f.column) for f in report.findings if f.violated] == [("type", "odd")]
    assert report.verdict == "fail"
