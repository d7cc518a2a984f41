"""Build an estimator from an import path in maestro.yaml."""

import inspect
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.plugins import PluginError, imported
from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.library_defaults import defaults_of
from maestro_ml.training.parallel import check_parallel

_NEEDED = ("fit", "predict")


def build_estimator(spec: Estimator, model: Model | None = None) -> Any:
    """Build the unfitted estimator from a class, or from a function that returns one.

    Args:
        model: the model it is for; None for any.

    Raises:
        RequestError: no such class, parameters or values it does not take, or it does not suit the model.
    """
    path = spec.class_path
    try:
        cls = imported(path)
    except PluginError as error:
        raise RequestError(f"estimator {error}") from error
    accepted = _accepted(cls)
    if inspect.isclass(cls) and (lacking := [name for name in _NEEDED if not callable(getattr(cls, name, None))]):
        raise RequestError(f"estimator {path} is not an estimator: it lacks {', '.join(lacking)}")
    try:
        estimator: Any = cls(**defaults_of(cls, spec), **spec.parameters)
        if hasattr(estimator, "_parameter_constraints"):  # scikit-learn's own classes; others declare none
            estimator._validate_params()  # otherwise it runs at the start of a fit
    except Exception as error:
        raise RequestError(f"estimator {path}: {text_of(error)}; it takes: {', '.join(accepted)}") from error
    if lacking := [name for name in _NEEDED if not callable(getattr(estimator, name, None))]:
        raise RequestError(f"estimator {path} is not an estimator: it lacks {', '.join(lacking)}")
    if model:
        check_parallel(spec.parallel)
        _check_task(path, estimator, model)
        if model.class_weight:
            _check_weights(path, estimator)
    return estimator


def estimator_defaults(spec: Estimator) -> dict[str, Any]:
    """Return the keyword arguments that Maestro sets of the estimator where the project does not."""
    return defaults_of(imported(spec.class_path), spec)


def _accepted(cls: Any) -> list[str]:
    try:
        return list(inspect.signature(cls).parameters)
    except (TypeError, ValueError):  # what cannot be called, and some classes written in C
        return []


def _check_task(path: str, estimator: Any, model: Model) -> None:
    kind = _kind_of(estimator)
    if model.predicts_numbers and kind == "classifier":
        raise RequestError(f"estimator {path} predicts classes, and the task is regression")
    if not model.predicts_numbers and kind == "regressor":
        raise RequestError(
            f"estimator {path} is not a classifier: it predicts numbers; for a number as label, set task: regression"
        )
    if (needing := model.gate.probability_metrics) and not hasattr(estimator, "predict_proba"):
        raise RequestError(f"estimator {path} has no predict_proba, which the gate's {needing[0]} needs")


def _check_weights(path: str, estimator: Any) -> None:
    from sklearn.utils.validation import has_fit_parameter

    if not has_fit_parameter(estimator, "sample_weight"):
        raise RequestError(
            f"estimator {path} takes no sample_weight, which class_weight needs; use a parameter of its own"
        )


def _kind_of(estimator: Any) -> str | None:
    """Return `classifier` or `regressor`, as scikit-learn's own functions decide; None for any other object."""
    from sklearn.base import is_classifier, is_regressor

    try:
        return "classifier" if is_classifier(estimator) else "regressor" if is_regressor(estimator) else None
    except (AttributeError, TypeError):  # it has scikit-learn's methods, and none of its base classes
        return None
