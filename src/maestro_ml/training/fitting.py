"""Fit the candidate: a scikit-learn pipeline that takes the training set's columns as they are."""

from typing import TYPE_CHECKING, Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.project.models import Estimator
from maestro_ml.project.preprocessing import Preprocessing
from maestro_ml.training.errors import CannotLearn, own_frames
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.extremes import too_large
from maestro_ml.training.fitted_columns import fit_transform, taken_by
from maestro_ml.training.parallel import ClusterUnreachable, in_parallel
from maestro_ml.training.preprocessing import build_preprocessing

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def fit(
    spec: Estimator,
    examples: Examples,
    preprocessing: Preprocessing = "default",
    class_weight: str | None = None,
    *,
    in_place: bool = False,
) -> "Pipeline":
    """Fit a pipeline: the preprocessing, unless there is none, and then the estimator.

    Args:
        class_weight: `balanced` weighs each row by the inverse of its class's share.
        in_place: the features may be overwritten, since nobody reads them later.

    Raises:
        RequestError: the estimator cannot be built.
        CannotLearn: it fails on these rows.
        ClusterUnreachable: the cluster it should run on does not answer.
    """
    import numpy as np
    from sklearn.pipeline import Pipeline
    from threadpoolctl import threadpool_limits

    estimator = _of_any_classes(build_estimator(spec), examples)
    columns = build_preprocessing(preprocessing, examples)
    pipeline = Pipeline([("columns", columns)] * (columns is not None) + [("estimator", estimator)])
    try:
        with (
            np.errstate(over="ignore", invalid="ignore"),  # the estimator reports it itself
            threadpool_limits(spec.threads),
            in_parallel(spec.parallel),
        ):
            weights = _weights(class_weight, examples)
            if columns is None or preprocessing != "default":
                whole = {f"estimator__{name}": each for name, each in weights.items()}
                return pipeline.fit(examples.features, examples.labels, **whole)
            # as the pipeline does, with one copy of the features instead of six
            numbers = fit_transform(columns, examples.features, taken_by(estimator), in_place=in_place)
            estimator.fit(numbers, examples.labels, **weights)
            return pipeline
    except (MemoryError, ClusterUnreachable):
        raise
    except Exception as error:  # an estimator can raise anything
        message = f"estimator {spec.class_path} cannot be fitted: {text_of(error)}{too_large(examples)}"
        raise CannotLearn(message, own_frames(error)) from error


def _weights(class_weight: str | None, examples: Examples) -> dict[str, Any]:
    from sklearn.utils.class_weight import compute_sample_weight

    if class_weight is None:
        return {}
    return {"sample_weight": compute_sample_weight(class_weight, examples.labels)}


def _of_any_classes(estimator: Any, examples: Examples) -> Any:
    """Wrap an estimator of XGBoost where its classes are not 0, 1, 2 ..., which are all it takes.

    A vote of one model is scikit-learn's way to encode the labels and to decode the answers.
    """
    import numpy as np
    from sklearn.base import is_classifier
    from sklearn.ensemble import VotingClassifier

    if type(estimator).__module__.partition(".")[0] != "xgboost" or not is_classifier(estimator):
        return estimator
    classes = np.unique(examples.labels).tolist()
    if classes == list(range(len(classes))):
        return estimator
    return VotingClassifier([("estimator", estimator)], voting="soft")


def schema_of(examples: Examples) -> dict[str, str]:
    """Map each column name to `number` or `text`: what the fitted pipeline expects."""
    return {str(name): "text" if kind.kind == "O" else "number" for name, kind in examples.features.dtypes.items()}
