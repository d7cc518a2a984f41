"""A command that is stopped in the middle leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import yaml


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_validation_that_is_stopped_leaves_no_temporary_file(tmp_path, number):
    rows = 400_000
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{i}": random.normal(size=rows) for i in range(8)})
    frame.insert(0, "at", pd.date_range("2024-01-01", periods=rows, freq="s", tz="UTC"))
    frame.to_parquet(tmp_path / "events.parquet", row_group_size=20_000)
    types = {name: {"type": "number"} for name in frame.columns if name != "at"}
    dataset = {
        "source": {"kind": "parquet", "path": "events.parquet"},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}, **types},
        "checks": [{"check": "duplicate_rows"}, {"check": "monotonic", "column": "n1"}],
    }
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "stopped", "datasets": {"events": dataset}}))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from maestro_ml.cli import main; main()",
            "validate",
            "events",
            "--at",
            "2024-01-31",
            "--project",
            str(tmp_path),
        ],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 120
        while not list(temporary.iterdir()):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.3)  # into the scans
        process.send_signal(number)
        _, message = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 128 + number, message.decode()
    assert list(temporary.iterdir()) == [], message.decode()


STARTED = "import sys; from maestro_ml.cli import main; sys.stderr.write('started\\n'); sys.stderr.flush(); main()"


@pytest.mark.parametrize(
    ("number", "seconds"),
    [(signal.SIGINT, seconds) for seconds in (0.02, 0.1, 0.3, 0.6, 1.0, 1.5)] + [(signal.SIGTERM, 0.3)],
)
def test_a_command_can_be_stopped_at_any_moment_even_while_it_is_imported(tmp_path, number, seconds):
    """One line and the shell's exit code for it; a command that was quicker is done, and says so."""
    pd.DataFrame({"at": pd.date_range("2024-01-01", periods=1000, freq="h", tz="UTC")}).to_parquet(
        tmp_path / "e.parquet"
    )
    dataset = {
        "source": {"kind": "parquet", "path": "e.parquet"},
        "timestamp": "at",
        "columns": {"at": {"type": "timestamp"}},
    }
    (tmp_path / "maestro.yaml").write_text(yaml.safe_dump({"name": "stopped", "datasets": {"events": dataset}}))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", STARTED, "validate", "events", "--at", "2024-01-31", "--json"]
    process = subprocess.Popen(
        [*command, "--project", str(tmp_path)],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr.readline() == "started\n"
        time.sleep(seconds)
        process.send_signal(number)
        printed, message = process.communicate(timeout=120)
    finally:
        process.kill()
    assert "Traceback" not in message
    assert "ignored" not in message
    assert list(temporary.iterdir()) == []
    assert not [*tmp_path.rglob(".unfinished*")]
    if process.returncode != 0:
        assert process.returncode == 128 + number, message
        assert [line for line in message.splitlines() if line.startswith("maestro: ")] == [message.splitlines()[-1]]
        assert "stopped by" in message.splitlines()[-1]
        assert json.loads(printed)["exit_code"] == 128 + number
