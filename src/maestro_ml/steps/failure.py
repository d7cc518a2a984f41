"""Why a step in a pod could not do its work, left where the task that started the pod finds it."""

from contextlib import suppress
from datetime import UTC, datetime

from pydantic import BaseModel

from maestro_ml.data.errors import MissingSource
from maestro_ml.project import MaestroError
from maestro_ml.steps.store import FAILURE, Folder


class StepFailure(BaseModel):
    """The error in one sentence, its exit code, and whether another try may help."""

    error: str
    exit_code: int
    again: bool
    failed_at: datetime


def may_help_again(error: MaestroError) -> bool:
    """Whether another try may end otherwise: a system failed, or data is not there yet."""
    return error.exit_code == MaestroError.exit_code or isinstance(error, MissingSource)


def leave_failure(folder: Folder, error: MaestroError) -> None:
    """Write the error into the step's folder; where the store itself fails, the pod's log has to do."""
    failure = StepFailure(
        error=str(error), exit_code=error.exit_code, again=may_help_again(error), failed_at=datetime.now(UTC)
    )
    with suppress(MaestroError):
        folder.write_model(FAILURE, failure)


def failure_since(folder: Folder, started: datetime | None) -> StepFailure | None:
    """The error that a try since `started` left; None if there is none."""
    with suppress(MaestroError):
        if folder.exists(FAILURE):
            failure = folder.read_model(FAILURE, StepFailure)
            return failure if started is None or failure.failed_at >= started else None
    return None
