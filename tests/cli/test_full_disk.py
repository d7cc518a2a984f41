"""A disk that is full or read-only: one sentence that names the place, exit code 3, nothing half-written."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml
from small_disk import small_disk

from maestro_ml.cli.app import run
from maestro_ml.tables import DataError
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.errors import reading

ROWS = 60_000


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Provide a file system of 150 kB."""
    with small_disk(tmp_path / "tiny", "150k") as folder:
        yield folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    at = pd.date_range("2024-01-01", periods=ROWS, freq="s", tz="UTC")
    pd.DataFrame({"at": at, "price": range(ROWS)}).to_parquet(folder / "orders.parquet")
    dataset = {
        "source": {"kind": "parquet", "path": "orders.parquet"},
        "timestamp": "at",
        "window": "10d",
        "columns": {"at": {"type": "timestamp"}, "price": {"type": "integer"}},
    }
    (folder / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"orders": dataset}}))
    return folder


@pytest.fixture
def maestro(shop: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    """Run a command on the project; the exit code and the error of its document."""

    def command(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["validate", "orders", "--at", "2024-01-11", "--json", *map(str, arguments), "--project", str(shop)])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        document = json.loads(printed.out)
        assert "\n" not in document.get("error", "")
        return code, document.get("error", "")

    return command


def filled(folder: Path, left: int) -> Path:
    """Fill the file system up to some bytes."""
    file = folder / "filling"
    free = os.statvfs(folder)
    file.write_bytes(b"x" * (free.f_bavail * free.f_frsize - left))
    return file


def content(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and file.name != "filling")
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.mark.parametrize("left", [0, 4096, 8192, 16384])
def test_a_full_run_store_keeps_what_was_there(maestro: Callable, tiny: Path, left: int) -> None:
    assert maestro("--store", tiny / "runs")[0] == 0
    before = content(tiny)
    assert any(name.endswith("result.json") for name in before)
    filling = filled(tiny, left)
    code, message = maestro("--store", tiny / "runs")
    assert code == 3
    assert "no space left on device" in message
    assert str(tiny) in message
    assert content(tiny) == before
    filling.unlink()
    assert maestro("--store", tiny / "runs")[0] == 0


@pytest.mark.parametrize("left", [0, 4096])
def test_a_run_store_that_was_always_full_is_left_as_it_was(maestro: Callable, tiny: Path, left: int) -> None:
    filled(tiny, left)
    code, message = maestro("--store", tiny / "runs")
    assert code == 3
    assert "no space left on device" in message
    assert content(tiny) == {}


def test_a_full_folder_for_temporary_files_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tiny))
    filled(tiny, 0)
    with pytest.raises(DataError, match=f"^orders cannot be read: no space left on device .* in {tiny}"):
        sort_more_than_memory_holds(str(tiny))


def sort_more_than_memory_holds(spill: str) -> None:
    with reading("orders"), connect(spill) as connection:
        connection.execute("SET memory_limit = '30MB'")
        connection.execute("CREATE TABLE t AS SELECT range AS a, hash(range) AS b FROM range(3_000_000) ORDER BY b")


def test_a_summary_on_a_full_disk_is_said_and_not_half_written(maestro: Callable, shop: Path, tiny: Path) -> None:
    filled(tiny, 0)
    code, message = maestro("--junit", tiny / "junit.xml")
    assert code == 3
    assert message == f"{tiny / 'junit.xml'} cannot be written: no space left on device"
    assert content(tiny) == {}


@pytest.mark.parametrize("store", ["orders.parquet", "orders.parquet/runs"])
def test_a_run_store_that_is_a_file_is_said(maestro: Callable, shop: Path, store: str) -> None:
    before = content(shop)
    code, message = maestro("--store", shop / store)
    assert code == 3
    assert "the run store at" in message
    assert "orders.parquet" in message
    assert content(shop) == before


def test_what_may_not_be_written_to_is_said(maestro: Callable, tiny: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", tiny], check=True)
    code, message = maestro("--store", tiny / "runs")
    assert code == 3
    assert message.startswith(f"the run store at {tiny / 'runs'}")
    assert "read-only file system" in message
    code, message = maestro("--markdown", tiny / "summary.md")
    assert (code, message) == (3, f"{tiny / 'summary.md'} cannot be written: read-only file system")
