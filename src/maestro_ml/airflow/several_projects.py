"""Several projects on one Airflow: a DAG file names their folders, and serves the pipelines of each."""

import runpy
from pathlib import Path

from maestro_ml.airflow.current_project import project_at, serving
from maestro_ml.core.errors import RequestError
from maestro_ml.project.pipelines import Features, Training, Validation

_PIPELINES = (Validation, Features, Training)


def serve_dags(folder: str | Path) -> None:
    """Build the DAGs of a project, in the file that calls this; Airflow looks only into files with the word "dag".

    Raises:
        RequestError: its DAGs have no ids of their own.
    """
    project = project_at(str(folder))
    if not project.dag_prefix:
        raise RequestError(
            f"{folder}: give the project a `dag_prefix`, such as {project.name}_: its DAGs need ids of their own"
        )
    with serving(str(folder)):
        for pipeline in _PIPELINES:
            runpy.run_module(f"maestro_ml.dags.{pipeline.dag_id}")  # a DAG's file has its name
