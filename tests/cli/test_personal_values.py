"""No value of a column marked `pii` appears in anything that is written or printed, whatever is checked or goes wrong.

Every value of such a column carries a mark that occurs nowhere else; everything a command leaves is searched for them.
"""

import io
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import psycopg
import pytest
import yaml
from postgres_server import running_postgres

from maestro_ml.cli.app import run

# Text, whole numbers, fractions, dates and times; numbers are also looked for as they are printed when rounded.
MARKS = ("quillfeather", "7318264", "7.31826e", "7,318,26", "48213.7", "48,213.7", "4.82137e", "1931-0", "1847-0")
START = datetime(2024, 1, 1, tzinfo=UTC)
PERSONAL = {
    "name": {"type": "string", "pii": True},
    "code": {"type": "string", "pii": True},
    "card": {"type": "integer", "pii": True},
    "salary": {"type": "number", "pii": True},
    "born": {"type": "date", "pii": True},
    "moved": {"type": "timestamp", "pii": True},
}
CONTRACT = {
    "at": {"type": "timestamp"},
    "id": {"type": "integer"},
    "amount": {"type": "number"},
    **PERSONAL,
}
SALARY = {"column": "salary"}
CHECKS = [
    {"check": "rows", "min": 10_000},
    {"check": "row_count_history", "min_runs": 3, "runs": 3},
    *({"check": "null_rate_history", "column": name, "min_runs": 3, "runs": 3} for name in PERSONAL),
    *({"check": "missing", "column": name} for name in PERSONAL),
    {"check": "unique", "columns": ["name"]},
    {"check": "unique", "columns": ["born", "moved"]},
    {"check": "duplicate_rows"},
    {"check": "range", "column": "card", "min": 0, "max": 1},
    {"check": "range", "column": "card", "min": 0},
    {"check": "range", "column": "salary", "max": 1, "where": "card > 5"},
    {"check": "allowed", "column": "name", "values": ["x"]},
    {"check": "allowed", "column": "card", "values": [1]},
    {"check": "regex", "column": "code", "pattern": "x"},
    {"check": "length", "column": "name", "max": 3},
    {"check": "predicate", "sql": "salary < 1"},
    {"check": "predicate", "sql": "cast(name AS int) > 0"},
    {"check": "predicate", "sql": "amount < 0", "where": "cast(code AS int) > 0"},
    {"check": "predicate", "sql": "cast(card * card * card * card AS int) > 0"},
    {"check": "compare", "left": "card", "operator": "<", "right": "salary"},
    {"check": "compare", "left": "born", "operator": ">", "right": "moved"},
    {"check": "monotonic", "column": "salary", "by": ["name"]},
    {"check": "monotonic", "column": "card", "direction": "decreasing", "strict": True},
    {"check": "references", "column": "name", "dataset": "others", "key": "name"},
    {"check": "references", "column": "card", "dataset": "others", "key": "card"},
    *(
        {"check": "reconcile", "dataset": "others", "column": column, "aggregate": aggregate}
        for column in ("card", "salary")
        for aggregate in ("sum", "min", "max", "mean", "distinct")
    ),
]
NUMERIC, CATEGORICAL = ("ks", "psi", "wasserstein"), ("chi_square", "psi")


