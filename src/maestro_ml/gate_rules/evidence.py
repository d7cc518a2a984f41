"""What rules judge a candidate by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from maestro_ml.metrics.metric import Predictions

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Champion:
    """The version in use: its answers to the candidate's test rows, or why there are none.

    Attributes:
        version: its number; None where there is no version yet.
        predictions: None where there is no version, or where it cannot answer.
        obstacle: why it cannot answer.
        own: the candidate's own version, if an earlier try registered it.
    """

    version: str | None = None
    predictions: Predictions | None = None
    obstacle: str = ""
    own: str | None = None


@dataclass(frozen=True)
class Evidence:
    """A candidate's answers to its test rows, beside others' answers to the same rows.

    Attributes:
        candidate: its answers.
        baseline: those of always giving one answer.
        champion: the version in use.
        columns: the test rows' features by name.
        model_bytes: the size of the model's file.
        time_predictions: returns the seconds of several predictions of this many rows.
        error: the chance of a wrong promotion that this look may spend; None without a budget.
    """

    candidate: Predictions
    baseline: Predictions
    champion: Champion = field(default_factory=Champion)
    columns: "Mapping[str, np.ndarray[Any, Any]]" = field(default_factory=dict)
    model_bytes: int = 0
    time_predictions: Callable[[int], list[float]] = lambda _: []
    error: float | None = None
