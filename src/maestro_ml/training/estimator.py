"""From an import path in maestro.yaml to an estimator."""

import inspect
from importlib import import_module
from typing import Any

from maestro_ml.project import RequestError
from maestro_ml.project.pipelines import Estimator

NEEDED = ("fit", "predict", "predict_proba")


def build_estimator(spec: Estimator) -> Any:
    """The estimator, unfitted; `random_state` is 0 where the class takes one and the project names none.

    Raises:
        RequestError: no such class, parameters it does not take, or it is no classifier.
    """
    path = spec.class_path
    module_name, _, name = path.rpartition(".")
    try:
        cls = getattr(import_module(module_name), name)
    except ImportError as error:
        raise RequestError(
            f"estimator {path} cannot be imported: {error}; is the package that holds it installed here?"
        ) from error
    except AttributeError:
        raise RequestError(f"estimator {path}: the module {module_name} has no '{name}'") from None
    lacking = [method for method in NEEDED if not callable(getattr(cls, method, None))]
    if not inspect.isclass(cls) or lacking:
        raise RequestError(f"estimator {path} is no classifier: it lacks {', '.join(lacking) or 'a class'}")
    accepted = inspect.signature(cls).parameters
    parameters = dict(spec.parameters)
    if "random_state" in accepted:
        # The same data must give the same model.
        parameters.setdefault("random_state", 0)
    try:
        return cls(**parameters)
    except (TypeError, ValueError) as error:
        raise RequestError(f"estimator {path}: {error}; it takes: {', '.join(accepted)}") from error
