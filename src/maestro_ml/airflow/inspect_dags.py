"""Import the DAG files of a project and render its pods, and print what came of it: python -m ... [FOLDER ...]

A program of its own: it has a fresh Airflow without a database, and code that breaks takes nothing along.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

MARK = "maestro-dags: "  # before the document: libraries print too


def imported(folders: list[Path]) -> dict[str, Any]:
    """Return the DAGs of some folders, and the error of each file that cannot be imported."""
    from airflow.dag_processing.dagbag import DagBag

    dags: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    for folder in folders:
        bag = DagBag(folder, bundle_name="project")
        dags |= {name: sorted(dag.task_ids) for name, dag in bag.dags.items()}
        errors |= {_path(folder, file): text.strip() for file, text in bag.import_errors.items()}
    return {"dags": dags, "errors": errors}


def _path(folder: Path, file: str) -> str:
    return file if Path(file).is_absolute() else str(folder / file)


def rendered_pods() -> dict[str, Any]:
    """Return the pod of each step (and target) that the project runs in pods, as Kubernetes would get it."""
    from maestro_ml.airflow.current_project import current_project, project_path

    project = current_project()
    if project.execution.mode != "kubernetes":
        return {}
    from kubernetes.client import ApiClient

    from maestro_ml.airflow.pods import MaestroPodOperator
    from maestro_ml.steps import find_step

    pods: dict[str, Any] = {}
    place: dict[str, Any] = {"project_path": project_path(), "config_file": _nowhere()}
    for step in project.execution.steps:
        targets = find_step(step).targets
        for target in list(targets(project) if targets else ()) or [""]:
            operator = MaestroPodOperator(task_id=step, step=step, target=target, **place)
            rendered = ApiClient().sanitize_for_serialization(operator.build_pod_request_obj())
            pods[f"{step} {target}".strip()] = rendered
    return pods


def _nowhere() -> str:
    """Write a configuration of Kubernetes that leads nowhere: a pod is only rendered."""
    file = Path(os.environ["AIRFLOW_HOME"]) / "kubernetes.yaml"
    cluster = {"name": "nowhere", "cluster": {"server": "http://127.0.0.1:9"}}
    context = {"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}
    document = {"apiVersion": "v1", "kind": "Config", "current-context": "nowhere", "clusters": [cluster]}
    file.write_text(json.dumps({**document, "contexts": [context], "users": [{"name": "nobody", "user": {}}]}))
    return str(file)


def main() -> None:
    """Print one document: DAGs, errors of files, pods or the error of the first that cannot be rendered."""
    logging.disable(logging.CRITICAL)
    found = imported([Path(name) for name in sys.argv[1:]])
    try:
        found["pods"] = rendered_pods()
    except Exception as error:  # of the provider, or of the project's settings
        found["pod_error"] = f"{type(error).__name__}: {error}"
    sys.stdout.write(f"\n{MARK}{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
