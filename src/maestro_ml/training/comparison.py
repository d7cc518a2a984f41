"""Compare a registered model with a candidate: its metric on the candidate's test rows."""

from pathlib import Path
from typing import TYPE_CHECKING

from maestro_ml.metrics.metric import Predictions
from maestro_ml.metrics.names import MetricName
from maestro_ml.training import storage
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.evaluation import score
from maestro_ml.training.examples import Examples
from maestro_ml.training.predictions import predict
from maestro_ml.training.storage import StorageError
from maestro_ml.training.target import ZERO_ONE, Target

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class NotComparable(Exception):
    """A registered model cannot be scored on the candidate's test rows; the message says why."""


def score_stored_model(
    file: Path,
    metric: MetricName,
    test: Examples,
    estimator: str,
    target: Target = ZERO_ONE,
    transformers: tuple[str, ...] = (),
    allow_pickle: bool = False,
) -> float:
    """Compute the metric of a stored model on the test rows; the arguments and errors are those of `answers_of`.

    Args:
        metric: the gate's.
    """
    try:
        return score(answers_of(file, test, estimator, target, transformers, allow_pickle)).value(metric)
    except KeyError as error:  # it gives no probabilities
        raise NotComparable(f"it has no {metric}") from error


def answers_of(
    file: Path,
    test: Examples,
    estimator: str,
    target: Target = ZERO_ONE,
    transformers: tuple[str, ...] = (),
    allow_pickle: bool = False,
) -> Predictions:
    """Return a stored model's answers to the test rows.

    Args:
        file: the model, as `storage.save` writes it.
        test: the candidate's test rows.
        estimator: the import path of the project's estimator; types of other packages are not loaded.
        target: what the candidate predicts.
        transformers: import paths of its preprocessing, whose packages' types are loaded too.
        allow_pickle: read a model that is stored by pickle, which runs code from its file.

    Raises:
        NotComparable: the model cannot be read, or takes columns that these rows do not have.
    """
    pipeline = _load(file, estimator, *transformers, allow_pickle=allow_pickle)
    wanted = [str(name) for name in getattr(pipeline, "feature_names_in_", ())]
    if not wanted:
        raise NotComparable("its model does not name its columns")
    if missing := [name for name in wanted if name not in test.features.columns]:
        raise NotComparable(f"it takes {', '.join(missing)}, which the training set no longer has")
    try:
        return predict(pipeline, Examples(test.features[wanted], test.labels), target)
    except CannotLearn as error:
        raise NotComparable(str(error)) from error


def _load(file: Path, *classes: str, allow_pickle: bool) -> "Pipeline":
    try:
        return storage.load(file, *classes, allow_pickle=allow_pickle)
    except StorageError as error:
        raise NotComparable(str(error)) from error
    except Exception as error:  # written with another version of the estimator, or damaged
        raise NotComparable(f"its model cannot be read: {type(error).__name__}") from error