def people(rows: int = 400, days: int = 20, shift: float = 0.0) -> pd.DataFrame:
    number = range(rows)
    return pd.DataFrame(
        {
            "at": [START + timedelta(days=days * n / rows) for n in number],
            "id": [n % 50 for n in number],
            "amount": [float(n % 7) + (100 if n % 97 == 0 else 0) for n in number],
            "name": [None if n % 11 == 0 else f"Ada Quillfeather {'abcdef'[n * 6 // rows]}{n % 3}" for n in number],
            "code": [f"Quillfeather-{n:05d}" for n in number],
            "card": pd.array([None if n % 13 == 0 else 7_318_264_000 + n for n in number], dtype="Int64"),
            "salary": [48_213.7 + n / 10_000 + shift * (n > rows / 2) for n in number],
            "born": [date(1931, 1 + n % 9, 1 + n % 28) for n in number],
            "moved": [datetime(1847, 1 + n % 9, 1 + n % 28, tzinfo=UTC) for n in number],
        }
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write(source=..., ...) makes a project in a folder of its own whose dataset is `people`."""

    def project(source: dict | None = None, **dataset: object) -> Path:
        folder = tmp_path / "project"
        folder.mkdir(exist_ok=True)
        (tmp_path / "data").mkdir(exist_ok=True)
        given = {"timestamp": "at", "timezone": "UTC", "window": "10d", "columns": CONTRACT, "keys": ["name"]}
        parquet = {"kind": "parquet", "path": "../data/people.parquet"}
        others = {**given, "source": {"kind": "parquet", "path": "../data/others.parquet"}}
        people_ = {**given, "source": source or parquet, **dataset}
        text = yaml.safe_dump({"name": "clinic", "datasets": {"people": people_, "others": others}})
        (folder / "maestro.yaml").write_text(text)
        people().to_parquet(tmp_path / "data" / "people.parquet")
        people(300).to_parquet(tmp_path / "data" / "others.parquet")
        return folder

    return project


def maestro(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and all that was printed."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = run([*arguments, "--project", str(folder)])
    return code, printed.getvalue()


def left(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of every file below the folder, with what Parquet holds written out."""
    for file in folder.rglob("*"):
        if file.is_file() and file.name != "maestro.yaml":
            text = file.read_bytes().decode("latin-1")
            if file.suffix == ".parquet":
                text += pd.read_parquet(file).to_csv()
            yield str(file), str(file) + text


def expect_no_mark(folder: Path, *printed: str) -> None:
    for where, text in [*left(folder), *(("printed", text) for text in printed)]:
        found = [mark for mark in MARKS if mark in text.lower()]
        assert not found, f"{found} in {where}: {around(text, found[0])}"


def around(text: str, mark: str) -> str:
    place = text.lower().index(mark)
    return text[max(0, place - 200) : place + 100]


def test_the_search_finds_a_mark_where_there_is_one(write: Callable[..., Path]) -> None:
    open_ = {name: {**column, "pii": False} for name, column in CONTRACT.items()}
    folder = write(columns=open_, checks=[{"check": "regex", "column": "code", "pattern": "x"}])
    maestro(folder, "validate", "people", "--at", "2024-01-21")
    with pytest.raises(AssertionError, match="7318264"):
        expect_no_mark(folder)


@pytest.mark.parametrize(("numeric", "categorical"), itertools.zip_longest(NUMERIC, CATEGORICAL, fillvalue="none"))
def test_no_check_or_statistic_shows_a_personal_value(
    write: Callable[..., Path], numeric: str, categorical: str
) -> None:
    drift = {
        "tests": {"numeric": numeric, "categorical": categorical},
        "classifier": {"max_auc": 0.5, "sample": 200},
        "labels": ["name"],
    }
    folder = write(
        checks=CHECKS,
        drift=drift,
        reference={"kind": "previous"},
        anomalies={"columns": ["card", "salary", "amount"], "max_rate": 0.0},
        freshness={"max_age": "1m"},
    )
    printed = []
    for day in ("2024-01-18", "2024-01-19", "2024-01-20", "2024-01-21"):
        files = ("--junit", str(folder / "ci.xml"), "--markdown", str(folder / "ci.md"))
        code, text = maestro(folder, "validate", "people", "--at", day, "--json", *files)
        assert code == 1, text
        printed.append(text)
    for more in (("--suggest",), ("--suggest", "--json"), ("--history",), ("--history", "--json")):
        code, text = maestro(folder, "validate", "people", "--at", "2024-01-21", *more)
        assert code == 0, text
        printed.append(text)
    report = json.loads(next(folder.rglob("report.json")).read_text())
    stages = {finding["stage"] for finding in report["findings"]}
    assert stages == {"schema", "quality", "drift", "anomalies"}
    assert sum(finding["outcome"] == "violated" for finding in report["findings"]) > 15
    expect_no_mark(folder, *printed)


def test_suggestions_without_any_check_show_no_personal_value(write: Callable[..., Path]) -> None:
    folder = write()
    printed = [
        maestro(folder, "validate", "people", "--at", "2024-01-21", "--suggest", *more)[1] for more in ((), ("--json",))
    ]
    assert "amount" in printed[0]
    expect_no_mark(folder, *printed)


def test_a_column_named_in_another_case_is_personal_too(write: Callable[..., Path]) -> None:
    renamed = {name.upper() if name in PERSONAL else name: column for name, column in CONTRACT.items()}
    folder = write(columns=renamed, keys=["id"], checks=[{"check": "duplicate_rows"}], reference={"kind": "previous"})
    printed = [maestro(folder, "validate", "people", "--at", "2024-01-21", *more)[1] for more in ((), ("--suggest",))]
    expect_no_mark(folder, *printed)


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
        maestro(folder, "validate", "people", "--at", "2024-01-21", *more)[1]
        for more in ((), ("--json",), ("--suggest",))
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
        maestro(folder, "validate", "people", "--at", "2024-01-21", *more)[1]
        for more in ((), ("--json",), ("--suggest",))
    ]
    expect_no_mark(folder, *printed)


def test_a_personal_event_time_is_told_by_nothing_but_the_window(write: Callable[..., Path], tmp_path: Path) -> None:
    contract = {**CONTRACT, "at": {"type": "timestamp", "pii": True}}
    folder = write(columns=contract, freshness={"max_age": "1m"}, keys=[], checks=CHECKS)
    frame = people()
    frame["at"] = [START + timedelta(days=19, hours=13, minutes=37, seconds=n % 60) for n in range(len(frame))]
    frame.to_parquet(tmp_path / "data" / "people.parquet")
    printed = [
        maestro(folder, "validate", "people", "--at", "2024-01-21", *more)[1]
        for more in ((), ("--json",), ("--suggest",))
    ]
    texts = [*(text for _, text in left(folder)), *printed]
    assert not [text for text in texts if "13:37" in text or "10h22m" in text or "10h23m" in text]
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
