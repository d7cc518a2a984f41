"""A registered model as people look at it: its versions, its aliases and their history."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from maestro_ml.core.near_names import did_you_mean
from maestro_ml.project import Project, RequestError
from maestro_ml.training.decision.record import RECORD, DecisionRecord, RecordBroken
from maestro_ml.training.ledger import DECISION_RECORD, Entry, Ledger
from maestro_ml.training.tracking.aliases import alias_problems, move_alias
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri
from maestro_ml.training.tracking.experiment import TEST_END
from maestro_ml.training.tracking.local_store import one_at_a_time
from maestro_ml.training.tracking.stored_versions import run_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion


class VersionSummary(BaseModel, frozen=True, ser_json_inf_nan="strings", defer_build=True):
    """A version with what its run recorded."""

    version: str
    aliases: tuple[str, ...]
    created: datetime
    run_id: str | None
    tested_until: str | None
    reason: str
    metrics: dict[str, float]
    tags: dict[str, str]


class ModelRegistry:
    """One registered model and its ledger."""

    def __init__(self, client: "MlflowClient", name: str, ledger: Ledger) -> None:
        self._client = client
        self.name = name
        self.ledger = ledger

    def aliases(self) -> dict[str, str]:
        """Return version by alias; nothing if the name is not registered."""
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_registered_model(self.name).aliases
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return {}
        return {alias: str(version) for alias, version in found.items()}

    def versions(self) -> list[VersionSummary]:
        """Return all versions, the newest first."""
        found = self._client.search_model_versions(f"name = '{self.name}'", max_results=1_000)
        aliases = self.aliases()
        return [self._summary(each, aliases) for each in sorted(found, key=lambda each: -int(each.version))]

    def version(self, wanted: str) -> VersionSummary:
        """Return the version of a number or an alias; raises RequestError if there is none."""
        aliases = self.aliases()
        number = aliases.get(wanted, wanted)
        found = self._client.search_model_versions(f"name = '{self.name}'", max_results=1_000)
        for each in found:
            if str(each.version) == number:
                return self._summary(each, aliases)
        hint = did_you_mean(wanted, [*(str(each.version) for each in found), *aliases])
        raise RequestError(f"{self.name} has no version or alias '{wanted}'{hint}")

    def in_use(self, champion: str) -> VersionSummary:
        """Return the version under the alias `champion`, or else the newest; raises RequestError if there is none."""
        versions = self.versions()
        if not versions:
            raise RequestError(f"{self.name} has no version yet")
        return next((each for each in versions if champion in each.aliases), versions[0])

    def decision_record(self, version: VersionSummary) -> DecisionRecord:
        """Return the decision record of a version, as its run keeps it.

        Raises:
            RequestError: it has none, or one of another version of Maestro.
            RecordBroken: it is not the one that the version was registered with.
        """
        content = self._artifact(version, RECORD)
        if hashlib.sha256(content).hexdigest() != version.tags.get(DECISION_RECORD):
            raise RecordBroken(f"the decision record of {self.name} version {version.version} is not as it was written")
        try:
            return DecisionRecord.model_validate_json(content)
        except ValidationError as error:
            raise RequestError(
                f"the decision record of {self.name} version {version.version} is of another version of Maestro: "
                f"{error.error_count()} of its fields are not known here"
            ) from error

    def _artifact(self, version: VersionSummary, name: str) -> bytes:
        from mlflow.exceptions import MlflowException

        lacking = RequestError(
            f"{self.name} version {version.version} has no {name}: it was not registered by `maestro train`, or its "
            "MLflow run was removed"
        )
        if DECISION_RECORD not in version.tags or version.run_id is None:
            raise lacking
        with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
            try:
                return Path(self._client.download_artifacts(version.run_id, name, scratch)).read_bytes()
            except FileNotFoundError:
                raise lacking from None
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
                raise lacking from None

    def move(self, alias: str, version: str, facts: Mapping[str, str]) -> None:
        """Move an alias, through the ledger."""
        move_alias(self._client, self.ledger, self.name, alias, version, facts)

    def problems(self) -> list[str]:
        """Return what the ledger does not account for."""
        return alias_problems(self._client, self.ledger, self.name)

    def at(self, moment: datetime) -> dict[str, Entry]:
        """Return, by alias, the entry that had moved it last at a time."""
        return {entry.alias: entry for entry in self.ledger.entries() if entry.time <= moment}

    def _summary(self, version: "ModelVersion", aliases: Mapping[str, str]) -> VersionSummary:
        run, number = run_of(self._client, version), str(version.version)
        return VersionSummary(
            version=number,
            aliases=tuple(sorted(alias for alias, at in aliases.items() if at == number)),
            created=datetime.fromtimestamp(version.creation_timestamp / 1000, UTC),
            run_id=version.run_id or None,
            tested_until=version.tags.get(TEST_END),
            reason=version.description or "",
            metrics=dict(sorted(run.data.metrics.items())) if run else {},
            tags=dict(version.tags),
        )


@contextmanager
def open_registry(project: Project, name: str, ledger: Ledger) -> Iterator[ModelRegistry]:
    """Yield a registered model; a local store is locked meanwhile.

    Raises:
        TrackingError: for any failure of MLflow inside the block.
    """
    uri = tracking_uri(project)
    with mlflow_client(uri) as client, one_at_a_time(uri):
        yield ModelRegistry(client, name, ledger)
