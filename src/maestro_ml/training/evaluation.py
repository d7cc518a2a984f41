"""A candidate's metrics on the test rows, beside those of always predicting the majority class."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.library_errors import text_of
from maestro_ml.metrics.metric import Label, Predictions
from maestro_ml.metrics.registry import metrics_of
from maestro_ml.project import Window
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples
from maestro_ml.training.extremes import too_large

if TYPE_CHECKING:
    import numpy as np
    from sklearn.pipeline import Pipeline


class Confusion(BaseModel):
    """Test rows by actual class (outer) and predicted class (inner), both in the order of `classes`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: tuple[Label, ...]
    counts: tuple[tuple[int, ...], ...]


class Metrics(BaseModel):
    """Metrics by the names of the registry, each an attribute; NaN where one is not defined for these rows."""

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="strings")

    __pydantic_extra__: dict[str, float]

    confusion: Confusion | None = None  # None for a regression

    def scalars(self) -> dict[str, float]:
        """Return the metrics by name, without the confusion matrix."""
        return dict(self.__pydantic_extra__)

    def value(self, name: str) -> float:
        """Return a metric by name; raises KeyError if the model has none of this name."""
        return self.__pydantic_extra__[name]


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

    constant = np.full(len(test), majority)
    shares = np.column_stack([1 - constant, constant]).astype(float)
    return Evaluation(
        test=SplitSummary.of(window, test),
        candidate=score(predict(pipeline, test)),
        baseline=score(Predictions("binary", test.labels, constant, shares, (0, 1))),
    )


def predict(pipeline: "Pipeline", test: Examples) -> Predictions:
    """Return the pipeline's answers to the test rows.

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
    if strange := np.count_nonzero(~((scores >= 0) & (scores <= 1)).all(axis=1)):
        raise CannotLearn(
            f"the fitted {name} gives {strange:,} of {len(test):,} test rows a probability that is not a number "
            f"between 0 and 1{too_large(test)}"
        )
    in_order = scores[:, [classes.index(0), classes.index(1)]]
    return Predictions("binary", test.labels, predicted.astype(int), in_order, (0, 1))


def _described(predicted: "np.ndarray[Any, Any]") -> str:
    return f"an array of {predicted.dtype} with the shape {predicted.shape}"


def score(predictions: Predictions) -> Metrics:
    """Compute every metric of the task that these predictions allow."""
    from sklearn.metrics import confusion_matrix

    usable = {
        name: metric
        for name, metric in metrics_of(predictions.task).items()
        if predictions.probabilities is not None or not metric.needs_probabilities
    }
    confusion = None
    if predictions.task != "regression":
        codes = range(len(predictions.classes))
        counts = confusion_matrix(predictions.actual, predictions.predicted, labels=list(codes)).tolist()
        confusion = Confusion(classes=predictions.classes, counts=counts)
    values: dict[str, Any] = {name: metric.compute(predictions) for name, metric in usable.items()}
    return Metrics(confusion=confusion, **values)
