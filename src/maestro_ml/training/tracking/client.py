"""Connect to MLflow, quietly, with one kind of error for every failure."""

import errno
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.secrets import without_password
from maestro_ml.project import MaestroError, Project
from maestro_ml.training.tracking.connection_errors import connection_problem
from maestro_ml.training.tracking.local_store import ensure_whole, file_of, one_at_a_time

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SQLITE = "sqlite:///"
_DRIVER = re.compile(r"^\([\w.]+\) ")  # SQLAlchemy puts its kind of error first
_SERVERS = ("postgresql", "mysql", "mssql")
_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # With a server MLflow prints the run's address on stdout, which is the JSON document's.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # With MLflow's own seven, noticing that a server is down takes four minutes; Airflow retries the task anyway.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
}
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES)


class TrackingError(MaestroError):
    """MLflow cannot be reached, or refused; the message names its URI without a password."""


def tracking_uri(project: Project) -> str:
    """Return the project's tracking URI; a relative SQLite file is relative to maestro.yaml."""
    uri = project.tracking.uri
    if uri.startswith(_SQLITE) and not uri.startswith(f"{_SQLITE}/"):
        return f"{_SQLITE}{project.locate(uri.removeprefix(_SQLITE))}"
    return uri


def artifact_location(uri: str) -> str | None:
    """Return the folder for artifacts beside a local SQLite file; None for a server, which decides itself."""
    if not uri.startswith(_SQLITE):
        return None
    return (Path(uri.removeprefix(_SQLITE)).parent / "mlartifacts").as_uri()


@contextmanager
def mlflow_client(uri: str) -> Iterator["MlflowClient"]:
    """Yield a client of the tracking server and the registry.

    Raises:
        TrackingError: for any failure of MLflow inside the block.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    # Creating a SQLite store prints some fifty migrations.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        _quieten()
        if uri.startswith(_SERVERS):
            _notice_soon()
        with one_at_a_time(uri):  # two processes that migrate one file at once break each other
            if database := file_of(uri):
                ensure_whole(database, artifact_location(uri) or "")
            client = MlflowClient(uri, registry_uri=uri)
            client.search_registered_models(max_results=1)
        yield client
    except (MlflowException, SQLAlchemyError, OSError) as error:
        # `from None`: the cause's text may carry the password, and Airflow logs causes.
        raise TrackingError(without_password(f"MLflow at {uri}{_explained(uri, error)}", uri)) from None


def _explained(uri: str, error: Exception) -> str:
    if disk := _of_the_disk(error):
        return f": {text_of(disk)}"
    if uri.startswith("http") and (problem := connection_problem(error)):
        return f" {problem}"
    return f": {_DRIVER.sub('', text_of(error))}{_advice(uri, error)}"


def _quieten() -> None:
    """Leave out what SQLAlchemy says of MLflow's own queries, which nobody here can change."""
    warnings.filterwarnings("ignore", message="The ``noload`` loader strategy")


def _notice_soon() -> None:
    """Try a database server for a second or two, without a page of log for each try; MLflow's own ten take minutes."""
    from mlflow.store.db import utils

    utils.MAX_RETRY_COUNT = 5
    logging.getLogger(utils.__name__).setLevel(logging.ERROR)


def _of_the_disk(error: BaseException | None) -> OSError | None:
    """Return the disk error behind MLflow's, which reports a full disk as a model that cannot be serialised."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _DISK:
            return error
        error = error.__cause__ or error.__context__
    return None


def _advice(uri: str, error: Exception) -> str:
    """Return what to do about a local file that MLflow cannot use."""
    damaged = ("not a database", "malformed", "already exists", "no such table")
    if (file := file_of(uri)) and any(words in str(error) for words in damaged):
        return (
            f"; the file is damaged or was never finished: move {file} away, and it is created again, without its runs"
        )
    return ""
