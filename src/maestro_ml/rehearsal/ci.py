"""What can be known of a project before it is deployed: its DAGs, its pods, and what its feature repo would change."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from maestro_ml.core.boundary import boundary
from maestro_ml.core.errors import MaestroError, SystemFailed
from maestro_ml.core.wording import plural
from maestro_ml.project import Project
from maestro_ml.rehearsal.environment import dag_folders, private_environment

_INSPECTOR, _MARK = "maestro_ml.airflow.inspect_dags", "maestro-dags: "
_TIMEOUT = 600  # seconds: Airflow is imported, and so is every DAG file
_SHOWN = 5  # lines of an error, or changes


@dataclass(frozen=True)
class Line:
    """One thing that was tried.

    Attributes:
        code: the exit code it would give alone: 0, or why it failed as the command line says it.
        details: what a person wants to see beside it.
    """

    what: str
    level: Literal["pass", "skip", "fail"]
    found: str
    code: int = 0
    details: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as the JSON document has it."""
        return asdict(self)


def failed(what: str, error: MaestroError) -> Line:
    """Return the line of something that raised."""
    first, *more = str(error).splitlines() or [""]
    return Line(what, "fail", first, error.exit_code, tuple(more[:_SHOWN]))


def airflow_lines(project: Project, folder: Path) -> Iterator[Line]:
    """Import the DAGs of the package and the project, and render the pods, in an Airflow without a database."""
    if find_spec("airflow") is None:
        why = "there is no Airflow here: pip install 'maestro-ml[airflow]'"
        yield from (Line(what, "skip", why) for what in ("DAGs", "pods"))
        return
    try:
        with boundary("importing the DAGs", project):
            found = inspected_dags(folder)
    except MaestroError as error:
        yield failed("DAGs", error)
        return
    errors = {file: text.splitlines() for file, text in found["errors"].items()}
    if errors:
        [(file, text), *others] = errors.items()
        words = f"{file} cannot be imported: {text[-1] if text else 'no reason given'}"
        more = (f"and {len(others)} more files",) if others else ()
        yield Line("DAGs", "fail", words, 1, (*text[-_SHOWN:-1], *more))
    else:
        dags = found["dags"]
        yield Line("DAGs", "pass", f"{len(dags)} can be imported", details=tuple(sorted(dags)))
    yield _pods(project, found)


def _pods(project: Project, found: dict[str, Any]) -> Line:
    if "pod_error" in found:
        return Line("pods", "fail", found["pod_error"], 1)
    if project.execution.mode != "kubernetes":
        return Line("pods", "skip", "the steps run in Airflow's own processes")
    containers = (pod["spec"]["containers"][0]["image"] for pod in found["pods"].values())
    images = ", ".join(dict.fromkeys(containers))
    return Line(
        "pods",
        "pass",
        f"{plural(len(found['pods']), 'pod spec')} can be rendered, of {images}",
        details=tuple(found["pods"]),
    )


def inspected_dags(folder: Path) -> dict[str, Any]:
    """Return what the program that imports DAGs found; raises SystemFailed if it did not end well."""
    with tempfile.TemporaryDirectory(prefix="maestro-ci-") as home:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", _INSPECTOR, *dag_folders(folder)],
                env=private_environment(home, folder),
                capture_output=True,
                text=True,
                check=False,
                timeout=_TIMEOUT,
            )
        except subprocess.TimeoutExpired:
            raise SystemFailed(f"the DAG files were not imported in {_TIMEOUT} s") from None
    documents = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not documents:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise SystemFailed(f"importing the DAGs ended with exit code {done.returncode}: {''.join(last)}")
    found: dict[str, Any] = json.loads(documents[-1].removeprefix(_MARK))
    return found


def feature_line(project: Project) -> Line:
    """Say what `feast apply` would change."""
    if project.features is None:
        return Line("features", "skip", "the project has no feature repo")
    from maestro_ml.features.plan import planned_changes

    try:
        with boundary("planning the feature repo", project):
            changes = planned_changes(project)
    except MaestroError as error:
        return failed("features", error)
    words = f"{len(changes)} changes to the registry" if changes else "registry and repo agree"
    return Line("features", "pass", words, details=tuple(changes))
