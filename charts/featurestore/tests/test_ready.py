"""The readiness probe of Redis against a real one: its verdict, and its heartbeat."""

import os
import subprocess
import time
from pathlib import Path

import pytest

FILES = Path(__file__).parents[1] / "files"


@pytest.fixture
def probe(program, free_port, exporter, tmp_path):
    """Run the probe; the server has a password."""
    port = free_port()
    address, received = exporter
    command = [program("redis-server"), "--port", str(port), "--save", "", "--requirepass", "secret"]
    folder = tmp_path / "bin"
    folder.mkdir()
    # The probe asks for the server on its usual port.
    (folder / "redis-cli").write_text(f'#!/bin/sh\nexec /usr/bin/env PATH="$REAL" redis-cli -p {port} "$@"\n')
    (folder / "redis-cli").chmod(0o755)
    environment = os.environ | address | {"PATH": f"{folder}:{os.environ['PATH']}", "REAL": os.environ["PATH"]}

    def run(**changes):
        done = subprocess.run(
            ["sh", FILES / "ready.sh"],
            env=environment | {"REDISCLI_AUTH": "secret"} | changes,
            capture_output=True,
            check=False,
        )
        return done.returncode, received()

    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as server:
        end = time.monotonic() + 300
        while run()[0] and time.monotonic() < end:
            time.sleep(0.1)
        yield run
        server.terminate()


def test_a_server_that_answers_is_ready_and_has_a_heartbeat(probe, sent_by):
    (metric,) = sent_by("charts/featurestore/files/ready.sh")
    assert probe() == (0, [f"{metric}:1|c"])


def test_a_server_that_refuses_is_not_ready_and_has_none(probe):
    assert probe(REDISCLI_AUTH="wrong") == (1, [])


@pytest.mark.parametrize("host", ["", "nowhere.invalid"])
def test_an_exporter_that_is_not_there_changes_no_verdict(probe, host):
    assert probe(STATSD_HOST=host) == (0, [])
