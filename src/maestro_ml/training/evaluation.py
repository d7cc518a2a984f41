"""A candidate's metrics on the test rows, and those of always answering with the commoner class."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.project import Window
from maestro_ml.training.candidate import Part
from maestro_ml.training.training_set import Examples

if TYPE_CHECKING:
    import numpy as np
    from sklearn.pipeline import Pipeline


class Confusion(BaseModel):
    """Test rows by actual and predicted class; positive is label 1 or true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    true_negative: int
    false_positive: int
    false_negative: int
    true_positive: int


class Metrics(BaseModel):
    """Metrics between 0 and 1; precision, recall and F1 are of the positive class, and 0 where nothing is predicted."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    accuracy: float
    f1: float
    precision: float
    recall: float
    roc_auc: float
    confusion: Confusion

    def scalars(self) -> dict[str, float]:
        return self.model_dump(exclude={"confusion"})


class Evaluation(BaseModel):
    """The candidate and the baseline on the same test rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: Part
    candidate: Metrics
    baseline: Metrics


def evaluate(pipeline: "Pipeline", test: Examples, window: Window, majority: int) -> Evaluation:
    """Measure the pipeline on the test rows.

    Args:
        window: the range of time the test rows are from.
        majority: the commoner class (0 or 1) of the training rows.
    """
    import numpy as np

    scores = pipeline.predict_proba(test.features)[:, list(pipeline.classes_).index(1)]
    return Evaluation(
        test=Part.of(window, test),
        candidate=measure(test.labels, pipeline.predict(test.features), scores),
        baseline=measure(test.labels, np.full(len(test), majority), np.full(len(test), float(majority))),
    )


def measure(actual: "np.ndarray[Any, Any]", predicted: "np.ndarray[Any, Any]", scores: Any) -> Metrics:
    """Metrics of predicted classes (rows; 0 or 1) and scores (rows; higher is more likely 1)."""
    from sklearn import metrics

    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        actual, predicted, average="binary", zero_division=0
    )
    cells = metrics.confusion_matrix(actual, predicted, labels=[0, 1]).ravel().tolist()
    return Metrics(
        accuracy=metrics.accuracy_score(actual, predicted),
        f1=f1,
        precision=precision,
        recall=recall,
        roc_auc=metrics.roc_auc_score(actual, scores),
        confusion=Confusion(**dict(zip(Confusion.model_fields, cells, strict=True))),
    )
