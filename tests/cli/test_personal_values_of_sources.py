"""No personal value appears where a source cannot be read or a training fails."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import yaml
from clinic import CHECKS, CONTRACT, expect_no_mark, maestro, people
from postgres_server import running_postgres

CSV = "at,id,amount,name,code,card,salary,born,moved\n"


ROW = "2024-01-20T00:00:00Z,1,2.5,Ada Quillfeather,Quillfeather-1,7318264001,48213.75,1931-02-03,1847-03-04T00:00:00Z\n"


BAD_ROWS = [
    ROW.replace("7318264001", "Quillfeather"),
    ROW.replace("48213.75", "48213.75x"),
    ROW.replace("1931-02-03", "1931-02-31"),
    ROW.replace("1931-02-03", "03.04.1931-0"),
    ROW.replace("1847-03-04T00:00:00Z", "1847-03-04 25:00"),
    ROW.replace("Ada Quillfeather", '"Ada Quillfeather'),
    ROW.replace("Ada Quillfeather", 'Ada "Quill"feather"'),
    ROW.replace(",48213.75", ""),
    ROW.replace("Ada Quillfeather", "Ada,Quillfeather,x"),
    ROW.replace("Ada Quillfeather", "Ada Quillfeather \xff"),
    ROW.replace("\n", "\r") * 2,
]


@pytest.mark.parametrize("number", range(len(BAD_ROWS)))
@pytest.mark.parametrize("files", [1, 2])
def test_a_csv_file_that_cannot_be_read_shows_no_personal_value(
    write: Callable[..., Path], tmp_path: Path, number: int, files: int
) -> None:
    folder = write({"kind": "csv", "path": "../data/people"}, checks=[{"check": "missing", "column": "card"}])
    (tmp_path / "data" / "people").mkdir()
    good = CSV + ROW * 50
    (tmp_path / "data" / "people" / "a.csv").write_bytes((good + BAD_ROWS[number] + ROW).encode("latin-1"))
    if files > 1:
        (tmp_path / "data" / "people" / "b.csv").write_text(good)
    printed = [
        maestro(folder, command, "people", "--at", "2024-01-21", *more)[1]
        for command, *more in (("validate",), ("validate", "--json"), ("suggest",))
    ]
    expect_no_mark(folder, *printed)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("card INTEGER", ["Quillfeather", 7318264001]),
        ("salary REAL", ["48213.7 Quillfeather"]),
        ("born DATE", ["1931-02-31"]),
        ("moved DATETIME", ["1847-03-04 25:00:00"]),
        ("name TEXT", [b"Ada Quillfeather \xff"]),
        ("name TEXT", ["Ada Quillfeather", None]),
    ],
)
def test_a_database_that_holds_something_else_shows_no_personal_value(
    write: Callable[..., Path], tmp_path: Path, column: str, values: list[object]
) -> None:
    folder = write({"kind": "sql", "url": "sqlite:///../data/people.db", "table": "people"}, keys=["id"])
    with closing(sqlite3.connect(tmp_path / "data" / "people.db")) as connection:
        connection.execute(f"CREATE TABLE people (at DATETIME, id INTEGER, amount REAL, {column})")
        for value in values:
            connection.execute("INSERT INTO people VALUES ('2024-01-20 00:00:00', 1, 2.5, ?)", [value])
        connection.commit()
    printed = [maestro(folder, "validate", "people", "--at", "2024-01-21", *more)[1] for more in ((), ("--json",))]
    expect_no_mark(folder, *printed)


def test_texts_where_the_contract_has_numbers_and_times_show_no_personal_value(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write(checks=CHECKS, reference={"kind": "previous"}, drift={}, anomalies={})
    frame = people()
    people(300).to_parquet(tmp_path / "data" / "others.parquet")
    for name in ("card", "salary", "born", "moved"):
        frame[name] = [f"Quillfeather {value}" for value in frame[name]]
    frame.to_parquet(tmp_path / "data" / "people.parquet")
    printed = [
        maestro(folder, command, "people", "--at", "2024-01-21", *more)[1]
        for command, *more in (("validate",), ("validate", "--json"), ("suggest",))
    ]
    expect_no_mark(folder, *printed)


MODEL = {
    "dataset": "people",
    "label": "late",
    "columns": ["name", "card", "salary", "amount"],
    "window": "20d",
    "test": "5d",
    "estimator": {"class": "sklearn.tree.DecisionTreeClassifier", "parameters": {"max_depth": 2}},
    "gate": {"above": 0.1, "beat_baseline": False},
    "register": {"name": "late"},
}


@pytest.mark.parametrize("label", ["both", "text", "one", "other"])
def test_no_training_shows_a_personal_value(write: Callable[..., Path], tmp_path: Path, label: str) -> None:
    type_ = {"text": "string", "other": "integer"}.get(label, "boolean")
    folder = write(columns={**CONTRACT, "late": {"type": type_, "pii": True}}, keys=["id"])
    frame = people()
    values = {
        "both": [n % 3 == 0 for n in range(len(frame))],
        "text": [f"Quillfeather {n % 2}" for n in range(len(frame))],
        "one": [True] * len(frame),
        "other": [7318264 + n % 2 for n in range(len(frame))],
    }
    frame["late"] = values[label]
    frame.to_parquet(tmp_path / "data" / "people.parquet")
    project = yaml.safe_load((folder / "maestro.yaml").read_text())
    project |= {"models": {"late": MODEL}, "tracking": {"uri": "sqlite:///mlflow.db", "experiment": "late"}}
    (folder / "maestro.yaml").write_text(yaml.safe_dump(project))
    code, text = maestro(folder, "train", "late", "--at", "2024-01-21", "--json")
    assert (code == 0) == (label == "both"), text
    assert "Traceback" not in text
    # Data and a model of it by their nature: who may read the run store may read these.
    for file in [*folder.rglob("training_set.parquet"), *folder.rglob("*.skops")]:
        file.unlink()
    expect_no_mark(folder, text)
    assert not list(folder.rglob("input_example*"))


@pytest.mark.parametrize("engine", ["postgres", "duckdb"])
def test_no_personal_value_comes_out_of_postgresql(write: Callable[..., Path], engine: str) -> None:
    columns = "at timestamptz, id bigint, amount float8, name text, code text, card bigint, salary float8, born date"
    with running_postgres() as url:
        with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
            for table, frame in (("people", people()), ("others", people(300))):
                cursor.execute(f"CREATE TABLE {table} ({columns}, moved timestamptz)")
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
                        copy.write_row(row)
            cursor.execute("CREATE VIEW broken AS SELECT at, id, amount, name::int AS name FROM people")
        source = {"kind": "sql", "url": url, "table": "people"}
        folder = write(
            source,
            engine=engine,
            checks=[check for check in CHECKS if engine == "duckdb" or "cast" not in str(check)],
            reference={"kind": "previous"},
            drift={"tests": {"numeric": "ks", "categorical": "chi_square"}},
            anomalies={"columns": ["card", "salary", "amount"], "max_rate": 0.0},
        )
        text = (folder / "maestro.yaml").read_text()
        project = yaml.safe_load(text)
        project["datasets"]["others"] |= {"source": source | {"table": "others"}, "engine": engine}
        (folder / "maestro.yaml").write_text(yaml.safe_dump(project))
        code, printed = maestro(folder, "validate", "people", "--at", "2024-01-21", "--json")
        assert code == 1, printed
        expect_no_mark(folder, printed)
        project["datasets"]["people"] |= {"source": source | {"table": "broken"}, "checks": [], "keys": ["id"]}
        (folder / "maestro.yaml").write_text(yaml.safe_dump(project))
        code, printed = maestro(folder, "validate", "people", "--at", "2024-01-21", "--json")
        assert code in (1, 3), printed
        expect_no_mark(folder, printed)
