"""Find the one project that this Airflow runs."""

import os
from functools import cache

from maestro_ml.project import Project, RequestError, load_project
from maestro_ml.project.platform import PROJECT_VARIABLE


def project_path() -> str:
    """Return the project's folder.

    Raises:
        RequestError: MAESTRO_PROJECT is not set.
    """
    path = os.environ.get(PROJECT_VARIABLE)
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
