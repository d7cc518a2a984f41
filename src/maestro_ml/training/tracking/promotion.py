"""Move the alias of the version in use to a version that was registered, if nothing speaks against it."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from maestro_ml.project.models import Registration
from maestro_ml.training.ledger import Ledger
from maestro_ml.training.tracking.alias import Promotion
from maestro_ml.training.tracking.aliases import is_at, move_alias
from maestro_ml.training.tracking.experiment import TEST_END
from maestro_ml.training.tracking.stored_versions import moment_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


def promote_version(
    client: "MlflowClient", ledger: Ledger, target: Registration, version: str, facts: Mapping[str, str]
) -> Promotion:
    """Make a version the champion, unless it lost the other alias, or the champion was tested on later rows.

    Args:
        facts: `actor` and `why`, for the ledger.
    """
    aliases = {alias: str(at) for alias, at in client.get_registered_model(target.name).aliases.items()}
    before = aliases.get(target.champion)
    if before == version:
        last = next((entry for entry in reversed(ledger.entries()) if entry.alias == target.champion), None)
        if last and last.version == version and is_at(client, target.name, target.champion, version):
            return Promotion(moved=False, reason=f"version {version} is '{target.champion}' already", before=before)
    if (staged := aliases.get(target.alias)) != version:
        at = f"is at version {staged}" if staged else "is at no version"
        return Promotion(moved=False, reason=f"'{target.alias}' {at}, not at version {version}", before=before)
    mine, theirs = _tested_until(client, target.name, version), _tested_until(client, target.name, before)
    if mine and theirs and mine < theirs:
        return Promotion(
            moved=False,
            reason=f"'{target.champion}' stays at version {before}, whose test rows end {theirs:%Y-%m-%d %H:%M}, later "
            f"than those of version {version}, {mine:%Y-%m-%d %H:%M}",
            before=before,
        )
    move_alias(client, ledger, target.name, target.champion, version, facts)
    return Promotion(moved=True, reason=facts["why"], before=before)


def _tested_until(client: "MlflowClient", name: str, version: str | None) -> datetime | None:
    return None if version is None else moment_of(client.get_model_version(name, version).tags.get(TEST_END))
