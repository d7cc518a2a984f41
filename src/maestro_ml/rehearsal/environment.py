"""The environment of an Airflow that only one command uses: its home is thrown away with it."""

import json
import os
from importlib.resources import files
from pathlib import Path

from maestro_ml.project.platform import PROJECT_VARIABLE

_OWN = "maestro_ml.airflow.bundle.MaestroDagBundle"
_FOLDER = "airflow.dag_processing.bundles.local.LocalDagBundle"


def private_environment(home: str, project: Path) -> dict[str, str]:
    """Return this process's environment with Airflow's home in a folder, and without its other Airflow settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_HOME", "AIRFLOW__"))}
    bundles = [{"name": "maestro", "classpath": _OWN, "kwargs": {}}]
    if own := own_dags(project):
        bundles.append({"name": "project", "classpath": _FOLDER, "kwargs": {"path": str(own)}})
    return {
        **others,
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        PROJECT_VARIABLE: str(project.resolve()),
    }


def own_dags(project: Path) -> Path | None:
    """Return the folder of the project's own DAGs, if there is one."""
    folder = project.resolve() / "dags"
    return folder if folder.is_dir() else None


def dag_folders(project: Path) -> list[str]:
    """Return the folders of the DAG files that a project's Airflow reads."""
    own = own_dags(project)
    return [str(files("maestro_ml") / "dags"), *([str(own)] if own else [])]
