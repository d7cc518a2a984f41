"""A candidate's metrics on the test rows, beside those of always predicting the majority class."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.library_errors import text_of
from maestro_ml.project import Window
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples
from maestro_ml.training.extremes import too_large

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
    """Metrics between 0 and 1; precision, recall and F1 are of the positive class, 0 if it is never predicted."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    accuracy: float
    f1: float
    precision: float
    recall: float
    roc_auc: float
    confusion: Confusion

    def scalars(self) -> dict[str, float]:
        """Return the metrics without the confusion matrix."""
        return self.model_dump(exclude={"confusion"})


class Evaluation(BaseModel):
    """The candidate and the baseline on the same test rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: SplitSummary
    candidate: Metrics
    baseline: Metrics


def evaluate(pipeline: "Pipeline", test: Examples, window: Window, majority: int) -> Evaluation:
    """Evaluate the pipeline on the test rows.

    Args:
        window: the time range of the test rows.
        majority: the majority class (0 or 1) of the training rows.
    """
    import numpy as np

    return Evaluation(
        test=SplitSummary.of(window, test),
        candidate=compute_metrics(pipeline, test),
        baseline=score(test.labels, np.full(len(test), majority), np.full(len(test), float(majority))),
    )


def compute_metrics(pipeline: "Pipeline", test: Examples) -> Metrics:
    """Compute the pipeline's metrics on the test rows.

    Raises:
        CannotLearn: it fails on them, or returns something other than classes and probabilities.
    """
    import numpy as np

    name = type(pipeline.steps[-1][1]).__name__
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # its consequences are checked below
            predicted = np.asarray(pipeline.predict(test.features))
            scores = np.asarray(pipeline.predict_proba(test.features), dtype=float)
        classes = [int(each) for each in pipeline.classes_]
    except MemoryError:
        raise
    except Exception as error:  # an estimator can raise anything
        message = f"the fitted {name} cannot predict the test rows: {text_of(error)}{too_large(test)}"
        raise CannotLearn(message) from error
    if predicted.shape != (len(test),) or not np.isin(predicted, (0, 1)).all():
        raise CannotLearn(
            f"the fitted {name} predicts {_described(predicted)}; a 0 or 1 for each of the {len(test):,} "
            "test rows is needed"
        )
    if scores.shape != (len(test), 2) or sorted(classes) != [0, 1]:
        raise CannotLearn(
            f"the fitted {name} has probabilities of shape {scores.shape} for the classes {classes}; "
            f"({len(test)}, 2) for 0 and 1 is needed"
        )
    if not np.isfinite(scores).all():
        raise CannotLearn(
            f"the fitted {name} gives {np.count_nonzero(~np.isfinite(scores).all(axis=1)):,} of "
            f"{len(test):,} test rows a probability that is not a finite number{too_large(test)}"
        )
    return score(test.labels, predicted.astype(int), scores[:, classes.index(1)])


def _described(predicted: "np.ndarray[Any, Any]") -> str:
    return f"an array of {predicted.dtype} with the shape {predicted.shape}"


def score(actual: "np.ndarray[Any, Any]", predicted: "np.ndarray[Any, Any]", scores: Any) -> Metrics:
    """Compute metrics from predicted classes (rows; 0 or 1) and scores (rows; higher means more likely 1)."""
    from sklearn import metrics

    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        actual, predicted, average="binary", zero_division=0
    )
    cells = metrics.confusion_matrix(actual, predicted, labels=[0, 1]).tolist()  # rows: actual class
    (true_negative, false_positive), (false_negative, true_positive) = cells
    return Metrics(
        accuracy=metrics.accuracy_score(actual, predicted),
        f1=f1,
        precision=precision,
        recall=recall,
        roc_auc=metrics.roc_auc_score(actual, scores),
        confusion=Confusion(
            true_negative=true_negative,
            false_positive=false_positive,
            false_negative=false_negative,
            true_positive=true_positive,
        ),
    )
