"""Metrics of predicted classes: accuracy, precision, recall and F1.

Precision, recall and F1 are of the positive class where there are two classes, and the plain mean over the classes
where there are more; `_macro` and `_weighted` say which mean. A class that is never predicted has the precision 0.
A class that no row has, has no recall, and no F1 unless it is predicted: it is left out of a mean.
"""

from functools import partial
from math import nan
from typing import Literal

from maestro_ml.metrics.metric import Metric, Predictions

Part = Literal["precision", "recall", "f1"]
_PARTS: tuple[Part, ...] = ("precision", "recall", "f1")


def _accuracy(of: Predictions) -> float:
    from sklearn.metrics import accuracy_score

    return float(accuracy_score(of.actual, of.predicted))


def _part(part: Part, average: Literal["macro", "weighted"] | None, of: Predictions) -> float:
    from sklearn.metrics import precision_recall_fscore_support

    chosen = average or ("binary" if of.task == "binary" else "macro")
    undefined = 0 if part == "precision" else nan
    found = precision_recall_fscore_support(of.actual, of.predicted, average=chosen, zero_division=undefined)
    return float(found[_PARTS.index(part)])


ACCURACY = Metric("accuracy", "Accuracy", _accuracy)
F1 = Metric("f1", "F1", partial(_part, "f1", None))
PRECISION = Metric("precision", "Precision", partial(_part, "precision", None))
RECALL = Metric("recall", "Recall", partial(_part, "recall", None))
F1_MACRO = Metric("f1_macro", "F1, mean of the classes", partial(_part, "f1", "macro"))
PRECISION_MACRO = Metric("precision_macro", "Precision, mean of the classes", partial(_part, "precision", "macro"))
RECALL_MACRO = Metric("recall_macro", "Recall, mean of the classes", partial(_part, "recall", "macro"))
F1_WEIGHTED = Metric("f1_weighted", "F1, weighted by rows", partial(_part, "f1", "weighted"))
PRECISION_WEIGHTED = Metric(
    "precision_weighted", "Precision, weighted by rows", partial(_part, "precision", "weighted")
)
RECALL_WEIGHTED = Metric("recall_weighted", "Recall, weighted by rows", partial(_part, "recall", "weighted"))
