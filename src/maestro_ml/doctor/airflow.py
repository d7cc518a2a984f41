"""Airflow's database and DAGs, where there is an Airflow, as its own command line reports them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.secrets import without_passwords
from maestro_ml.core.wording import plural
from maestro_ml.doctor.health import Health, Unwell, tried
from maestro_ml.project import Project
from maestro_ml.project.platform import PROJECT_VARIABLE

_ADDRESS = "export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://USER:PASSWORD@HOST/DATABASE"
_READ_AGAIN = "airflow dags reserialize"
TIMEOUT = 120  # seconds: each command imports Airflow


def airflow_health(environ: Mapping[str, str]) -> Iterator[Health]:
    """Look at the Airflow of this environment; nothing where none is configured."""
    if not any(name == "AIRFLOW_HOME" or name.startswith("AIRFLOW__") for name in environ):
        return
    if find_spec("airflow") is None:
        yield Health("Airflow", "fail", "it is configured, but not installed", "pip install 'maestro-ml[airflow]'")
        return
    yield (database := tried("Airflow's database", lambda: _database(environ), _ADDRESS))
    if database.level == "pass":
        yield tried("DAGs", lambda: _imports(environ), "airflow dags list-import-errors")


def dag_health(project: Project, path: Path, environ: Mapping[str, str]) -> Iterator[Health]:
    """Look whether Airflow shows the project's DAGs, and runs them."""
    yield tried("pipelines", lambda: _shown(project, path, environ), "airflow dags list")


def _database(environ: Mapping[str, str]) -> str:
    _airflow(environ, "db", "check")
    try:
        _airflow(environ, "db", "check-migrations", "--migration-wait-timeout", "1")
    except MaestroError:
        raise Unwell("its tables are not those of this version", "fail", "airflow db migrate") from None
    return "it answers, and its tables are of this version"


def _imports(environ: Mapping[str, str]) -> str:
    if errors := json_list(_airflow(environ, "dags", "list-import-errors", "--output", "json")):
        first = errors[0]
        last = (first.get("error") or first.get("stacktrace") or "").strip().splitlines()[-1:]
        message = f"{plural(len(errors), 'file')} cannot be imported: {first.get('filepath')}: {''.join(last)}"
        raise Unwell(message, "fail", f"airflow dags list-import-errors shows why; when it is mended, {_READ_AGAIN}")
    return "every file that Airflow has read can be imported"


def _shown(project: Project, path: Path, environ: Mapping[str, str]) -> str:
    listed = json_list(_airflow(environ, "dags", "list", "--output", "json"))
    found = {dag["dag_id"]: dag["is_paused"] for dag in listed}
    pipelines = (project.validation, project.features, project.training if project.models else None)
    expected = [project.dag_id_of(each) for each in pipelines if each]
    if missing := [name for name in expected if name not in found]:
        folder, other = path.resolve(), environ.get(PROJECT_VARIABLE)
        export = "" if other and Path(other).resolve() == folder else f"export {PROJECT_VARIABLE}={folder}; "
        raise Unwell(f"Airflow does not show {', '.join(missing)}", "warn", f"{export}{_READ_AGAIN}")
    if paused := [name for name in expected if str(found[name]).lower() == "true"]:
        verb = "is" if len(paused) == 1 else "are"
        remedy = "; ".join(f"airflow dags unpause {name}" for name in paused)
        raise Unwell(f"{', '.join(paused)} {verb} paused", "warn", remedy)
    return f"Airflow shows {', '.join(expected)}"


def json_list(printed: str) -> list[Any]:
    """Return the JSON list that ends what a command printed, after its log lines; an empty one if there is none."""
    decoder = json.JSONDecoder()
    for opening in re.finditer(r"^\[", printed, re.MULTILINE):
        try:
            found, end = decoder.raw_decode(printed, opening.start())
        except ValueError:  # a log line that begins with a bracket
            continue
        if not printed[end:].strip():
            return list(found)
    return []


def _airflow(environ: Mapping[str, str], *arguments: str) -> str:
    """Return what an Airflow command prints; raises MaestroError with its last line where it fails."""
    command = [sys.executable, "-m", "airflow", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and fixed words
            command, env={**environ}, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise MaestroError(f"`airflow {' '.join(arguments)}` did not end in {TIMEOUT} s") from None
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode and not (arguments[0] == "dags" and "[" in done.stdout):
        raise MaestroError(without_passwords(lines[-1].strip() if lines else f"exit code {done.returncode}"))
    return done.stdout
