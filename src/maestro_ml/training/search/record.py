"""What a search tried, and what it chose."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.wording import plural


class Trial(BaseModel):
    """One choice of parameters: the mean of its scores in the folds, fitted on parts of `rows` of the training rows.

    Attributes:
        score: by the gate's metric; None if it could not be fitted or judged in a fold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    parameters: dict[str, Any]
    score: float | None
    rows: int


class SearchRecord(BaseModel):
    """A finished search."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: str
    metric: str
    folds: int
    seed: int
    chosen: Trial
    trials: tuple[Trial, ...]

    def __str__(self) -> str:
        chosen = ", ".join(f"{name}={value}" for name, value in self.chosen.parameters.items())
        return (
            f"{chosen} chosen by a search ({self.kind}) of {self._tried()} in {self.folds} folds, "
            f"with {self.metric} {self.chosen.score:.4f}"
        )

    def _tried(self) -> str:
        """Count the trials; where halving judges a choice in several rounds, the choices first."""
        trials = plural(len(self.trials), "trial")
        choices = sum(
            all(trial.parameters != before.parameters for before in self.trials[:place])
            for place, trial in enumerate(self.trials)
        )
        if self.kind != "halving" or choices == len(self.trials):
            return trials
        return f"{plural(choices, 'choice')} ({trials}, the better choices again on more rows)"
