"""The step `promote`: make the version that this run registered the champion."""

from maestro_ml.steps.models import ledger_of
from maestro_ml.steps.parameters import PromoteParameters
from maestro_ml.steps.register import RegisterResult
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import StepRun
from maestro_ml.training.tracking.alias import Promotion
from maestro_ml.training.tracking.mlflow_tracker import open_tracker


class PromoteResult(StepResult):
    """Whether the version became the champion; `promotion` is None where it was rejected or there is no version."""

    registered_name: str
    version: str | None
    promotion: Promotion | None = None


def promote(run: StepRun[PromoteParameters]) -> PromoteResult:
    """Move the alias of the version in use, through the ledger; never to a version tested on earlier rows."""
    target = run.project.models[run.target].register_as
    version = run.result_of("register", RegisterResult).version
    about = f"{target.name} version {version}"
    if version is None:
        return PromoteResult(
            outcome="skipped",
            summary=f"no version of {target.name} to promote: the gate rejected the candidate",
            registered_name=target.name,
            version=None,
        )
    by = run.params.by
    if not run.params.approved:
        return PromoteResult(
            outcome="skipped",
            summary=f"{about} stays '{target.alias}': {f'rejected by {by}' if by else 'nobody approved it in time'}",
            registered_name=target.name,
            version=version,
        )
    facts = {"actor": "the step promote", "why": "promotion: automatic"}
    if by:
        facts = {"actor": by, "why": "approved in Airflow"}
    with open_tracker(run.project, ledger_of(run.folder.store, target.name)) as tracker:
        done = tracker.promote(target, version, facts)
    status = f"is now '{target.champion}'" if done.moved else "is not promoted"
    return PromoteResult(
        outcome="passed",
        summary=f"{about} {status}: {done.reason}{f', by {by}' if by and done.moved else ''}",
        registered_name=target.name,
        version=version,
        promotion=done,
    )
