"""Shared by the Python tests of the subcharts (`pytest charts`): programs they need, and rendering a chart by itself.

A program is looked for in `.tools`, on PATH and in `$CLUSTER_HOME/bin`. Where it is missing the test is skipped, and the last lines of the
run say which program was missing and what therefore was not tested.
"""

import os
import shutil
import subprocess
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
    "redis-server": "apt-get install redis-server",
}
missing = {}


@pytest.fixture(scope="session")
def program(request):
    """The path of a program by its name; skips the test where it is missing."""

    def find(name):
        path = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
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
    """Objects of a subchart rendered by itself as release `r` in the namespace `maestro`, by kind and name."""

    def objects(chart, **values):
        flags = [part for key, value in values.items() for part in ("--set", f"{key.replace('__', '.')}={value}")]
        command = [program("helm"), "template", "r", CHARTS / chart, "-n", "maestro", "--kube-version", "1.34.0", *flags]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {(item["kind"], item["metadata"]["name"]): item for item in yaml.safe_load_all(done.stdout) if item}

    return objects
