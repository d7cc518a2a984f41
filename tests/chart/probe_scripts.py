"""The probes of the Airflow image as programs, and what their tests need to start the real things."""

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from composition import ROOT

PROBES = ROOT / "ci/images/probes"
# The official exec probes cost about six.
CPU_SECONDS_ALLOWED = 0.5


def program(name: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    found = shutil.which(name, path=path)
    if not found:
        pytest.skip(f"{name} is not installed: the probe was not tried against the real thing")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not start in time"
        time.sleep(0.2)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(script: str, *arguments: str, **environment: str) -> tuple[int, str, float]:
    """Exit code, output and CPU-seconds of a probe."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, PROBES / script, *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
