"""A real PostgreSQL for tests."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    return shutil.which(name, path=path) or pytest.skip(f"no {name}: apt-get install postgresql")


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start an empty PostgreSQL on a port of its own; yields its URL for psycopg."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    user: dict = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="maestro-postgres-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        if user:
            shutil.chown(folder, "nobody")

        def run(*command: str) -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)

        run(initdb, "--pgdata", f"{folder}/data", "--username=maestro", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        server = [control, "--wait", "--pgdata", f"{folder}/data", "--log", f"{folder}/log"]
        run(*server, "--options", options, "start")
        try:
            yield f"postgresql+psycopg://maestro@127.0.0.1:{port}/postgres"
        finally:
            run(*server, "--mode", "immediate", "stop")
