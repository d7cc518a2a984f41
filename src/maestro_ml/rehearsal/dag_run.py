"""One run of one DAG, in an Airflow that is made for it and thrown away."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from maestro_ml.core.errors import RequestError, SystemFailed
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.rehearsal.environment import dag_folders, private_environment

_RUNNER, _MARK = "maestro_ml.airflow.run_dag", "maestro-run: "


@dataclass(frozen=True)
class DagRun:
    """The state of a run, and of its tasks by name."""

    state: str
    tasks: dict[str, str]


def run_dag(project: Path, name: str, time: datetime) -> DagRun:
    """Run a DAG once; what its tasks log goes to stderr.

    Raises:
        RequestError: there is no such DAG, or its file cannot be imported.
        SystemFailed: there is no Airflow, or it failed.
    """
    if find_spec("airflow") is None:
        raise SystemFailed("there is no Airflow here: pip install 'maestro-ml[airflow]'")
    with tempfile.TemporaryDirectory(prefix="maestro-dag-") as home:
        environment = private_environment(home, project)
        run_program([sys.executable, "-m", "airflow", "db", "migrate"], environment, quiet=True)
        command = [sys.executable, "-m", _RUNNER, name, time.isoformat(), *dag_folders(project)]
        output = run_program(command, environment, quiet=False)
    documents = [line for line in output.splitlines() if line.startswith(_MARK)]
    if not documents:
        raise SystemFailed(f"the run of {name} left no result")
    found = json.loads(documents[-1].removeprefix(_MARK))
    if "state" in found:
        return DagRun(found["state"], dict(found["tasks"]))
    errors = "".join(f"\n{file}: {text}" for file, text in found["errors"].items())
    raise RequestError(f"no DAG '{name}'{did_you_mean(name, found['known'])}{errors}")


def run_program(command: list[str], environment: dict[str, str], *, quiet: bool) -> str:
    """Run a program, and return what it prints; raises SystemFailed if it fails."""
    errors = subprocess.PIPE if quiet else None
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-1:]
        raise SystemFailed(f"`{' '.join(command[1:4])}` ended with exit code {done.returncode}: {''.join(last)}")
    return done.stdout
