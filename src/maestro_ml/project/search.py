"""The search of an estimator's parameters."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from maestro_ml.core.node import Mistake, Node, Path, Seed

if TYPE_CHECKING:
    from datetime import timedelta

    from maestro_ml.project.models import Model


def _number(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a number")
    return value


class Values(Node):
    """What to try: a list of values, or numbers from `low` to `high`, both included; whole ones if both ends are.

    `log`: numbers evenly by their logarithm.
    """

    values: tuple[Any, ...] = ()
    low: Annotated[Any, BeforeValidator(_number)] = None
    high: Annotated[Any, BeforeValidator(_number)] = None
    log: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, given: Any) -> Any:
        return {"values": given} if isinstance(given, list | tuple) else given

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are in it."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def ends(self) -> tuple[Any, ...]:
        """Every value of a list, or the ends of a range."""
        return self.values or (self.low, self.high)

    def mistakes(self) -> Iterator[Mistake]:
        """Report what is neither a list nor a range, and a range without numbers or without logarithms."""
        if self.values:
            if not self.model_fields_set <= {"values"}:
                yield Mistake((), "give a list of values, or low and high, not both")
        elif self.low is None or self.high is None:
            yield Mistake((), "needs a list with a value, such as [1, 2], or a range: {low: 1, high: 9}")
        elif self.low >= self.high:
            yield Mistake(("low",), f"a range needs low < high, not {self.low:g} and {self.high:g}", (("high",),))
        elif self.log and self.low <= 0:
            yield Mistake(("low",), f"{self.low:g} has no logarithm", (("log",),))


class Search(Node):
    """Try `trials` choices of parameters by cross-validation inside the training rows, and fit with the best.

    `minutes` is a limit: a search that takes longer ends the training. `halving` tries all choices on few rows, the
    best third of them on three times as many, and so on; `optuna` proposes each choice from the results before it.
    """

    kind: Literal["halving", "optuna"] = "halving"
    parameters: Annotated[dict[str, Values], Field(min_length=1)]
    trials: Annotated[int, Field(ge=2, le=500)] = 20
    minutes: Annotated[float, Field(gt=0)] = 10
    folds: Annotated[int, Field(ge=2, le=20)] = 3
    seed: Seed = 0


def search_mistakes(model: "Model", deadline: "timedelta", here: Path) -> Iterator[Mistake]:
    """Report a parameter that is fixed and searched, and a search that may outlast its pipeline's deadline."""
    if model.search is None:
        return
    for name in model.search.parameters:
        if name in model.estimator.parameters:
            place = (*here, "search", "parameters", name)
            message = f"'{name}' is a fixed parameter of the estimator too"
            yield Mistake(place, message, ((*here, "estimator", "parameters", name),))
    if model.search.minutes * 60 >= deadline.total_seconds():
        whole = f"{deadline.total_seconds() / 60:g} minutes"
        message = f"the search may take {model.search.minutes:g} minutes, and the pipeline's deadline is after {whole}"
        yield Mistake((*here, "search", "minutes"), message, (("training", "deadline"),))
