"""A project whose columns are personal, and the search for their values in everything it leaves."""

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

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


def maestro(folder: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code, and all that was printed."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        code = run([*arguments, "--project", str(folder)])
    return code, printed.getvalue()


def left(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the text of every file below the folder, with what Parquet holds written out."""
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
