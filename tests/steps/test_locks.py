"""Two runs of one target in one folder take turns."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest
import yaml

from maestro_ml.cli.console import progress_lines
from maestro_ml.project import load_project
from maestro_ml.steps import run_step
from maestro_ml.steps.locks import alone_in
from maestro_ml.steps.step_folder import StepFolder


def _work(folder: Path, number: int) -> None:
    with alone_in(folder / "runs", ".x.lock", lambda: None):
        mine = folder / "inside"
        mine.touch(exist_ok=False)
        time.sleep(0.05)
        mine.unlink()
    (folder / f"done {number}").touch()


def test_processes_take_turns_and_leave_no_file(tmp_path: Path) -> None:
    processes = [get_context("spawn").Process(target=_work, args=(tmp_path, number)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(300)
    assert [process.exitcode for process in processes] == [0] * 4
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [f"done {n}" for n in range(4)]


def test_a_lock_of_another_name_is_another_lock(tmp_path: Path) -> None:
    def fail() -> None:
        raise AssertionError("nobody else is here")

    with alone_in(tmp_path, ".a.lock", fail), alone_in(tmp_path, ".b.lock", fail):
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays(tmp_path: Path) -> None:
    with alone_in(tmp_path / "a" / "b", ".x.lock", lambda: None):
        (tmp_path / "a" / "kept").touch()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    at = pd.date_range("2024-01-01", periods=1000, freq="min", tz="UTC")
    pd.DataFrame({"at": at, "price": range(1000)}).to_parquet(tmp_path / "orders.parquet")
    dataset = {
        "source": {"kind": "parquet", "path": "orders.parquet"},
        "timestamp": "at",
        "window": "10d",
        "columns": {"at": {"type": "timestamp"}, "price": {"type": "integer"}},
    }
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "shop", "datasets": {"orders": dataset}}))
    return tmp_path


def started(shop: Path, before: str = "") -> subprocess.Popen:
    code = f"{before}\nfrom maestro_ml.cli import main; main()"
    command = [sys.executable, "-c", code, "validate", "orders", "--at", "2024-01-11", "--json", "--project", str(shop)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


SLOW = """
import time
from maestro_ml.validation.report import html
rendered = html.render_html
def slow(report):
    open({sign!r}, "w").close()
    time.sleep({seconds})
    return rendered(report)
html.render_html = slow
"""


def test_two_validations_of_one_window_at_once_both_end_well(shop: Path) -> None:
    sign = shop / "sign"
    first = started(shop, SLOW.format(sign=str(sign), seconds=3))
    while not sign.exists():
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.02)
    second = started(shop)
    printed = [process.communicate(timeout=300) for process in (first, second)]
    assert [process.returncode for process in (first, second)] == [0, 0], printed
    assert all(json.loads(out)["outcome"] == "passed" for out, _ in printed)
    assert not list((shop / "runs").rglob(".*"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stderr", [Terminal, io.StringIO])
def test_the_second_run_says_on_a_terminal_and_nowhere_else_that_it_waits(
    shop: Path, monkeypatch: pytest.MonkeyPatch, stderr: type[io.StringIO]
) -> None:
    folder = StepFolder(str(shop / "runs/dag/run"), "validate", "orders")
    shown, waits = stderr(), threading.Event()
    monkeypatch.setattr(sys, "stderr", shown)

    with progress_lines() as show:

        def progress(text: str) -> None:
            show(text)
            if "waiting" in text:
                waits.set()

        def second() -> None:
            end = datetime(2024, 1, 11, tzinfo=UTC)
            run_step("validate", load_project(shop, environ={}), folder, end=end, progress=progress)

        thread = threading.Thread(target=second)
        with folder.alone(lambda: None):
            thread.start()
            assert waits.wait(300)
        thread.join(300)
    waiting = f"validate orders: waiting for another run of it in {folder.run_uri}"
    assert (waiting in shown.getvalue()) is (stderr is Terminal)
    assert folder.exists("result.json")


def test_a_run_that_was_killed_does_not_keep_the_next_one_out(shop: Path) -> None:
    sign = shop / "sign"
    first = started(shop, SLOW.format(sign=str(sign), seconds=60))
    while not sign.exists():
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=300)
    second = started(shop)
    out, message = second.communicate(timeout=300)
    assert second.returncode == 0, message
    assert json.loads(out)["outcome"] == "passed"
    assert not list((shop / "runs").rglob(".*"))
