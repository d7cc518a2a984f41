"""Fit and judge one choice of parameters on one fold, while there is time."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from maestro_ml.metrics.metric import Metric
from maestro_ml.project.models import Estimator
from maestro_ml.project.preprocessing import Preprocessing
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.predictions import predict
from maestro_ml.training.target import Target


class TimeIsUp(BaseException):  # not an Exception: scikit-learn would count it as a fit that failed
    """The search has taken as long as it may."""


@dataclass
class Judge:
    """The gate's metric of a choice of parameters.

    Attributes:
        until: of the monotonic clock; no fit begins later.
        fits: how many were made.
    """

    spec: Estimator
    preprocessing: Preprocessing
    target: Target
    metric: Metric
    until: float
    class_weight: str | None = None
    fits: int = 0
    clock: Callable[[], float] = monotonic

    @property
    def sign(self) -> int:
        """1 if more of the metric is better, -1 if less is."""
        return 1 if self.metric.higher_is_better else -1

    def score(self, parameters: dict[str, Any], examples: Examples, others: Examples) -> float:
        """Fit on the examples and return the metric on the others; NaN if that fails.

        Raises:
            TimeIsUp: there is no time left to begin.
        """
        if self.clock() >= self.until:
            raise TimeIsUp
        self.fits += 1
        try:
            pipeline = fit(with_parameters(self.spec, parameters), examples, self.preprocessing, self.class_weight)
            return float(self.metric.compute(predict(pipeline, others, self.target)))
        except CannotLearn:
            return float("nan")


def with_parameters(spec: Estimator, parameters: dict[str, Any]) -> Estimator:
    """Return the estimator with more keyword arguments."""
    return spec.model_copy(update={"parameters": {**spec.parameters, **parameters}})
