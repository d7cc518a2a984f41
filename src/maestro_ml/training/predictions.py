"""A fitted pipeline's answers to the test rows, once it is certain that they can be judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from maestro_ml.core.library_errors import text_of
from maestro_ml.metrics.metric import Predictions
from maestro_ml.training.errors import CannotLearn, own_frames
from maestro_ml.training.examples import Examples
from maestro_ml.training.extremes import too_large
from maestro_ml.training.target import ZERO_ONE, Target

if TYPE_CHECKING:
    import numpy as np
    from sklearn.pipeline import Pipeline


@contextmanager
def added_in_order(pipeline: "Pipeline") -> Iterator[None]:
    """Let a forest add up its trees one after another, so that the same model gives the same answers to the last digit.

    With `n_jobs` above 1 it adds them up in the order in which they finish.
    """
    from sklearn.ensemble import BaseEnsemble

    forest = pipeline.steps[-1][1]
    threads = getattr(forest, "n_jobs", None) if isinstance(forest, BaseEnsemble) else None
    if threads in (None, 1):
        yield
        return
    forest.n_jobs = 1
    try:
        yield
    finally:
        forest.n_jobs = threads


def predict(pipeline: "Pipeline", test: Examples, target: Target = ZERO_ONE) -> Predictions:
    """Return the pipeline's answers to the test rows; probabilities too, if its estimator has `predict_proba`.

    Raises:
        CannotLearn: it fails on them, or returns something that cannot be judged.
    """
    import numpy as np

    name = type(pipeline.steps[-1][1]).__name__
    has_probabilities = target.task != "regression" and hasattr(pipeline, "predict_proba")
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # its consequences are checked below
            scores = np.asarray(pipeline.predict_proba(test.features), dtype=float) if has_probabilities else None
            answers = _likeliest(pipeline, scores)
            if answers is None:
                answers = np.asarray(pipeline.predict(test.features))
        own = [] if scores is None else np.asarray(pipeline.classes_).tolist()
    except MemoryError:
        raise
    except Exception as error:  # an estimator can raise anything
        message = f"the fitted {name} cannot predict the test rows: {text_of(error)}{too_large(test)}"
        raise CannotLearn(message, own_frames(error)) from error
    predicted = _checked_answers(name, answers, test, target)
    probabilities = None if scores is None else _in_order(name, scores, own, test, target)
    return Predictions(target.task, target.codes(test.labels), predicted, probabilities, target.classes)


def _likeliest(pipeline: "Pipeline", scores: "np.ndarray[Any, Any] | None") -> "np.ndarray[Any, Any] | None":
    """Return a forest's answers from its probabilities, as its `predict` does; None for what may do otherwise."""
    from sklearn.ensemble import RandomForestClassifier

    forest = pipeline.steps[-1][1]
    if scores is None or getattr(type(forest), "predict", None) is not RandomForestClassifier.predict:
        return None
    likeliest: np.ndarray[Any, Any] = forest.classes_.take(scores.argmax(axis=1))
    return likeliest


def _checked_answers(
    name: str, answers: "np.ndarray[Any, Any]", test: Examples, target: Target
) -> "np.ndarray[Any, Any]":
    import numpy as np

    if answers.shape == (len(test), 1):  # as CatBoost returns classes
        answers = answers[:, 0]
    if answers.shape == (len(test),):
        if target.task != "regression":
            codes = target.codes(answers)
            if (codes >= 0).all():
                return codes
        elif answers.dtype.kind in "iuf" and np.isfinite(answers).all():
            return answers.astype(float)
    few = " or ".join(map(str, target.classes)) if target.task == "binary" else "class of the label"
    wanted = "a finite number" if target.task == "regression" else f"a {few}"
    raise CannotLearn(
        f"the fitted {name} predicts an array of {answers.dtype} with the shape {answers.shape}; "
        f"{wanted} for each of the {len(test):,} test rows is needed"
    )


def _in_order(
    name: str, scores: "np.ndarray[Any, Any]", own: list[Any], test: Examples, target: Target
) -> "np.ndarray[Any, Any]":
    """Return the probabilities with a column for each of the target's classes: 0 for one that was not fitted on."""
    import numpy as np

    known = set(own) <= set(target.classes) and (target.task != "binary" or len(own) == len(target.classes))
    if scores.shape != (len(test), len(own)) or not known:
        raise CannotLearn(
            f"the fitted {name} has probabilities of shape {scores.shape} for the classes {own}; "
            f"({len(test)}, {len(target.classes)}) for {', '.join(map(str, target.classes))} is needed"
        )
    if strange := np.count_nonzero(~((scores >= 0) & (scores <= 1)).all(axis=1)):
        raise CannotLearn(
            f"the fitted {name} gives {strange:,} of {len(test):,} test rows a probability that is not a number "
            f"between 0 and 1{too_large(test)}"
        )
    ordered = np.zeros((len(test), len(target.classes)))
    ordered[:, [target.classes.index(label) for label in own]] = scores
    return ordered
