"""What a project needs to run here: one line for each thing, with the command that fixes it."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shlex import quote
from uuid import uuid4

from maestro_ml.core.errors import MaestroError
from maestro_ml.core.wording import plural
from maestro_ml.doctor.airflow import airflow_health, dag_health
from maestro_ml.doctor.features import feature_health
from maestro_ml.doctor.health import Health, Level, tried
from maestro_ml.doctor.kubernetes import kubernetes_health
from maestro_ml.doctor.machine import clock_health, machine_health
from maestro_ml.doctor.remedies import place_remedy
from maestro_ml.doctor.tracking import tracking_health
from maestro_ml.project import Project, load_project
from maestro_ml.project.platform import unread_variables
from maestro_ml.steps.store import Folder, reaching

_GIB = 2**30
_DISK = 1.0  # GiB


def health_of(path: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Health]:
    """Look at the machine, then at the project and everything that it names."""
    yield from machine_health()
    airflow = list(airflow_health(environ))
    yield from airflow
    try:
        project = load_project(path, environ)
    except MaestroError as error:
        yield Health("project", "fail", str(error), _of_file(path))
        return
    counts = f"{plural(len(project.datasets), 'dataset')}, {plural(len(project.models), 'model')}"
    yield Health("project", "pass", f"{project.name}: {counts}")
    if airflow and airflow[-1].level != "fail":
        yield from dag_health(project, path, environ)
    yield from _settings(path, environ)
    yield from store_health(project)
    for name in project.datasets:
        yield _dataset(project, name)
    yield from feature_health(project, path, environ)
    yield from tracking_health(project, environ)
    yield from kubernetes_health(project)


def _of_file(path: Path) -> str:
    file = path / "maestro.yaml" if path.is_dir() else path
    if not file.exists():
        return "maestro init FOLDER --data FILE makes a project; --project FOLDER names one"
    return f"correct {quote(str(file))}; maestro schema > maestro.schema.json lets an editor show its mistakes"


def store_health(project: Project) -> Iterator[Health]:
    """Write to the run store, and compare its clock with ours."""
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

    otherwise = "set `store` or MAESTRO_STORE to a folder or bucket that can be written to"
    yield tried("run store", write, place_remedy(uri, otherwise))
    for moment in written:
        yield clock_health(moment, "the run store")
    if "://" not in uri and Path(uri).exists():
        free = shutil.disk_usage(uri).free / _GIB
        level: Level = "pass" if free >= _DISK else "warn"
        remedy = "" if level == "pass" else f"du -xh {quote(uri)} | sort -h | tail, and remove what nobody needs"
        yield Health("disk", level, f"{free:.1f} GiB are free at {uri}", remedy)


def _dataset(project: Project, name: str) -> Health:
    place = getattr(project.datasets[name].source, "path", "")
    wanted = f"correct datasets.{name}.source in maestro.yaml, or put the data there"
    remedy = place_remedy(place, wanted) if "://" in place else wanted

    def look() -> str:
        from maestro_ml.tables.open import open_on_engine

        with open_on_engine(project, name) as table:
            contract = table.spec.columns
            missing = [column for column in contract if contract[column].required and column not in table.types]
            if missing:
                lacking = ", ".join(missing[:10])
                raise MaestroError(f"lacks {lacking} of its contract, and has {', '.join(list(table.types)[:10])}")
            return f"can be read, {plural(len(table.types), 'column')}"

    return tried(f"dataset {name}", look, remedy)


def _settings(path: Path, environ: Mapping[str, str]) -> Iterator[Health]:
    """Yield the variables that look like settings, and that nothing reads."""
    text = (path / "maestro.yaml" if path.is_dir() else path).read_text(encoding="utf-8")
    used = frozenset(re.findall(r"MAESTRO_\w+", text))
    for name, hint in unread_variables(environ, used):
        yield Health("settings", "warn", f"{name} is set, and nothing reads it{hint}", f"unset {name}")
