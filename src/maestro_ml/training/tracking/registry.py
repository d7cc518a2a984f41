"""Register a candidate that passed in MLflow's model registry."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from maestro_ml.project.models import Registration
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.comparison import NotComparable
from maestro_ml.training.gate import Decision
from maestro_ml.training.ledger import Ledger
from maestro_ml.training.tracking.alias import Holder, decide_move, is_older
from maestro_ml.training.tracking.aliases import is_at, move_alias
from maestro_ml.training.tracking.experiment import CANDIDATE, REFERENCE, TEST_END
from maestro_ml.training.tracking.stored_versions import run_of, stored_model
from maestro_ml.training.tracking.tracker import Registered, ScoreModel
from maestro_ml.training.tracking.unseen import obstacle_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion


def register_version(
    client: "MlflowClient",
    uri: str,
    target: Registration,
    reference: str,
    decision: Decision,
    *,
    test: SplitSummary,
    score: ScoreModel,
    move_alias: bool = False,
    tags: Mapping[str, str] = MappingProxyType({}),
    ledger: Ledger | None = None,
) -> Registered:
    """Register the candidate under the name in `target`: one version, however often it is called.

    `ModelTracker.register` describes the arguments; `client` speaks to the server at `uri`.
    """
    if not decision.passed:
        raise ValueError(f"the gate rejected {decision.model}")
    _ensure_name(client, target.name)
    logged = client.get_logged_model(reference.removeprefix(REFERENCE))
    run_id = logged.source_run_id
    found = client.search_model_versions(f"name = '{target.name}' and run_id = '{run_id}'", max_results=1)
    tags = {**tags, TEST_END: test.end.isoformat()}
    version = found[0] if found else _create_version(client, target.name, logged, decision, tags)
    number = str(version.version)
    for key, value in tags.items():
        if version.tags.get(key) != value:
            client.set_model_version_tag(target.name, number, key, value)
    before = _holder(client, target)
    holder = None
    if before is not None and str(before.version) != number:
        holder = _known(client, uri, before, decision, test, None if move_alias else score)
    decided = decide_move(target.alias, decision.metric, decision.candidate, test.end, holder, forced=move_alias)
    if decided.moved:
        _move(client, ledger, target, number, decided.reason)
    return Registered(number, decided)


def _move(client: "MlflowClient", ledger: Ledger | None, target: Registration, number: str, why: str) -> None:
    if ledger is None:
        client.set_registered_model_alias(target.name, target.alias, number)
        return
    last = next((entry for entry in reversed(ledger.entries()) if entry.alias == target.alias), None)
    if last is None or last.version != number or not is_at(client, target.name, target.alias, number):
        move_alias(client, ledger, target.name, target.alias, number, {"actor": "the step register", "why": why})


def _holder(client: "MlflowClient", target: Registration) -> "ModelVersion | None":
    number = client.get_registered_model(target.name).aliases.get(target.alias)
    return None if number is None else client.get_model_version(target.name, str(number))


def _known(
    client: "MlflowClient",
    uri: str,
    version: "ModelVersion",
    decision: Decision,
    test: SplitSummary,
    score: ScoreModel | None,
) -> Holder:
    tags, recorded = _recorded(client, version, decision.metric)
    end = tags.get(TEST_END)
    holder = Holder(version=str(version.version), test_end=datetime.fromisoformat(end) if end else None, value=recorded)
    if score is None or is_older(test.end, holder):
        return holder
    if obstacle := obstacle_of(tags, test):
        return holder.model_copy(update={"obstacle": obstacle})
    try:
        with stored_model(uri, version) as file:
            return holder.model_copy(update={"value": score(file), "same_rows": True})
    except NotComparable as error:
        return holder.model_copy(update={"obstacle": str(error)})


def _recorded(client: "MlflowClient", version: "ModelVersion", metric: str) -> tuple[dict[str, str], float | None]:
    """Return the tags of the version and its run, and the metric that the run recorded."""
    run = run_of(client, version)
    if run is None:
        return dict(version.tags), None
    return {**run.data.tags, **version.tags}, run.data.metrics.get(metric)


def _create_version(
    client: "MlflowClient", name: str, logged: "LoggedModel", decision: Decision, tags: Mapping[str, str]
) -> "ModelVersion":
    fingerprint = client.get_run(logged.source_run_id).data.tags.get(CANDIDATE, "")
    return client.create_model_version(
        name,
        # Not `models:/<id>`: MLflow would look that up under the process-wide tracking URI, not the client's.
        logged.artifact_location,
        run_id=logged.source_run_id,
        tags={**tags, CANDIDATE: fingerprint},
        model_id=logged.model_id,
        description=decision.reason,
    )


def _ensure_name(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
