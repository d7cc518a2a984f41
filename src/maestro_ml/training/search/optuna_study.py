"""Search by Optuna: each choice is proposed from the results of those before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from maestro_ml.project.search import Search, Values
from maestro_ml.training.examples import Examples
from maestro_ml.training.search.folds import Fold
from maestro_ml.training.search.halving import best_of
from maestro_ml.training.search.judge import Judge
from maestro_ml.training.search.record import Trial

if TYPE_CHECKING:
    import optuna


def study(search: Search, judge: Judge, examples: Examples, folds: Sequence[Fold]) -> tuple[list[Trial], Trial | None]:
    """Return every trial, and the best; None if none could be judged.

    Raises:
        TimeIsUp: it takes longer than it may.
    """
    import numpy as np
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trials: list[Trial] = []

    def objective(proposal: "optuna.Trial") -> float:
        choice = {name: _proposed(proposal, name, tried) for name, tried in search.parameters.items()}
        parts = [judge.score(choice, examples.take(fit), examples.take(others)) for fit, others in folds]
        mean = float(np.mean(parts))
        trials.append(Trial(parameters=choice, score=None if np.isnan(mean) else mean, rows=len(examples)))
        return mean

    directions = optuna.study.StudyDirection
    direction = directions.MAXIMIZE if judge.sign > 0 else directions.MINIMIZE
    sampler = optuna.samplers.TPESampler(seed=search.seed)
    optuna.create_study(direction=direction, sampler=sampler).optimize(objective, n_trials=search.trials)
    return trials, best_of(trials, judge.sign)


def _proposed(proposal: "optuna.Trial", name: str, tried: Values) -> Any:
    if tried.values:  # by place: a value of any type can be in the list
        return tried.values[proposal.suggest_categorical(name, list(range(len(tried.values))))]
    if tried.whole:
        return proposal.suggest_int(name, tried.low, tried.high, log=tried.log)
    return proposal.suggest_float(name, float(tried.low), float(tried.high), log=tried.log)
