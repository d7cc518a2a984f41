"""What a metric is, and what it is computed from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

Task = Literal["binary", "multiclass", "regression"]
Label = bool | int | float | str
CLASSES: tuple[Task, ...] = ("binary", "multiclass")
NOT_DEFINED = "not defined"  # how a value that is NaN is shown


@dataclass(frozen=True)
class Predictions:
    """A model's answers to some rows, beside what was right.

    Attributes:
        task: what the model predicts.
        actual: for each row, the position of its label in `classes`; the number itself for a regression.
        predicted: the same of the model's answer.
        probabilities: rows x classes; None where the model gives none.
        classes: the labels, sorted; of two, the last is the positive one. Empty for a regression.
    """

    task: Task
    actual: "np.ndarray[Any, Any]"
    predicted: "np.ndarray[Any, Any]"
    probabilities: "np.ndarray[Any, Any] | None" = None
    classes: tuple[Label, ...] = ()

    def __len__(self) -> int:
        return len(self.actual)

    def take(self, rows: Any) -> "Predictions":
        """Return the answers to some of the rows, given as positions or as a mask."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        return Predictions(self.task, self.actual[rows], self.predicted[rows], probabilities, self.classes)


@dataclass(frozen=True)
class Metric:
    """A number that says how good a model's answers are.

    Attributes:
        name: the name in maestro.yaml, in MLflow and in the run store.
        label: the name for people.
        compute: returns the number, or NaN where it is not defined for these rows.
        tasks: what it is a metric of.
        higher_is_better: otherwise lower is.
        needs_probabilities: whether the predicted classes alone are not enough.
        lowest, highest: no value lies beyond them.
    """

    name: str
    label: str
    compute: Callable[[Predictions], float]
    tasks: tuple[Task, ...] = CLASSES
    higher_is_better: bool = True
    needs_probabilities: bool = False
    lowest: float = 0.0
    highest: float = 1.0

    def is_better(self, value: float, other: float) -> bool:
        """Return whether a value is strictly better than another; NaN is not."""
        return value > other if self.higher_is_better else value < other
