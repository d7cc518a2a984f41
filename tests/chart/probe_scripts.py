"""The probes of the Airflow image as programs, and what their tests need to start the real things."""

import os
import subprocess
import sys
import time

from composition import ROOT

PROBES = ROOT / "ci/images/probes"
# What makes the official exec probes cost six seconds of a processor, once a minute in every pod.
HEAVY = {"airflow", "celery", "kombu", "sqlalchemy"}


def wait_for(condition, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not start in time"
        time.sleep(0.2)


def run(script: str, *arguments: str, **environment: str) -> tuple[int, str, set[str]]:
    """Return exit code and output of a probe, and the packages it imported."""
    command = [sys.executable, "-X", "importtime", PROBES / script, *arguments]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    said = [line for line in lines if not line.startswith("import time:")]
    assert not said, said
    return done.returncode, done.stdout, {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
