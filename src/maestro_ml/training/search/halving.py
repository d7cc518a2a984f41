"""Successive halving, by scikit-learn."""

from collections.abc import Sequence
from typing import Any

from maestro_ml.project.search import Search, Values
from maestro_ml.training.examples import Examples
from maestro_ml.training.search.folds import Fold
from maestro_ml.training.search.judge import Judge
from maestro_ml.training.search.record import Trial


def halve(search: Search, judge: Judge, examples: Examples, folds: Sequence[Fold]) -> tuple[list[Trial], Trial | None]:
    """Return every trial, and the best of the last round; None if none of them could be judged.

    Raises:
        TimeIsUp: it takes longer than it may.
    """
    import numpy as np
    from sklearn.base import BaseEstimator
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import work
    from sklearn.model_selection import HalvingGridSearchCV

    drawn = _draw(search)

    class Choice(BaseEstimator):  # type: ignore[misc]
        """One of the drawn choices, by its place: parameters of a function cannot be set on what it returned."""

        def __init__(self, place: int = 0) -> None:
            self.place = place

        def fit(self, features: Any, labels: Any) -> "Choice":
            self.examples_ = Examples(features, labels)
            return self

    def score(choice: Any, features: Any, labels: Any) -> float:
        return judge.sign * judge.score(drawn[choice.place], choice.examples_, Examples(features, labels))

    halving = HalvingGridSearchCV(
        Choice(),
        {"place": list(range(len(drawn)))},
        scoring=score,
        cv=list(folds),
        min_resources="exhaust",
        refit=False,
        error_score="raise",
        return_train_score=False,
        random_state=search.seed,
    )
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a choice without a score, which the record shows
        results = halving.fit(examples.features, examples.labels).cv_results_
    scores = [None if np.isnan(value) else judge.sign * float(value) for value in results["mean_test_score"]]
    trials = [
        Trial(parameters=drawn[each["place"]], score=score, rows=int(rows))
        for each, score, rows in zip(results["params"], scores, results["n_resources"], strict=True)
    ]
    last = [trial for trial, turn in zip(trials, results["iter"], strict=True) if turn == max(results["iter"])]
    return trials, best_of(last, judge.sign)


def best_of(trials: Sequence[Trial], sign: int) -> Trial | None:
    """Return the first of the best trials; None if none has a score."""
    judged = [trial for trial in trials if trial.score is not None]
    return max(judged, key=lambda trial: sign * (trial.score or 0.0), default=None)


def _draw(search: Search) -> list[dict[str, Any]]:
    """Return the choices to try: all, if there are no more than trials, or as many drawn at random, each once."""
    import numpy as np
    from sklearn.model_selection import ParameterGrid

    lists = {name: list(range(len(tried.values))) for name, tried in search.parameters.items()}
    if all(lists.values()) and len(ParameterGrid(lists)) <= search.trials:
        return [
            {name: search.parameters[name].values[place] for name, place in each.items()}
            for each in ParameterGrid(lists)
        ]
    random = np.random.default_rng(search.seed)
    found: list[dict[str, Any]] = []
    for _ in range(search.trials * 10):  # choices can come twice, and there may be fewer than trials
        choice = {name: _drawn(tried, random) for name, tried in search.parameters.items()}
        if choice not in found:
            found.append(choice)
        if len(found) == search.trials:
            break
    return found


def _drawn(tried: Values, random: Any) -> Any:
    import math

    if tried.values:
        return tried.values[int(random.integers(len(tried.values)))]
    share = float(random.random())
    low, high = float(tried.low), float(tried.high) + tried.whole  # of whole numbers, the last has its own width
    value = low * math.exp(share * math.log(high / low)) if tried.log else low + share * (high - low)
    return min(math.floor(value), tried.high) if tried.whole else value
