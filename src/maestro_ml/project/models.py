"""The models: what they learn from, how they are fitted, and the gate each must pass to be registered."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from maestro_ml.core.node import Duration, ImportPath, Name, Node
from maestro_ml.metrics.metric import CLASSES, Label, Metric, Task
from maestro_ml.metrics.registry import all_metrics, metric_of


class Estimator(Node):
    """A class with scikit-learn's API, by import path, and its keyword arguments; by default a random forest."""

    class_path: Annotated[ImportPath, Field(alias="class")] = "sklearn.ensemble.RandomForestClassifier"
    parameters: dict[str, Any] = {}


def _known_metric(name: str) -> str:
    if name not in all_metrics():
        *first, last = (f"'{known}'" for known in all_metrics())
        expected = f"{', '.join(first)} or {last}"
        raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})
    return name


MetricName = Annotated[
    str, AfterValidator(_known_metric), WithJsonSchema({"type": "string", "enum": list(all_metrics())})
]


class Gate(Node):
    """A candidate is registered only if its `metric` is strictly better than the limit and than the baseline's.

    The limit is `above`, or `below` for a metric of which less is better. The baseline always gives one answer: the
    more common class. `beat_baseline: false` leaves out the comparison with it; so does an `above` of 0 or less.
    """

    metric: MetricName = "accuracy"
    above: float = 0.85
    below: float | None = None
    beat_baseline: bool | None = None

    @property
    def measure(self) -> Metric:
        """The metric itself."""
        return metric_of(self.metric)

    @property
    def limit(self) -> float:
        """The value that a candidate must be strictly better than."""
        return self.above if self.below is None else self.below

    @property
    def must_beat_baseline(self) -> bool:
        """Whether a candidate must beat always giving the same answer."""
        if self.beat_baseline is not None:
            return self.beat_baseline
        return self.above > 0 or not self.measure.higher_is_better


class Registration(Node):
    """The registered model's name and the alias the new version gets."""

    name: Name
    alias: Name = "staging"


class Model(Node):
    """A model: rows from `dataset`, features from a Feast service and from the dataset's own columns, split by time."""

    dataset: str
    label: str
    task: Task | None = None  # by default: numbers if the gate's metric is one of numbers, classes otherwise
    positive: Label | None = None  # of two classes; by default the last in order: 1, true, "yes" after "no"
    feature_service: str | None = None
    columns: tuple[str, ...] = ()
    estimator: Estimator = Estimator()
    window: Duration = timedelta(days=120)
    test: Duration = timedelta(days=30)
    gate: Gate = Gate()
    register_as: Annotated[Registration, Field(alias="register")]

    @property
    def predicts_numbers(self) -> bool:
        """Whether the task is a regression; which of the two other tasks it is depends on the number of classes."""
        if self.task is None:
            return not set(CLASSES) & set(self.gate.measure.tasks)
        return self.task == "regression"

    @property
    def chosen_estimator(self) -> Estimator:
        """The estimator, which is a forest of the task's kind where the project names none."""
        if "class_path" in self.estimator.model_fields_set or not self.predicts_numbers:
            return self.estimator
        return self.estimator.model_copy(update={"class_path": "sklearn.ensemble.RandomForestRegressor"})
