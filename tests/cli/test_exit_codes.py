"""The table of exit codes in docs/steps.md, row by row."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml

from maestro_ml.cli.app import run

DAYS = [datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(10)]
ORDERS = {
    "source": {"kind": "parquet", "path": "orders.parquet"},
    "timestamp": "at",
    "window": "10d",
    "columns": {"at": {"type": "timestamp"}, "price": {"type": "integer"}, "late": {"type": "boolean"}},
}
MODEL = {
    "dataset": "orders",
    "label": "late",
    "columns": ["price"],
    "window": "10d",
    "test": "3d",
    "register": {"name": "late"},
}
AT = ("--at", "2024-01-11")


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Path]:
    """Provide `shop(source=..., ...)`, which writes a project whose dataset `orders` and model `late` are changed
    by what is given.
    """

    def write(model: dict | None = None, **dataset: object) -> Path:
        frame = pd.DataFrame({"at": DAYS, "price": range(10), "late": [n % 2 == 0 for n in range(10)]})
        frame.to_parquet(tmp_path / "orders.parquet")
        project = {
            "name": "shop",
            "datasets": {"orders": ORDERS | dataset},
            "models": {"late": MODEL | (model or {})},
            "tracking": {"uri": "sqlite:///mlflow.db"},
        }
        (tmp_path / "maestro.yaml").write_text(yaml.safe_dump(project))
        return tmp_path

    return write


@pytest.fixture
def code(capsys: pytest.CaptureFixture) -> Callable[..., int]:
    """Provide the exit code of a command under --json, whose document says the same, in one line."""

    def of(folder: Path, *arguments: str) -> int:
        capsys.readouterr()
        found = run([*arguments, "--json", "--project", str(folder)])
        printed = capsys.readouterr()
        document = json.loads(printed.out)
        assert "Traceback" not in printed.err
        assert document.get("exit_code", found) == found
        return found

    return of


def database(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def sql(table: str = "orders", url: str = "sqlite:///shop.db") -> dict:
    return {"kind": "sql", "url": url, "table": table}


def test_a_verdict_is_0_or_1(shop: Callable, code: Callable) -> None:
    assert code(shop(), "validate", "orders", *AT) == 0
    failing = shop(checks=[{"check": "range", "column": "price", "max": 1}])
    assert code(failing, "validate", "orders", *AT) == 1


def test_an_empty_window_is_judged_and_not_an_error(shop: Callable, code: Callable) -> None:
    declared = shop(checks=[{"check": "rows", "min": 1}])
    assert code(declared, "validate", "orders", "--at", "2034-01-01") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("valdate", "orders"),
        ("validate", "orders", "--nope"),
        ("validate", "ordrs"),
        ("run", "valdate"),
        ("train", "early"),
        ("validate", "orders", "--at", "noon"),
        ("validate", "orders", "--start", "2024-02-01", "--end", "2024-01-01"),
        ("materialize",),
    ],
)
def test_a_wrong_request_is_2(shop: Callable, code: Callable, arguments: tuple[str, ...]) -> None:
    folder = shop()
    assert code(folder, *arguments) == 2
    assert not (folder / "runs").exists()


def test_a_wrong_project_is_2(shop: Callable, code: Callable, tmp_path: Path) -> None:
    assert code(shop(windw="3d"), "validate", "orders", *AT) == 2
    (tmp_path / "maestro.yaml").unlink()
    assert code(tmp_path, "validate", "orders", *AT) == 2


@pytest.mark.parametrize(
    "source",
    [
        {"kind": "parquet", "path": "gone.parquet"},
        {"kind": "parquet", "path": "gone/*.parquet"},
        {"kind": "csv", "path": "gone.csv"},
        sql(url="sqlite:///gone.db"),
        sql("gone"),
        sql(url="no url"),
    ],
)
@pytest.mark.parametrize("command", ["validate", "suggest", "train"])
def test_a_source_that_is_not_there_is_2_and_nothing_is_done(
    shop: Callable, code: Callable, source: dict, command: str
) -> None:
    folder = shop(source=source)
    database(folder, "CREATE TABLE orders (at DATETIME, price INTEGER, late BOOLEAN)")
    before = sorted(folder.iterdir())
    arguments = {"suggest": ("suggest", "orders"), "validate": ("validate", "orders")}
    assert code(folder, *arguments.get(command, ("train", "late")), *AT) == 2
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("label", [[None] * 10, [True] * 10, list(range(10)), ["yes"] * 10])
def test_what_cannot_be_trained_on_is_2_and_nothing_is_done(shop: Callable, code: Callable, label: list) -> None:
    type_ = {str: "string", int: "integer"}.get(type(label[0]), "boolean")
    folder = shop(columns=ORDERS["columns"] | {"late": {"type": type_}})
    pd.DataFrame({"at": DAYS, "price": range(10), "late": label}).to_parquet(folder / "orders.parquet")
    assert code(folder, "train", "late", *AT) == 2
    assert not (folder / "runs").exists()
    assert not (folder / "mlflow.db").exists()


def test_a_column_that_is_not_there_is_2_where_nothing_can_be_judged(shop: Callable, code: Callable) -> None:
    folder = shop()
    pd.DataFrame({"at": DAYS, "late": [True, False] * 5}).to_parquet(folder / "orders.parquet")
    assert code(folder, "train", "late", *AT) == 2
    assert code(folder, "validate", "orders", *AT) == 1
    pd.DataFrame({"price": range(10), "late": [True, False] * 5}).to_parquet(folder / "orders.parquet")
    assert code(folder, "train", "late", *AT) == 2
    assert code(folder, "suggest", "orders", *AT) == 2
    assert code(folder, "validate", "orders", *AT) == 1


def test_a_window_without_a_row_to_train_on_is_2(shop: Callable, code: Callable) -> None:
    assert code(shop(), "train", "late", "--at", "2034-01-01") == 2


@pytest.mark.parametrize("summary", ["--junit", "--markdown"])
@pytest.mark.parametrize("place", ["", "maestro.yaml/summary", "nowhere/summary"])
def test_a_file_for_a_summary_that_is_a_folder_or_in_none_is_2(
    shop: Callable, code: Callable, summary: str, place: str
) -> None:
    folder = shop()
    assert code(folder, "validate", "orders", *AT, summary, str(folder / place)) == 2
    assert not (folder / "runs").exists()


def test_a_damaged_file_is_3(shop: Callable, code: Callable) -> None:
    folder = shop()
    (folder / "orders.parquet").write_bytes((folder / "orders.parquet").read_bytes()[:100])
    assert code(folder, "validate", "orders", *AT) == 3
    assert code(folder, "train", "late", *AT) == 3


def test_values_that_a_declared_type_does_not_hold_are_3(shop: Callable, code: Callable) -> None:
    folder = shop(source=sql())
    database(
        folder,
        "CREATE TABLE orders (at DATETIME, price INTEGER, late BOOLEAN)",
        "INSERT INTO orders VALUES ('2024-01-05', 'free', 1)",
    )
    assert code(folder, "validate", "orders", *AT) == 3
    assert code(folder, "train", "late", *AT) == 3


@pytest.mark.parametrize(
    "source", [sql(url="postgresql+psycopg://ada@127.0.0.1:1/shop"), {"kind": "parquet", "path": "nope://x/y"}]
)
def test_what_cannot_be_reached_is_3(shop: Callable, code: Callable, source: dict) -> None:
    assert code(shop(source=source), "validate", "orders", *AT) == 3


def test_what_cannot_be_written_is_3(shop: Callable, code: Callable) -> None:
    folder = shop()
    assert code(folder, "validate", "orders", *AT, "--store", str(folder / "maestro.yaml")) == 3
