"""Build an estimator from an import path in maestro.yaml."""

import inspect
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.plugins import PluginError, imported
from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model


def build_estimator(spec: Estimator, model: Model | None = None) -> Any:
    """Build the unfitted estimator. `random_state` is 0 if the class takes one and the project sets none.

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
    lacking = [method for method in ("fit", "predict") if not callable(getattr(cls, method, None))]
    if not inspect.isclass(cls) or lacking:
        raise RequestError(f"estimator {path} is no estimator: it lacks {', '.join(lacking) or 'a class'}")
    accepted = inspect.signature(cls).parameters
    parameters = dict(spec.parameters)
    if "random_state" in accepted:
        # The same data must give the same model.
        parameters.setdefault("random_state", 0)
    try:
        estimator: Any = cls(**parameters)
        if hasattr(estimator, "_parameter_constraints"):  # scikit-learn's own classes; others declare none
            estimator._validate_params()  # otherwise it runs at the start of a fit
    except Exception as error:
        raise RequestError(f"estimator {path}: {text_of(error)}; it takes: {', '.join(accepted)}") from error
    if model:
        _check_task(path, estimator, model)
    return estimator


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


def _kind_of(estimator: Any) -> str | None:
    """Return `classifier` or `regressor`, as scikit-learn's own functions decide; None for any other object."""
    from sklearn.base import is_classifier, is_regressor

    try:
        return "classifier" if is_classifier(estimator) else "regressor" if is_regressor(estimator) else None
    except (AttributeError, TypeError):  # it has scikit-learn's methods, and none of its base classes
        return None
