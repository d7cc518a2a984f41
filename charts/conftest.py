"""Shared by the Python tests of the subcharts (`pytest charts`): programs they need, and rendering a chart by itself.

A program is looked for in `.tools`, on PATH and in `$CLUSTER_HOME/bin`. Where it is missing the test is skipped, and
the last lines of the run say so in red.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import yaml

CHARTS = Path(__file__).parent
TOOLS = (CHARTS.parent / ".tools", Path(os.environ.get("CLUSTER_HOME", Path.home() / ".cache/cluster")) / "bin")
HINTS = {
    "helm": "make deps",
    "promtool": "apt-get install prometheus",
    "statsd_exporter": "go install github.com/prometheus/statsd_exporter@v0.30.0",
    "initdb": "apt-get install postgresql",
    "pg_ctl": "apt-get install postgresql",
    "minio": "go install github.com/minio/minio@latest",
    "redis-server": "apt-get install redis-server",
}
missing = {}


@pytest.fixture(scope="session")
def until():
    """Provide `until(condition)`, which waits for something true, as long as the process runs, if one is given."""

    def wait(condition, process=None, seconds=300):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert process is None or process.poll() is None, "the process ended"
            with contextlib.suppress(OSError):  # nothing listens yet
                if answer := condition():
                    return answer
            time.sleep(0.1)
        pytest.fail(f"did not come true within {seconds} s")

    return wait


@pytest.fixture(scope="session")
def program(request):
    """Provide the path of a program by its name; skips the test where it is missing."""

    def find(name):
        path = os.pathsep.join(
            [*map(str, TOOLS), os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
        )
        found = shutil.which(name, path=path)
        if not found:
            missing[name] = HINTS[name]
            pytest.skip(f"{name} is missing: {HINTS[name]}")
        return found

    return find


def pytest_terminal_summary(terminalreporter):
    for name, hint in missing.items():
        terminalreporter.write_line(f"NOT TESTED, because {name} is missing. Get it: {hint}", red=True, bold=True)


@pytest.fixture(scope="session")
def render(program):
    """Provide objects of a subchart rendered by itself as release `r` in the namespace `maestro`, by kind and name."""

    def objects(chart, **values):
        flags = [part for key, value in values.items() for part in ("--set", f"{key.replace('__', '.')}={value}")]
        command = [
            program("helm"),
            "template",
            "r",
            CHARTS / chart,
            "-n",
            "maestro",
            "--kube-version",
            "1.34.0",
            *flags,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(done.stdout) if item}

    return objects


@pytest.fixture(scope="session")
def free_port():
    def find():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture
def exporter():
    """Provide what a StatsD exporter would get: its address as the variables of the probes, and the lines that came
    so far.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.5)

        def received():
            lines = []
            with contextlib.suppress(TimeoutError):
                while True:
                    lines += listener.recv(65536).decode().splitlines()
            return lines

        yield {"STATSD_HOST": "127.0.0.1", "STATSD_PORT": str(listener.getsockname()[1])}, received


@pytest.fixture(scope="session")
def sent_by():
    """Provide the metrics that a file of the repository sends, as the exporter's mapping has them."""
    entries = yaml.safe_load((CHARTS / "statsd/files/probe-metrics.yaml").read_text())
    return lambda path: {entry["name"]: entry for entry in entries if entry["from"] == path}


@pytest.fixture(scope="session")
def start_postgres(program, free_port):
    """Start an empty PostgreSQL with the access rules of the image; gives its `PG*` variables and its folder."""

    @contextlib.contextmanager
    def server(password):
        initdb, pg_ctl = program("initdb"), program("pg_ctl")
        # The server refuses to run as root.
        user = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
        with tempfile.TemporaryDirectory(prefix="maestro-postgres-") as name:
            folder, port = Path(name), free_port()
            (folder / "password").write_text(password)
            if user:
                for path in (folder, folder / "password"):
                    shutil.chown(path, "nobody")

            def run(*command):
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)

            rules = ["--auth-host=scram-sha-256", "--auth-local=trust", "--username=postgres", "--no-sync"]
            run(initdb, "--pgdata", folder / "data", f"--pwfile={folder / 'password'}", *rules)
            settings = (
                "listen_addresses=127.0.0.1",
                f"unix_socket_directories={folder}",
                "log_statement=all",
                "fsync=off",
            )
            flags = " ".join([f"-p {port}", *(f"-c {setting}" for setting in settings)])
            control = [pg_ctl, "--wait", "--pgdata", folder / "data", "--log", folder / "log"]
            run(*control, "--options", flags, "start")
            path = os.pathsep.join([str(Path(initdb).parent), os.environ["PATH"]])
            login = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": "postgres", "PGPASSWORD": password}
            try:
                yield {**login, "PATH": path}, folder
            finally:
                run(*control, "--mode", "immediate", "stop")

    return server
