"""The model of a registered version, measured on rows of our choice."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.project.models import Metric
from maestro_ml.training import storage
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.evaluation import measured
from maestro_ml.training.examples import Examples
from maestro_ml.training.storage import StorageError
from maestro_ml.training.tracking.registry import Measure, NotComparable

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion
    from sklearn.pipeline import Pipeline


def measuring(uri: str, metric: Metric, rows: Callable[[], Examples], estimator: str) -> Measure:
    """A function from a version to the metric of its model on the test rows.

    Args:
        uri: of the tracking server that keeps the artifacts.
        metric: the gate's.
        rows: reads the test rows of the candidate's training set.
        estimator: the import path of the project's estimator; types of other packages are not read.
    """
    return lambda version: _measured(uri, version, metric, rows(), estimator)


def _measured(uri: str, version: "ModelVersion", metric: Metric, test: Examples, estimator: str) -> float:
    """The metric of a version's model on the test rows.

    Raises:
        NotComparable: it was not written by Maestro, cannot be read, or takes columns these rows do not have.
    """
    with tempfile.TemporaryDirectory(prefix="maestro-") as scratch:
        pipeline = _pipeline(uri, version, Path(scratch), estimator)
        wanted = [str(name) for name in getattr(pipeline, "feature_names_in_", ())]
        if not wanted:
            raise NotComparable("its model does not name its columns")
        if missing := [name for name in wanted if name not in test.features.columns]:
            raise NotComparable(f"it takes {', '.join(missing)}, which the training set no longer has")
        try:
            value = getattr(measured(pipeline, Examples(test.features[wanted], test.labels)), metric)
        except CannotLearn as error:
            raise NotComparable(str(error)) from error
    return float(value)


def _pipeline(uri: str, version: "ModelVersion", scratch: Path, estimator: str) -> "Pipeline":
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException
    from mlflow.models import Model

    try:
        folder = Path(download_artifacts(artifact_uri=version.source, dst_path=str(scratch), tracking_uri=uri))
        flavor = Model.load(str(folder)).flavors.get("sklearn", {})
    except (MlflowException, OSError) as error:
        raise NotComparable(f"its model cannot be read: {str(error).splitlines()[0]}") from error
    if flavor.get("serialization_format") != "skops":
        raise NotComparable("its model was not written by Maestro")
    try:
        return storage.load(folder / flavor["pickled_model"], estimator)
    except StorageError as error:
        raise NotComparable(str(error)) from error
    except Exception as error:  # of another version of the estimator, or damaged
        raise NotComparable(f"its model cannot be read: {type(error).__name__}") from error
