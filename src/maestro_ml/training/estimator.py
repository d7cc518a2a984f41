"""Build an estimator from an import path in maestro.yaml."""

import inspect
from typing import Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.core.plugins import PluginError, imported
from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator

NEEDED = ("fit", "predict", "predict_proba")


def build_estimator(spec: Estimator) -> Any:
    """Build the unfitted estimator. `random_state` is 0 if the class takes one and the project sets none.

    Raises:
        RequestError: no such class, parameters or values it does not take, or it is no classifier.
    """
    path = spec.class_path
    try:
        cls = imported(path)
    except PluginError as error:
        raise RequestError(f"estimator {error}") from error
    lacking = [method for method in NEEDED if not callable(getattr(cls, method, None))]
    if not inspect.isclass(cls) or lacking:
        raise RequestError(f"estimator {path} is not a classifier: it lacks {', '.join(lacking) or 'a class'}")
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
    return estimator
