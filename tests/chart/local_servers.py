"""Programs of this machine that are started as servers."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

NOBODY = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}


def program(name: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    return shutil.which(name, path=path) or pytest.skip(f"no {name}: apt-get install postgresql redis-server pgbouncer")


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(command: list[str], port: int, **options) -> subprocess.Popen:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    for _ in range(1200):
        assert process.poll() is None, f"{command[0]} ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    pytest.fail(f"{command[0]} did not listen")
