"""Versions in MLflow's registry: their tags, and the file of their model."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.training.comparison import NotComparable

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion


@contextmanager
def stored_model(uri: str, version: "ModelVersion") -> Iterator[Path]:
    """Yield the file of a version's model, downloaded from the server.

    Raises:
        NotComparable: it cannot be downloaded, or Maestro did not write it.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model

    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        try:
            folder = Path(download_artifacts(artifact_uri=version.source, dst_path=scratch, tracking_uri=uri))
            description = Model.load(str(folder))
        except (MlflowException, OSError) as error:
            raise NotComparable(f"its model cannot be read: {str(error).splitlines()[0]}") from error
        flavor = description.flavors.get("sklearn", {})
        # Other programs pickle by the same flavor, and those files are not read.
        own = "cloudpickle" if "maestro" in (description.metadata or {}) else "skops"
        if flavor.get("serialization_format") not in ("skops", own):
            raise NotComparable("its model was not written by Maestro")
        yield folder / flavor["pickled_model"]


def moment_of(text: str | None) -> datetime | None:
    """Parse a tag's time; None if there is none, or if it is not one that Maestro wrote."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def tags_of(client: "MlflowClient", version: "ModelVersion") -> dict[str, str]:
    """Return the tags of the version and of its run."""
    run = run_of(client, version)
    return {**(run.data.tags if run else {}), **version.tags}


def run_of(client: "MlflowClient", version: "ModelVersion") -> "Run | None":
    """Return the version's run; None if it has none, or if the run was removed."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_run(version.run_id) if version.run_id else None
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None
