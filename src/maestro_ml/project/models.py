"""The models: what they learn from, how they are fitted, and the gate each must pass to be registered."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from maestro_ml.core.node import Duration, ImportPath, Name, Node


class Estimator(Node):
    """A classifier with scikit-learn's API, by import path, and its keyword arguments."""

    class_path: Annotated[ImportPath, Field(alias="class")] = "sklearn.ensemble.RandomForestClassifier"
    parameters: dict[str, Any] = {}


Metric = Literal["accuracy", "f1", "precision", "recall", "roc_auc"]


class Gate(Node):
    """A candidate is registered only if its `metric` is strictly greater than `above` and than the majority class's.

    `beat_baseline: false` leaves out the comparison with the majority class; so does an `above` of 0 or less.
    """

    metric: Metric = "accuracy"
    above: float = 0.85
    beat_baseline: bool | None = None

    @property
    def must_beat_baseline(self) -> bool:
        """Whether a candidate must beat always predicting the more common class."""
        return self.above > 0 if self.beat_baseline is None else self.beat_baseline


class Registration(Node):
    """The registered model's name and the alias the new version gets."""

    name: Name
    alias: Name = "staging"


class Model(Node):
    """A model: rows from `dataset`, features from a Feast service and from the dataset's own columns, split by time."""

    dataset: str
    label: str
    feature_service: str | None = None
    columns: tuple[str, ...] = ()
    estimator: Estimator = Estimator()
    window: Duration = timedelta(days=120)
    test: Duration = timedelta(days=30)
    gate: Gate = Gate()
    register_as: Annotated[Registration, Field(alias="register")]
