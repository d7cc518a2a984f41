"""What a machine and a project need to run here: one line each, with what fixes it."""

import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.library_errors import text_of
from maestro_ml.core.memory import container_memory
from maestro_ml.core.ports import UI_PORT
from maestro_ml.core.secrets import without_password
from maestro_ml.core.wording import plural
from maestro_ml.doctor.airflow import airflow_health
from maestro_ml.doctor.health import Health, Level, tried
from maestro_ml.doctor.kubernetes import kubernetes_health
from maestro_ml.project import Project, load_project
from maestro_ml.project.platform import unread_variables
from maestro_ml.steps.store import Folder, reaching

_GIB = 2**30
_MEMORY, _DISK = 1.5, 1.0  # GiB
_TIMEOUT, _CLOCK = 5, 60  # seconds


def health_of(path: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Health]:
    """Look at the machine, then at the project and everything that it names."""
    yield _packages()
    yield _memory()
    yield _port()
    yield from airflow_health(environ)
    try:
        project = load_project(path, environ)
    except MaestroError as error:
        yield Health("project", "fail", str(error), "maestro schema > maestro.schema.json, for completion in an editor")
        return
    counts = f"{plural(len(project.datasets), 'dataset')}, {plural(len(project.models), 'model')}"
    yield Health("project", "pass", f"{project.name}: {counts}")
    yield from _settings(path, environ)
    yield from store_health(project)
    for name in project.datasets:
        yield tried(f"dataset {name}", partial(_columns, project, name), f"maestro validate {name}")
    yield from feature_health(project)
    yield from _tracking(project)
    yield from kubernetes_health(project)


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

    free, found, remedy = psutil.virtual_memory().available, "", "end other programs"
    if (container := container_memory()) and container[1] < free:
        limit, free = container
        found, remedy = f" of the container's {limit / _GIB:.1f} GiB", "raise the memory limit of the container"
    found = f"{free / _GIB:.1f} GiB are free{found}"
    if free < _MEMORY * _GIB:
        return Health("memory", "warn", found, f"{remedy}: a training wants {_MEMORY} GiB")
    return Health("memory", "pass", found)


def _port() -> Health:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as a server does
        try:
            listener.bind(("127.0.0.1", UI_PORT))
        except OSError:
            return Health("port", "warn", f"{UI_PORT}, that of maestro ui, is taken", "maestro ui --port 0")
    return Health("port", "pass", f"{UI_PORT}, that of maestro ui, is free")


def store_health(project: Project) -> Iterator[Health]:
    uri = project.locate(project.store)

    written: list[datetime] = []

    def write() -> str:
        folder = Folder(f"{uri.rstrip('/')}/.doctor-{uuid4().hex}")
        folder.write("probe", b"")
        if "://" in uri:
            with reaching(folder.path("probe")) as (filesystem, path):
                written.append(filesystem.modified(path))
        folder.discard("probe")
        if "://" not in uri:
            Path(folder.uri).rmdir()
        return f"{uri} can be written to"

    yield tried("run store", write, "set `store` or MAESTRO_STORE to a folder or bucket that can be written to")
    for moment in written:
        yield clock_health(moment, "the run store")
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


def _tracking(project: Project) -> Iterator[Health]:
    uri = project.tracking.uri
    shown = without_password(uri, uri)
    if urlsplit(uri).scheme not in ("http", "https"):
        yield Health("MLflow", "pass", f"{shown}, in this machine's files")
        return
    answers: list[str | None] = []

    def look() -> str:
        answers.append(_answer(uri, shown))
        return f"{shown} answers"

    yield tried("MLflow", look, f"curl {shown}/health; set MLFLOW_TRACKING_URI if it has another address")
    for date in filter(None, answers):
        yield clock_health(parsedate_to_datetime(date), "MLflow's server")


def _answer(uri: str, shown: str) -> str | None:
    """Return the time that the server says it is."""
    import httpx

    try:
        answer = httpx.get(f"{uri.rstrip('/')}/health", timeout=_TIMEOUT).raise_for_status()
    except httpx.HTTPError as error:
        raise MaestroError(f"{shown} does not answer: {without_password(text_of(error), uri)}") from None
    date: str | None = answer.headers.get("date")
    return date


def clock_health(there: datetime, whose: str) -> Health:
    there = there if there.tzinfo else there.replace(tzinfo=UTC)
    off = abs((datetime.now(UTC) - there).total_seconds())
    if off > _CLOCK:
        return Health("clock", "warn", f"{off:.0f} s off that of {whose}", "timedatectl set-ntp true")
    return Health("clock", "pass", f"that of {whose}")


def feature_health(project: Project) -> Iterator[Health]:
    if project.features is None:
        return
    from maestro_ml.features.health import online_store_answer, registry_answer

    remedy = "maestro run check_features; set FEAST_REGISTRY if the registry is at another address"
    yield tried("Feast registry", partial(registry_answer, project), remedy)
    remedy = "maestro run check_features; set FEAST_ONLINE_STORE if the online store is at another address"
    yield tried("online store", partial(online_store_answer, project), remedy)


def _settings(path: Path, environ: Mapping[str, str]) -> Iterator[Health]:
    """Yield the variables that look like settings, and that nothing reads."""
    text = (path / "maestro.yaml" if path.is_dir() else path).read_text(encoding="utf-8")
    used = frozenset(re.findall(r"MAESTRO_\w+", text))
    for name, hint in unread_variables(environ, used):
        yield Health("settings", "warn", f"{name} is set, and nothing reads it{hint}", f"unset {name}")
