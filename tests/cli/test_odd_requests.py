"""Requests and projects nobody means, each reported in one line and never as an unknown error."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from maestro_ml.cli.app import run

ORDERS = {
    "source": {"kind": "parquet", "path": "orders.parquet"},
    "timestamp": "at",
    "window": "10d",
    "columns": {"at": {"type": "timestamp"}, "price": {"type": "number", "required": False}},
    "freshness": {"max_age": "1d"},
}


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., Path]:
    def write(**dataset: object) -> Path:
        at = [datetime(2024, 1, 2, tzinfo=UTC) + timedelta(days=n) for n in range(10)]
        pd.DataFrame({"at": at}).to_parquet(tmp_path / "orders.parquet")
        text = yaml.safe_dump({"name": "shop", "datasets": {"orders": ORDERS | dataset}})
        (tmp_path / "maestro.yaml").write_text(text)
        return tmp_path

    return write


@pytest.fixture
def maestro(capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    def command(folder: Path, *arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["validate", "orders", *arguments, "--project", str(folder)])
        message = capsys.readouterr().err
        assert "unexpected error" not in message
        assert "Traceback" not in message
        return code, message

    return command


@pytest.mark.parametrize(
    ("at", "reference", "message"),
    [
        ("0001-01-05", {"kind": "previous"}, "would start before the year 1"),
        ("0001-01-12", {"kind": "previous"}, "the reference of 0001-01-02 00:00 .. 0001-01-12 00:00 UTC would start"),
        ("0001-01-20", {"kind": "season", "period": "364d"}, "the reference of 0001-01-10"),
        ("0001-01-01T00:00+05:00", {"kind": "previous"}, "is not a time"),
    ],
)
def test_a_window_before_all_time_is_refused(
    shop: Callable, maestro: Callable, at: str, reference: dict, message: str
) -> None:
    folder = shop(reference=reference, drift={})
    code, printed = maestro(folder, "--at", at)
    assert code == 2
    assert message in " ".join(printed.replace("│", " ").split())
    assert not (folder / "runs").exists()


def test_the_last_day_there_is_can_be_judged(shop: Callable, maestro: Callable) -> None:
    assert maestro(shop(), "--at", "9999-12-31")[0] in (0, 1)


@pytest.mark.parametrize("unit", ["s", "us"])
def test_times_before_the_year_1_are_no_newest_row(shop: Callable, maestro: Callable, unit: str) -> None:
    folder = shop()
    longest_ago = -(10**11) if unit == "s" else -(2**62)
    pq.write_table(pa.table({"at": pa.array([longest_ago] * 5, pa.timestamp(unit, "UTC"))}), folder / "orders.parquet")
    assert maestro(folder, "--at", "2024-01-11")[0] == 1


def test_a_link_that_leads_to_itself_is_no_source(shop: Callable, maestro: Callable) -> None:
    folder = shop(source={"kind": "parquet", "path": "loop"})
    (folder / "loop").symlink_to("loop")
    code, message = maestro(folder, "--at", "2024-01-11")
    assert code in (2, 3)
    assert str(folder / "loop") in message


@pytest.mark.parametrize("content", [b"a: &a [*a]", b"a: &a {b: *a}", b"[" * 20_000, b"", b"\xff\xfe\x00", None])
def test_a_project_file_that_is_none_is_2(shop: Callable, maestro: Callable, content: bytes | None) -> None:
    file = shop() / "maestro.yaml"
    file.unlink()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    code, message = maestro(file.parent)
    assert code == 2
    assert "maestro.yaml" in message


@pytest.mark.parametrize("store", ["nope://x/y", "\x00", "http://127.0.0.1:1/x", "maestro.yaml"])
def test_a_store_that_cannot_be_is_3(shop: Callable, maestro: Callable, store: str) -> None:
    folder = shop()
    where = str(folder / store) if store == "maestro.yaml" else store
    code, message = maestro(folder, "--at", "2024-01-11", "--store", where)
    assert code == 3
    assert "the run store at" in message


@pytest.mark.parametrize("arguments", [["~/orders.parquet"], ["--report=~/page.html", "orders.parquet"]])
def test_a_home_in_quotes_or_behind_an_equals_sign_is_the_persons_own(
    shop: Callable, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder)
    assert run(["scan", *arguments]) == 0
    assert not (folder / "~").exists()
    assert (folder / ("page.html" if len(arguments) == 2 else "scan-orders.html")).exists()
