"""Metrics of predicted probabilities.

With more than two classes, ROC AUC and PR AUC are the mean over the classes that occur, each against all others.
"""

from collections.abc import Callable
from math import inf, nan
from typing import TYPE_CHECKING, Any

from maestro_ml.metrics.metric import Metric, Predictions

if TYPE_CHECKING:
    import numpy as np

    Curve = Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any]], float]

_BINS = 10  # of equal width, as usual for the expected calibration error


def _given(of: Predictions) -> "np.ndarray[Any, Any]":
    if of.probabilities is None:
        raise ValueError("the model gives no probabilities")
    return of.probabilities


def _one_against_rest(of: Predictions, curve: "Curve") -> float:
    import numpy as np

    given = _given(of)
    codes = [1] if of.task == "binary" else range(len(of.classes))
    found = []
    for code in codes:
        positive = of.actual == code
        if positive.any() and not positive.all():  # a curve needs both
            found.append(curve(positive, given[:, code]))
    return float(np.mean(found)) if found else nan


def _roc_auc(of: Predictions) -> float:
    from sklearn.metrics import roc_auc_score

    return _one_against_rest(of, lambda positive, score: float(roc_auc_score(positive, score)))


def _pr_auc(of: Predictions) -> float:
    from sklearn.metrics import average_precision_score

    return _one_against_rest(of, lambda positive, score: float(average_precision_score(positive, score)))


def _log_loss(of: Predictions) -> float:
    import numpy as np

    if not len(of):
        return nan
    right = _given(of)[np.arange(len(of)), of.actual]
    return float(-np.log(np.clip(right, np.finfo(float).eps, 1)).mean())


def _brier(of: Predictions) -> float:
    import numpy as np

    if not len(of):
        return nan
    given = _given(of)
    if of.task == "binary":
        return float(np.square(given[:, 1] - (of.actual == 1)).mean())
    return float(np.square(given - np.eye(len(of.classes))[of.actual]).sum(axis=1).mean())


def _calibration_error(of: Predictions) -> float:
    import numpy as np

    if not len(of):
        return nan
    given = _given(of)
    if of.task == "binary":
        stated, happened = given[:, 1], of.actual == 1
    else:
        stated, happened = given.max(axis=1), given.argmax(axis=1) == of.actual
    bins = np.minimum((stated * _BINS).astype(int), _BINS - 1)
    off = np.bincount(bins, weights=stated - happened, minlength=_BINS)
    return float(np.abs(off).sum() / len(of))


ROC_AUC = Metric("roc_auc", "ROC AUC", _roc_auc, needs_probabilities=True)
PR_AUC = Metric("pr_auc", "PR AUC", _pr_auc, needs_probabilities=True)
LOG_LOSS = Metric("log_loss", "Log loss", _log_loss, higher_is_better=False, needs_probabilities=True, highest=inf)
BRIER = Metric("brier", "Brier score", _brier, higher_is_better=False, needs_probabilities=True, highest=2.0)
CALIBRATION_ERROR = Metric(
    "calibration_error", "Calibration error", _calibration_error, higher_is_better=False, needs_probabilities=True
)
