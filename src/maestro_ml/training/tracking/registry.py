"""A candidate that passed, in MLflow's model registry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from maestro_ml.project.models import Registration
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.gate import Decision
from maestro_ml.training.tracking.alias import Holder, Move, is_older, move
from maestro_ml.training.tracking.experiment import TEST_END, TEST_START, Logged

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

# (the version that has the alias) -> the gate's metric on the candidate's test rows.
Measure = Callable[["ModelVersion"], float]


class NotComparable(Exception):
    """A version cannot answer to the candidate's test rows; the message says why."""


@dataclass(frozen=True)
class Registered:
    """The candidate's version, and whether it took the alias."""

    version: str
    move: Move


def register_version(
    client: "MlflowClient",
    target: Registration,
    logged: Logged,
    decision: Decision,
    *,
    test: SplitSummary,
    measure: Measure,
    move_alias: bool = False,
) -> Registered:
    """The candidate's version under the registered name; the same version however often called.

    The alias moves to it unless the version that has it was tested on later rows, or is better.

    Args:
        client: of the tracking server and the registry.
        target: the registered name and the alias.
        logged: where the candidate is.
        decision: the gate's, which passed.
        test: the candidate's test rows.
        measure: raises NotComparable where a version cannot answer to the candidate's test rows.
        move_alias: move the alias whatever has it.
    """
    if not decision.passed:
        raise ValueError(f"the gate rejected {decision.model}")
    _ensure_name(client, target.name)
    found = client.search_model_versions(f"name = '{target.name}' and run_id = '{logged.run_id}'", max_results=1)
    version = found[0] if found else _create_version(client, target.name, logged, decision, test.end)
    number = str(version.version)
    before = _holder(client, target)
    holder = None
    if before is not None and str(before.version) != number:
        holder = _known(client, before, decision, test, None if move_alias else measure)
    decided = move(target.alias, decision.metric, decision.candidate, test.end, holder, asked=move_alias)
    if decided.moved:
        client.set_registered_model_alias(target.name, target.alias, number)
    return Registered(number, decided)


def _holder(client: "MlflowClient", target: Registration) -> "ModelVersion | None":
    number = client.get_registered_model(target.name).aliases.get(target.alias)
    return None if number is None else client.get_model_version(target.name, str(number))


def _known(
    client: "MlflowClient", version: "ModelVersion", decision: Decision, test: SplitSummary, measure: Measure | None
) -> Holder:
    tags, recorded = _recorded(client, version, decision.metric)
    end = tags.get(TEST_END)
    holder = Holder(version=str(version.version), test_end=datetime.fromisoformat(end) if end else None, value=recorded)
    if measure is None or is_older(test.end, holder):
        return holder
    judged_from = _moment(tags.get(TEST_START))
    if judged_from and test.start < judged_from:
        return holder.model_copy(update={"obstacle": "it was fitted on some of the candidate's"})
    try:
        return holder.model_copy(update={"value": measure(version), "same_rows": True})
    except NotComparable as error:
        return holder.model_copy(update={"obstacle": str(error)})


def _moment(text: str | None) -> datetime | None:
    """A tag's time; None where there is none, or what stands there was written by somebody else."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _recorded(client: "MlflowClient", version: "ModelVersion", metric: str) -> tuple[dict[str, str], float | None]:
    """The version's tags with its run's behind them, and the metric its run recorded."""
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(version.run_id) if version.run_id else None
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        run = None
    if run is None:
        return dict(version.tags), None
    return {**run.data.tags, **version.tags}, run.data.metrics.get(metric)


def _create_version(
    client: "MlflowClient", name: str, logged: Logged, decision: Decision, test_end: datetime
) -> "ModelVersion":
    # Its place, not `models:/<id>`: MLflow would look that up in the process-wide tracking URI, not in the client's.
    place = client.get_logged_model(logged.model_id).artifact_location
    return client.create_model_version(
        name,
        place,
        run_id=logged.run_id,
        tags={TEST_END: test_end.isoformat()},
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
