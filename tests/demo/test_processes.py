"""However the demo ends, no process of it stays."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from maestro_ml.demo.processes import processes_of, stop_all

# A stand-in for a component: it starts a child in a session of its own, as Airflow's executor does, and both wait.
FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "airflow"], start_new_session=True)
time.sleep(300)
"""


@pytest.fixture
def home(tmp_path):
    yield tmp_path
    stop_all(tmp_path)


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


def test_descendants_are_stopped_though_they_left_the_session(home):
    subprocess.Popen([sys.executable, "-c", FAMILY, "airflow"], cwd=home, start_new_session=True)
    wait_for(lambda: len(processes_of(home)) == 2)
    stop_all(home)
    assert processes_of(home) == []


def test_what_a_killed_demo_left_behind_is_found_by_the_next(home):
    script = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {FAMILY!r}, 'airflow'], cwd={str(home)!r})"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    wait_for(lambda: len(processes_of(home)) == 2)
    stop_all(home)
    assert processes_of(home) == []


def test_other_programs_in_the_folder_are_left_alone(home):
    shell = subprocess.Popen(["sleep", "300"], cwd=home, start_new_session=True)
    try:
        foreign = psutil.Process(shell.pid)
        code = f"from pathlib import Path; from maestro_ml.demo.processes import *; stop_all(Path({str(home)!r}))"
        subprocess.run([sys.executable, "-c", code], check=True)
        assert foreign.is_running()
        assert foreign.status() != psutil.STATUS_ZOMBIE
    finally:
        shell.kill()
        shell.wait()


@pytest.mark.scheduler
def test_a_terminated_demo_leaves_no_process_and_says_so(tmp_path):
    home = tmp_path / "home"
    command = [sys.executable, "-c", "from maestro_ml.cli import main; main()", "demo", "--home", str(home)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    wait_for((home / "airflow" / "scheduler.log").exists, seconds=120)
    os.kill(demo.pid, signal.SIGTERM)
    os.kill(demo.pid, signal.SIGTERM)
    output, _ = demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert "stopped; no process of the demo is left" in output
    assert [p for p in psutil.process_iter() if _is_under(p, home)] == []


def _is_under(process: psutil.Process, home: Path) -> bool:
    try:
        return process.cwd().startswith(str(home))
    except psutil.Error:
        return False
