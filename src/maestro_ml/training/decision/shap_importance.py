"""SHAP importance: how far each feature moves the model's answers."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.project import RequestError
from maestro_ml.project.models import Model
from maestro_ml.training.errors import CannotLearn, own_frames
from maestro_ml.training.examples import Examples

if TYPE_CHECKING:
    import numpy as np
    from sklearn.pipeline import Pipeline

_MOST_ROWS, _FEWEST_ROWS = 500, 20
_LINEAR_BACKGROUND, _BACKGROUND = 100, 20  # rows that stand for the usual answer, of a linear model and of any other
MOST_STEPS = 2_000_000_000  # of a forest: rows x leaves x depth squared
_ANSWERS = 40_000  # to ask of a model that is no tree and not linear
_SEED = 0


def check_importance(name: str, model: Model) -> None:
    """Raise RequestError if the model asks for SHAP values and the package is not installed."""
    if model.importance == "shap" and find_spec("shap") is None:
        raise RequestError(f"models.{name}.importance: shap needs the extra: pip install 'maestro-ml[shap]'")


def shap_importance(pipeline: "Pipeline", test: Examples) -> tuple[dict[str, float], int]:
    """Return the mean absolute SHAP value of each feature, the largest first, and how many test rows it is of.

    Trees and linear models are explained exactly, any other by permutations. What the preprocessing makes of one
    feature is added up: SHAP values are shares of one sum.

    Raises:
        CannotLearn: the estimator or what it takes cannot be explained.
    """
    import numpy as np

    estimator, names = _itself(pipeline.steps[-1][1]), _sources(pipeline, test)
    try:
        count = min(len(test), _rows_of(estimator, len(names)))
        chosen = test.take(np.linspace(0, len(test) - 1, count).astype(int))
        with np.errstate(over="ignore", invalid="ignore"):
            values = _values(estimator, _matrix(pipeline, chosen))
    except Exception as error:  # an estimator of any library, and shap itself
        message = f"importance: shap cannot explain a {type(estimator).__name__}: {text_of(error)}"
        raise CannotLearn(f"{message}; use importance: permutation", own_frames(error)) from error
    summed = {
        name: values[:, [at for at, each in enumerate(names) if each == name]].sum(axis=1)
        for name in dict.fromkeys(names)
    }
    found = {name: float(np.abs(of_feature).mean()) for name, of_feature in summed.items()}
    return dict(sorted(found.items(), key=lambda item: -item[1])), count


def _itself(estimator: Any) -> Any:
    """Return the estimator that a vote of one stands for."""
    fitted = getattr(estimator, "estimators_", None)
    return fitted[0] if type(estimator).__name__.startswith("Voting") and fitted and len(fitted) == 1 else estimator


def _values(estimator: Any, matrix: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Return the values by row, feature and, where there are several answers, answer."""
    import numpy as np
    import shap

    def some(count: int) -> Any:
        return matrix[np.linspace(0, len(matrix) - 1, min(count, len(matrix))).astype(int)]

    if hasattr(estimator, "coef_"):
        return np.asarray(shap.LinearExplainer(estimator, some(_LINEAR_BACKGROUND))(matrix).values)
    try:
        explainer = shap.TreeExplainer(estimator)
    except shap.utils._exceptions.InvalidModelError:
        answer = getattr(estimator, "predict_proba", estimator.predict)
        masker = shap.maskers.Independent(some(_BACKGROUND), max_samples=_BACKGROUND)
        evaluations = 2 * matrix.shape[1] + 1
        return np.asarray(
            shap.PermutationExplainer(answer, masker, seed=_SEED)(matrix, max_evals=evaluations, silent=True).values
        )
    return np.asarray(explainer(matrix, check_additivity=False).values)


def _rows_of(estimator: Any, columns: int) -> int:
    """Return how many rows are explained: fewer where each takes long."""
    trees = [tree.tree_ for tree in _flat(getattr(estimator, "estimators_", ())) if hasattr(tree, "tree_")]
    steps = sum(int(tree.n_leaves) * (int(tree.max_depth) + 1) ** 2 for tree in trees)
    if steps:
        return max(_FEWEST_ROWS, min(_MOST_ROWS, MOST_STEPS // steps))
    is_known = hasattr(estimator, "coef_") or any(
        word in type(estimator).__name__ for word in ("Boost", "XGB", "LGBM", "Tree")
    )
    return _MOST_ROWS if is_known else max(_FEWEST_ROWS, min(_MOST_ROWS, _ANSWERS // ((2 * columns + 1) * _BACKGROUND)))


def _flat(estimators: Any) -> list[Any]:
    import numpy as np

    return list(np.asarray(estimators, dtype=object).ravel())


def _matrix(pipeline: "Pipeline", rows: Examples) -> "np.ndarray[Any, Any]":
    import numpy as np

    taken: Any = pipeline[:-1].transform(rows.features) if len(pipeline.steps) > 1 else rows.features
    return np.asarray(taken.toarray() if hasattr(taken, "toarray") else taken, dtype=float)


def _sources(pipeline: "Pipeline", rows: Examples) -> list[str]:
    """Return of each column that the estimator takes the feature it is made of, or its own name if it has several."""
    import numpy as np

    raw = [str(name) for name in rows.features.columns]
    if len(pipeline.steps) == 1:
        return raw
    columns = pipeline.steps[0][1]
    try:
        names = [str(name) for name in pipeline[:-1].get_feature_names_out(raw)]
    except (AttributeError, ValueError, NotImplementedError):
        names = [f"column {at + 1}" for at in range(_matrix(pipeline, rows.take(np.array([0]))).shape[1])]
    for part, _, taken in getattr(columns, "transformers_", ()):
        made = columns.output_indices_[part]
        of_part = list(taken) if made.stop - made.start == len(taken) else [*taken] * (made.stop - made.start)
        if len(taken) == 1 or made.stop - made.start == len(taken):
            names[made] = [str(name) for name in of_part]
    return names
