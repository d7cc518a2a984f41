"""A candidate's metrics on the test rows, beside those of always predicting the majority class."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.metrics.metric import Label, Predictions
from maestro_ml.metrics.registry import metrics_of
from maestro_ml.project import Window
from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.examples import Examples
from maestro_ml.training.predictions import added_in_order, predict
from maestro_ml.training.target import ZERO_ONE, Target

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class Confusion(BaseModel):
    """Test rows by actual class (outer) and predicted class (inner), both in the order of `classes`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    classes: tuple[Label, ...]
    counts: tuple[tuple[int, ...], ...]


class Metrics(BaseModel):
    """Metrics by the names of the registry, each an attribute; NaN where one is not defined for these rows."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True, ser_json_inf_nan="strings")

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

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    test: SplitSummary
    candidate: Metrics
    baseline: Metrics


@dataclass(frozen=True)
class Answers:
    """The answers of the candidate and of the baseline to the same test rows."""

    candidate: Predictions
    baseline: Predictions


def evaluate(
    pipeline: "Pipeline", test: Examples, window: Window, train: SplitSummary, target: Target = ZERO_ONE
) -> Evaluation:
    """Evaluate the pipeline on the test rows; the arguments are those of `answers_to`.

    Args:
        window: the time range of the test rows.
    """
    return summarise(answers_to(test, pipeline, train, target), SplitSummary.of(window, test, target))


def answers_to(test: Examples, pipeline: "Pipeline", train: SplitSummary, target: Target = ZERO_ONE) -> Answers:
    """Return the answers of the pipeline and of the baseline to the test rows.

    Args:
        train: the training rows, from which the baseline is taken.
        target: what the pipeline predicts.
    """
    with added_in_order(pipeline):
        return Answers(predict(pipeline, test, target), baseline(train, test, target))


def summarise(answers: Answers, test: SplitSummary) -> Evaluation:
    """Return the metrics of the answers."""
    return Evaluation(test=test, candidate=score(answers.candidate), baseline=score(answers.baseline))


def baseline(train: SplitSummary, test: Examples, target: Target = ZERO_ONE) -> Predictions:
    """Return the answers of a model that always gives the commoner class of the training rows, or their median.

    Its probabilities are the classes' shares of the training rows.
    """
    import numpy as np

    rows, actual = len(test), target.codes(test.labels)
    if target.task == "regression":
        return Predictions(target.task, actual, np.full(rows, train.median))
    counts = np.array(train.counts)
    shares = np.tile(counts / counts.sum(), (rows, 1))
    return Predictions(target.task, actual, np.full(rows, counts.argmax()), shares, target.classes)


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
