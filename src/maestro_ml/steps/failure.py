"""Hand the error of a step in a pod over to the task that started the pod."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from maestro_ml.project import MaestroError
from maestro_ml.steps.refusals import are_credentials_refused
from maestro_ml.steps.store import FAILURE, Folder
from maestro_ml.tables.errors import MissingSource

# Kubernetes shows the content of this file as the reason why a container ended, and keeps 4,096 bytes.
TERMINATION_LOG = Path("/dev/termination-log")
_KEPT_BYTES = 4096


class StepFailure(BaseModel, defer_build=True):
    """The error in one sentence, its exit code, and whether another try may help."""

    error: str
    exit_code: int
    again: bool
    failed_at: datetime


def may_help_again(error: MaestroError) -> bool:
    """Return whether a retry may succeed: a system failed, or data is not there yet.

    A system that refuses the credentials will refuse them again.
    """
    if isinstance(error, MissingSource):
        return True
    return error.exit_code == MaestroError.exit_code and not are_credentials_refused(error)


def leave_failure(folder: Folder, error: MaestroError, termination_log: Path = TERMINATION_LOG) -> None:
    """Write the error where the pod's task finds it: as the container's last message, and into the step's folder.

    The message is there too when the store is what fails.
    """
    failure = StepFailure(
        error=str(error), exit_code=error.exit_code, again=may_help_again(error), failed_at=datetime.now(UTC)
    )
    if termination_log.exists():  # in a container of Kubernetes only
        with suppress(OSError):  # the message is a copy; the step's own error must come through
            termination_log.write_bytes(_shortened(failure).model_dump_json().encode())
    with suppress(MaestroError):  # the store may be what fails
        folder.write_model(FAILURE, failure)


def _shortened(failure: StepFailure) -> StepFailure:
    """Shorten the failure to the size of a termination message."""
    text = failure.error
    while len(failure.model_dump_json().encode()) > _KEPT_BYTES:
        text = text[: len(text) * 9 // 10]
        failure = failure.model_copy(update={"error": f"{text} ..."})
    return failure


def failure_since(folder: Folder, started: datetime | None) -> StepFailure | None:
    """Return the error that an attempt since `started` left; None if there is none."""
    with suppress(MaestroError):  # then the pod's own message has the reason
        if folder.exists(FAILURE):
            failure = folder.read_model(FAILURE, StepFailure)
            return failure if started is None or failure.failed_at >= started else None
    return None
