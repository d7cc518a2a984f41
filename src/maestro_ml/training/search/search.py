"""Choose an estimator's parameters by a search inside the training rows."""

from collections.abc import Callable
from time import monotonic

from maestro_ml.project import RequestError
from maestro_ml.project.models import Model
from maestro_ml.project.search import Search
from maestro_ml.project.splits import Splitting
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.search.folds import folds_of
from maestro_ml.training.search.halving import halve
from maestro_ml.training.search.judge import Judge, TimeIsUp, with_parameters
from maestro_ml.training.search.optuna_study import study
from maestro_ml.training.search.record import SearchRecord
from maestro_ml.training.target import Target


def check_search(model: Model, search: Search) -> None:
    """Build the estimator with each listed value and each end of a range, before any row is read.

    Raises:
        RequestError: it does not take one of them, or Optuna is not installed.
    """
    if search.kind == "optuna":
        try:
            import optuna  # noqa: F401
        except ImportError as error:
            raise RequestError("search by optuna needs the extra: pip install 'maestro-ml[optuna]'") from error
    first = {name: tried.ends[0] for name, tried in search.parameters.items()}
    for name, tried in search.parameters.items():
        for value in tried.ends:
            build_estimator(with_parameters(model.chosen_estimator, {**first, name: value}), model)


def run_search(
    model: Model,
    search: Search,
    splitting: Splitting,
    examples: Examples,
    target: Target,
    clock: Callable[[], float] = monotonic,
) -> SearchRecord:
    """Search by the gate's metric; the same rows and seed give the same result.

    Raises:
        CannotLearn: it takes longer than its minutes, or no choice could be fitted and judged.
    """
    metric, regression = model.gate.measure, target.task == "regression"
    folds = folds_of(examples, splitting, search.folds, search.seed, regression)
    until = clock() + search.minutes * 60
    judge = Judge(model.chosen_estimator, model.preprocessing, target, metric, until, model.class_weight, clock=clock)
    try:
        trials, chosen = (halve if search.kind == "halving" else study)(search, judge, examples, folds)
    except TimeIsUp:
        raise CannotLearn(
            f"the search was not finished in {search.minutes:g} minutes: {judge.fits:,} fits were made; "
            "give it more `minutes`, or fewer `trials` or `folds`"
        ) from None
    if chosen is None:
        raise CannotLearn(
            f"none of the {len(trials)} trials of the search could be fitted and judged by {metric.name} in every fold"
        )
    return SearchRecord(
        kind=search.kind,
        metric=metric.name,
        folds=len(folds),
        seed=search.seed,
        chosen=chosen,
        trials=tuple(trials),
    )
