"""What a search tried, and what it chose."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Trial(BaseModel):
    """One choice of parameters: the mean of its scores in the folds, fitted on parts of `rows` of the training rows.

    Attributes:
        score: by the gate's metric; None if it could not be fitted or judged in a fold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    parameters: dict[str, Any]
    score: float | None
    rows: int


class SearchRecord(BaseModel):
    """A finished search."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    metric: str
    folds: int
    seed: int
    chosen: Trial
    trials: tuple[Trial, ...]

    def __str__(self) -> str:
        chosen = ", ".join(f"{name}={value}" for name, value in self.chosen.parameters.items())
        return (
            f"{chosen} chosen by a search ({self.kind}) of {len(self.trials)} trials in {self.folds} folds, "
            f"with {self.metric} {self.chosen.score:.4f}"
        )
