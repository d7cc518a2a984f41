"""The version in use, and its answers to a candidate's test rows."""

from typing import TYPE_CHECKING

from maestro_ml.gate_rules.evidence import Champion
from maestro_ml.project.models import Registration
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.comparison import NotComparable
from maestro_ml.training.tracking.experiment import CANDIDATE
from maestro_ml.training.tracking.stored_versions import stored_model, tags_of
from maestro_ml.training.tracking.tracker import Answer
from maestro_ml.training.tracking.unseen import obstacle_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


def champion_of(
    client: "MlflowClient", uri: str, target: Registration, fingerprint: str, test: SplitSummary, answer: Answer
) -> Champion:
    """Return the version under the alias `champion`, or the one under the registration's alias where there is none.

    Args:
        fingerprint: the candidate's. If it is registered already, by an earlier try, it has nothing to improve on.
        test: the candidate's test rows.
        answer: computes a stored model's answers to them.
    """
    if own := _own_version(client, target.name, fingerprint):
        return Champion(own=own)
    version = _in_use(client, target)
    if version is None:
        return Champion()
    number = str(version.version)
    if obstacle := obstacle_of(tags_of(client, version), test):
        return Champion(number, obstacle=f"{obstacle} test rows")
    try:
        with stored_model(uri, version) as file:
            return Champion(number, answer(file))
    except NotComparable as error:
        return Champion(number, obstacle=str(error))


def _own_version(client: "MlflowClient", name: str, fingerprint: str) -> str | None:
    found = client.search_model_versions(f"name = '{name}' and tags.`{CANDIDATE}` = '{fingerprint}'", max_results=1)
    return str(found[0].version) if found else None


def _in_use(client: "MlflowClient", target: Registration) -> "ModelVersion | None":
    from mlflow.exceptions import MlflowException

    try:
        aliases = client.get_registered_model(target.name).aliases
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
    number = aliases.get(target.champion) or aliases.get(target.alias)
    return None if number is None else client.get_model_version(target.name, str(number))
