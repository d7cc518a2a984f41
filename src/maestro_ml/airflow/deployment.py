"""The one project this Airflow runs."""

import os
from functools import cache

from maestro_ml.project import Project, RequestError, load_project

VARIABLE = "MAESTRO_PROJECT"


def project_path() -> str:
    """The project's folder.

    Raises:
        RequestError: MAESTRO_PROJECT is not set.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        raise RequestError(f"set {VARIABLE} to the folder that holds maestro.yaml, for every Airflow process")
    return path


@cache
def project_at(path: str) -> Project:
    return load_project(path)
