"""A candidate that passed, in MLflow's model registry."""

from typing import TYPE_CHECKING

from maestro_ml.project.pipelines import Registration
from maestro_ml.training.experiment import Logged
from maestro_ml.training.gate import Decision

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def register_version(client: "MlflowClient", target: Registration, logged: Logged, decision: Decision) -> str:
    """The candidate's version under the registered name, with the alias on it; the same version however often called.

    Returns:
        The version's number, as MLflow writes it.
    """
    if not decision.passed:
        raise ValueError(f"the gate rejected {decision.model}")
    _ensure_name(client, target.name)
    found = client.search_model_versions(f"name = '{target.name}' and run_id = '{logged.run_id}'", max_results=1)
    version = found[0] if found else _create_version(client, target.name, logged, decision)
    client.set_registered_model_alias(target.name, target.alias, version.version)
    return str(version.version)


def _create_version(client: "MlflowClient", name: str, logged: Logged, decision: Decision) -> "ModelVersion":
    # Its place, not `models:/<id>`: MLflow would look that up in the process-wide tracking URI, not in the client's.
    place = client.get_logged_model(logged.model_id).artifact_location
    return client.create_model_version(
        name, place, run_id=logged.run_id, model_id=logged.model_id, description=decision.reason
    )


def _ensure_name(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
