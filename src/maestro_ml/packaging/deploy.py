"""The command that deploys a project's images with the chart."""

import json
import shlex

from maestro_ml.project.platform import DEFAULTS, PROJECT_VARIABLE


def helm_command(name: str, airflow_image: str, training_image: str, *, has_dags: bool) -> str:
    """Return the `helm upgrade` that runs a project; what the release has beside it stays.

    Args:
        name: the project's, and its folder's in /opt.
        has_dags: the project has DAGs of its own.
    """
    repository, _, tag = airflow_image.rpartition(":")
    folder = f"/opt/{name}"
    settings = [
        ("--set", f"airflow.defaultAirflowRepository={repository}"),
        ("--set-string", f"airflow.defaultAirflowTag={tag}"),
        ("--set", f"global.environment.{PROJECT_VARIABLE}={folder}"),
        ("--set", f"global.environment.{DEFAULTS['execution', 'image']}={training_image}"),
        ("--set", f"featurestore.server.project={name}"),
    ]
    if has_dags:
        bundle = {
            "name": name,
            "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
            "kwargs": {"path": f"{folder}/dags"},
        }
        settings.append(("--set-json", f"global.dagBundles={json.dumps([bundle])}"))
    lines = [f"{option} {shlex.quote(value)}" for option, value in settings]
    return " \\\n  ".join(("helm upgrade maestro . -n maestro --reuse-values", *lines))
