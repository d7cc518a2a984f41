"""What a machine and a project need to run here: one line each, with what mends it."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_password
from maestro_ml.project import Project, load_project
from maestro_ml.steps.boundary import boundary
from maestro_ml.steps.store import Folder

Level = Literal["pass", "warn", "fail"]
_GIB = 2**30
_MEMORY, _DISK = 1.5, 1.0  # GiB
_PATIENCE = 5  # seconds


@dataclass(frozen=True)
class Health:
    """One thing that was looked at, and what to do where it is not well."""

    what: str
    level: Level
    found: str
    remedy: str = ""

    def document(self) -> dict[str, Any]:
        """Return it as the JSON document has it."""
        return asdict(self)


def health_of(path: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Health]:
    """Look at the machine, then at the project and everything that it names."""
    yield _packages()
    yield _memory()
    try:
        project = load_project(path, environ)
    except MaestroError as error:
        yield Health("project", "fail", str(error), "maestro schema > maestro.schema.json, for completion in an editor")
        return
    yield Health("project", "pass", f"{project.name}: {len(project.datasets)} datasets, {len(project.models)} models")
    yield from _store(project)
    for name in project.datasets:
        yield _tried(f"dataset {name}", partial(_columns, project, name), f"maestro validate {name}")
    yield _tracking(project)


def _packages() -> Health:
    from packaging.requirements import Requirement

    wrong = []
    for text in requires("maestro-ml") or ():
        needed = Requirement(text)
        if needed.marker and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            wrong.append(f"{needed.name} is missing")
            continue
        if not needed.specifier.contains(found, prereleases=True):
            wrong.append(f"{needed.name} is {found}, not {needed.specifier}")
    if wrong:
        return Health("packages", "fail", "; ".join(wrong), "pip install --upgrade maestro-ml")
    return Health("packages", "pass", f"maestro-ml {version('maestro-ml')}, and what it needs")


def _memory() -> Health:
    import psutil

    free = psutil.virtual_memory().available / _GIB
    if free < _MEMORY:
        return Health(
            "memory", "warn", f"{free:.1f} GiB are free", f"end other programs: a training wants {_MEMORY} GiB"
        )
    return Health("memory", "pass", f"{free:.1f} GiB are free")


def _store(project: Project) -> Iterator[Health]:
    uri = project.locate(project.store)

    def write() -> str:
        folder = Folder(f"{uri.rstrip('/')}/.doctor-{uuid4().hex}")
        folder.write("probe", b"")
        folder.discard("probe")
        if "://" not in uri:
            Path(folder.uri).rmdir()
        return f"{uri} can be written to"

    yield _tried("run store", write, "set `store` or MAESTRO_STORE to a folder or bucket that can be written to")
    if "://" not in uri and Path(uri).exists():
        free = shutil.disk_usage(uri).free / _GIB
        level: Level = "pass" if free >= _DISK else "warn"
        yield Health("disk", level, f"{free:.1f} GiB are free at {uri}", "" if level == "pass" else f"du -sh {uri}/*")


def _columns(project: Project, name: str) -> str:
    from maestro_ml.tables.open import open_on_engine

    with open_on_engine(project, name) as table:
        contract = table.spec.columns
        missing = [column for column in contract if contract[column].required and column not in table.types]
        if missing:
            raise MaestroError(f"lacks {', '.join(missing[:10])} of its contract")
        return f"can be read, {len(table.types):,} columns"


def _tracking(project: Project) -> Health:
    uri = project.tracking.uri
    if urlsplit(uri).scheme not in ("http", "https"):
        return Health("MLflow", "pass", f"{without_password(uri, uri)}, in this machine's files")
    shown = without_password(uri, uri)
    remedy = f"curl {shown}/health; set MLFLOW_TRACKING_URI if it is elsewhere"
    return _tried("MLflow", lambda: _answer(uri, shown), remedy)


def _answer(uri: str, shown: str) -> str:
    import httpx

    try:
        httpx.get(f"{uri.rstrip('/')}/health", timeout=_PATIENCE).raise_for_status()
    except httpx.HTTPError as error:
        raise MaestroError(f"{shown} does not answer: {without_password(text_of(error), uri)}") from None
    return f"{shown} answers"


def _tried(what: str, look: Callable[[], str], remedy: str) -> Health:
    try:
        with boundary(what):
            return Health(what, "pass", look())
    except MaestroError as error:
        return Health(what, "fail", str(error), remedy)
