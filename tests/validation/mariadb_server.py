"""A real MariaDB for tests."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


def _program(name: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    return shutil.which(name, path=path) or pytest.skip(f"no {name}: apt-get install mariadb-server")


@contextmanager
def running_mariadb() -> Iterator[str]:
    """Start an empty MariaDB on a port of its own; yields its URL for PyMySQL."""
    pymysql = pytest.importorskip("pymysql", reason="pip install 'maestro-ml[mysql]'")
    server, install = _program("mariadbd"), _program("mariadb-install-db")
    user = ["--user=nobody"] if os.geteuid() == 0 else []  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="maestro-mariadb-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        if user:
            shutil.chown(folder, "nobody")
        common = ["--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}", *user]
        subprocess.run(
            [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        options = [f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket", "--skip-log-bin"]
        with subprocess.Popen(
            [server, *common, *options, f"--log-error={folder}/log", "--innodb-flush-log-at-trx-commit=0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait(pymysql, process, port)
                yield f"mysql+pymysql://root@127.0.0.1:{port}/maestro"
            finally:
                process.kill()


def _wait(pymysql, process: subprocess.Popen, port: int) -> None:
    """Wait for the first connection, and make a database."""
    for _ in range(300):
        try:
            with pymysql.connect(host="127.0.0.1", port=port, user="root") as connection:
                connection.cursor().execute("CREATE DATABASE maestro CHARACTER SET utf8mb4")
                return
        except pymysql.err.OperationalError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise TimeoutError("MariaDB does not answer")
