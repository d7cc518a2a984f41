"""What a model predicts: classes or numbers."""

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.metrics.metric import Label, Task
from maestro_ml.project import RequestError
from maestro_ml.project.models import Model

if TYPE_CHECKING:
    import numpy as np

_TWO = 2


class Target(BaseModel):
    """The task, and the labels of its classes in the order of their codes; of two, the last is the positive one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    task: Task = "binary"
    classes: tuple[Label, ...] = (0, 1)

    @property
    def positive(self) -> Label | None:
        """The positive class; None where there are not two."""
        return self.classes[1] if self.task == "binary" else None

    def codes(self, labels: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """Return each label's position in `classes`, and -1 for one that is not there; of a regression, the numbers."""
        import numpy as np

        if self.task == "regression":
            return np.asarray(labels, dtype=float)
        import pandas as pd

        known = {label: code for code, label in enumerate(self.classes)}
        places, found = pd.factorize(labels)  # -1 for one that is missing, which is the last of what follows
        return np.array([*(known.get(label, -1) for label in found.tolist()), -1], dtype=int)[places]


ZERO_ONE = Target()


def target_of(model: Model, *labels: "np.ndarray[Any, Any]") -> Target:
    """Return what the model predicts, from the labels to fit on and to test on.

    Raises:
        RequestError: `task: binary` and more classes, or a `positive` class that no row has.
    """
    import numpy as np

    if model.predicts_numbers:
        return Target(task="regression", classes=())
    classes: list[Label] = sorted(np.unique(np.concatenate(labels)).tolist())
    if model.task == "binary" and len(classes) > _TWO:
        raise RequestError(f"the label '{model.label}' has {len(classes)} classes, and the task is binary")
    if len(classes) > _TWO or model.task == "multiclass":
        return Target(task="multiclass", classes=tuple(classes))
    if model.positive is not None:
        if model.positive not in classes:
            raise RequestError(f"no row has the positive class {model.positive!r} as its label '{model.label}'")
        classes.sort(key=lambda label: label == model.positive)
    return Target(task="binary", classes=tuple(classes))
