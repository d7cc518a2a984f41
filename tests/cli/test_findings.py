"""`maestro validate` says what is wrong: the worst findings, with numbers and rows, in the terminal."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import yaml
from forked import maestro as run_maestro

COLUMNS = {
    "at": {"type": "timestamp"},
    "id": {"type": "integer", "nullable": False},
    "price": {"type": "number"},
    "name": {"type": "string", "pii": True},
}
CHECKS = [
    {"check": "range", "column": "price", "min": 0},
    {"check": "unique", "columns": ["id"], "severity": "warn"},
    {"check": "length", "column": "name", "max": 3},
]


def maestro(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_maestro(*arguments, "--project", folder)


def described(folder: Path, datasets: dict[str, dict]) -> Path:
    given = {"timestamp": "at", "window": "10d"}
    text = yaml.safe_dump({"name": "shop", "datasets": {name: given | own for name, own in datasets.items()}})
    (folder / "maestro.yaml").write_text(text)
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Provide orders of which 25 cost less than nothing and two have one id, and returns without a mistake."""
    at = pd.date_range(datetime(2024, 1, 1, tzinfo=UTC), periods=100, freq="1h")
    price = [-1.0 if n % 4 == 0 else float(n) for n in range(100)]
    ids = [*range(99), 98]
    pd.DataFrame({"at": at, "id": ids, "price": price, "name": "Quillfeather"}).to_parquet(tmp_path / "orders.parquet")
    pd.DataFrame({"at": at, "id": ids}).to_parquet(tmp_path / "returns.parquet")
    source = {"kind": "parquet", "path": "orders.parquet"}
    orders = {"source": source, "columns": COLUMNS, "checks": CHECKS}
    returns = {"source": source | {"path": "returns.parquet"}, "columns": {"at": {"type": "timestamp"}}}
    return described(tmp_path, {"orders": orders, "returns": returns})


def test_the_worst_findings_are_printed_with_numbers_and_rows(shop: Path) -> None:
    result = maestro(shop, "validate", "orders", "--at", "2024-01-11")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    verdict, name, price, row = lines[0], lines[1], lines[5], lines[6]
    assert verdict.startswith("failed validate orders")
    assert name.startswith("  error length: name: 100 of 100")
    assert price.startswith("  error range: price: 25 of 100 (25.00 %)")
    assert "price = -1" in row
    assert any(line.startswith("  warn  unique: ") for line in lines)
    assert any(line.startswith("  report: ") for line in lines[-3:])


def test_a_personal_value_is_not_printed(shop: Path) -> None:
    result = maestro(shop, "validate", "orders", "--at", "2024-01-11")
    assert "•••" in result.stderr
    assert "Quillfeather" not in result.stderr + result.stdout


def test_no_more_than_ten_are_printed_and_the_rest_counted(tmp_path: Path) -> None:
    missing = {f"c{n}": {"type": "number"} for n in range(14)}
    pd.DataFrame({"at": [datetime(2024, 1, 1, tzinfo=UTC)]}).to_parquet(tmp_path / "d.parquet")
    source = {"kind": "parquet", "path": "d.parquet"}
    described(tmp_path, {"wide": {"source": source, "columns": {"at": {"type": "timestamp"}, **missing}}})
    result = maestro(tmp_path, "validate", "wide", "--at", "2024-01-02")
    assert sum(line.startswith("  error ") for line in result.stderr.splitlines()) == 10
    assert "  and 4 more, in the report" in result.stderr


def test_a_dataset_that_passes_has_no_list(shop: Path) -> None:
    result = maestro(shop, "validate", "returns", "--at", "2024-01-11")
    assert "error" not in result.stderr.replace("0 errors", "")


def test_without_a_name_all_datasets_are_validated(shop: Path) -> None:
    result = maestro(shop, "validate", "--at", "2024-01-11", "--json", "--junit", str(shop / "j.xml"))
    assert result.returncode == 1
    document = json.loads(result.stdout)
    assert [(step["target"], step["result"]["outcome"]) for step in document["steps"]] == [
        ("orders", "failed"),
        ("returns", "passed"),
    ]
    assert 'name="orders.schema"' in (shop / "j.xml").read_text()
    assert 'name="returns.schema"' in (shop / "j.xml").read_text()


def test_a_dataset_that_cannot_be_read_does_not_keep_the_others_from_being_validated(shop: Path) -> None:
    (shop / "orders.parquet").unlink()
    result = maestro(shop, "validate", "--at", "2024-01-11", "--json")
    document = json.loads(result.stdout)
    assert (result.returncode, document["exit_code"]) == (2, 2)
    assert "orders.parquet" in document["error"]
    assert [step["target"] for step in document["steps"]] == ["returns"]
    assert "passed validate returns" in result.stderr


def test_no_line_is_broken_in_a_pipe(shop: Path) -> None:
    result = maestro(shop, "validate", "orders", "--at", "2024-01-11", "--store", str(shop / ("deep" * 40)))
    (report,) = [line for line in result.stderr.splitlines() if line.startswith("  report: ")]
    assert report.endswith("report.html")
    wrong = maestro(shop, "validate", "orders", f"--{'long' * 40}")
    assert f"No such option: --{'long' * 40}" in wrong.stderr


def test_the_version_is_printed() -> None:
    result = run_maestro("--version")
    assert (result.returncode, result.stdout.split()[0]) == (0, "maestro")


def test_a_flag_is_described_without_a_type(shop: Path) -> None:
    result = run_maestro("validate", "--help")
    assert "--json" in result.stdout
    assert "<bool>" not in result.stdout


def test_the_report_is_shown_in_a_browser(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/shown\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    maestro(shop, "validate", "returns", "--at", "2024-01-11", "--open")
    [shown] = (tmp_path / "shown").read_text().splitlines()
    assert shown.startswith("file:///")
    assert shown.endswith("/validate/returns/report.html")
