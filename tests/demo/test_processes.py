"""However the demo ends, no process of it stays."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

# A stand-in for a component: it starts a child in a session of its own, as Airflow's executor does, and both wait.
FAMILY = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)", "airflow"], start_new_session=True)
time.sleep(300)
"""


def wait_for(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    assert condition()


def run_as_a_demo(home, body):
    """Run `body` as a process of its own: the demo takes every descendant of its process for one of its own."""
    program = "from pathlib import Path; from maestro_ml.demo.processes import *; import subprocess, sys; "
    names = f"home, family = Path({str(home)!r}), {FAMILY!r}; "
    start = "start = lambda **more: subprocess.Popen([sys.executable, '-c', family, 'airflow'], cwd=home, **more); "
    subprocess.run([sys.executable, "-c", program + names + start + body], check=True)


def processes_in(home):
    return [p for p in psutil.process_iter() if _is_under(p, home)]


def test_descendants_are_stopped_though_they_left_the_session(tmp_path):
    run_as_a_demo(
        tmp_path,
        "start(start_new_session=True); import time; end = time.monotonic() + 300\n"
        "while len(processes_of(home)) < 2 and time.monotonic() < end: time.sleep(0.1)\n"
        "assert len(processes_of(home)) == 2; stop_all(home); assert processes_of(home) == []",
    )
    assert processes_in(tmp_path) == []


def test_what_a_killed_demo_left_behind_is_found_by_the_next(tmp_path):
    run_as_a_demo(tmp_path, "start()")
    wait_for(lambda: len(processes_in(tmp_path)) == 2)
    run_as_a_demo(tmp_path, "assert len(processes_of(home)) == 2; stop_all(home); assert processes_of(home) == []")
    assert processes_in(tmp_path) == []


def test_other_programs_in_the_folder_are_left_alone(tmp_path):
    shell = subprocess.Popen(["sleep", "300"], cwd=tmp_path, start_new_session=True)
    try:
        foreign = psutil.Process(shell.pid)
        run_as_a_demo(tmp_path, "stop_all(home)")
        assert foreign.is_running()
        assert foreign.status() != psutil.STATUS_ZOMBIE
    finally:
        shell.kill()
        shell.wait()


@pytest.mark.scheduler
def test_a_terminated_demo_leaves_no_process_and_says_so(tmp_path, migrated_airflow):
    home = tmp_path / "home"
    (home / "airflow").mkdir(parents=True)
    shutil.copy(migrated_airflow, home / "airflow")
    command = [sys.executable, "-c", "from maestro_ml.cli import main; main()", "demo", "--home", str(home)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    wait_for((home / "airflow" / "scheduler.log").exists)
    os.kill(demo.pid, signal.SIGTERM)
    os.kill(demo.pid, signal.SIGTERM)
    output, _ = demo.communicate(timeout=300)
    assert demo.returncode == 130
    assert "stopped; no process of the demo is left" in output
    assert processes_in(home) == []


def _is_under(process: psutil.Process, home: Path) -> bool:
    try:
        return process.cwd().startswith(str(home))
    except psutil.Error:
        return False
