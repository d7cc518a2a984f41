"""Whether MLflow can be used, as a step would use it."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maestro_ml.project import Project
from maestro_ml.training.tracking.client import mlflow_client, tracking_uri
from maestro_ml.training.tracking.local_store import file_of

_IMPATIENT = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}


def tracking_place(project: Project) -> tuple[str, Path | None]:
    """Return where the project's runs are tracked, and the file if it is one of this machine."""
    uri = tracking_uri(project)
    return uri, file_of(uri)


def try_tracking(project: Project) -> bool:
    """Use the tracking server or file; return False where the file is not there yet, and could be created.

    Raises:
        TrackingError: it cannot be used.
        OSError: its folder cannot be written to.
    """
    uri, file = tracking_place(project)
    if file and not file.exists():
        there = next(folder for folder in file.absolute().parents if folder.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
        return False
    with _impatient(), mlflow_client(uri):
        return True


@contextmanager
def _impatient() -> Iterator[None]:
    """Let MLflow give up soon: it waits for two minutes, and seven times, otherwise."""
    before = {name: os.environ.get(name) for name in _IMPATIENT}
    os.environ.update(_IMPATIENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
