"""Find the project that a DAG file is of: the one that this Airflow runs, or one of several."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.project.platform import PROJECT_VARIABLE

_served: ContextVar[str | None] = ContextVar("served", default=None)


@contextmanager
def serving(path: str) -> Iterator[None]:
    """Make a folder the current project's inside the block, whatever MAESTRO_PROJECT says."""
    token = _served.set(path)
    try:
        yield
    finally:
        _served.reset(token)


def project_path() -> str:
    """Return the project's folder.

    Raises:
        RequestError: MAESTRO_PROJECT is not set.
    """
    path = _served.get() or os.environ.get(PROJECT_VARIABLE)
    if not path:
        raise RequestError(f"set {PROJECT_VARIABLE} to the folder that holds maestro.yaml, for every Airflow process")
    return path


@cache
def project_at(path: str) -> Project:
    """Load the project in a folder, once in each process."""
    return load_project(path)


def current_project() -> Project:
    """Load the project that MAESTRO_PROJECT names.

    In a DAG file, a mistake in the project becomes an import error with file, line and key.
    """
    return project_at(project_path())


def folder_of(project: Project) -> str:
    """Return the folder that tasks load a project from: as MAESTRO_PROJECT names it, or the project's own."""
    named = os.environ.get(PROJECT_VARIABLE)
    if named and Path(named).resolve() in (project.root, project.root / "maestro.yaml"):
        return named
    return str(project.root)
