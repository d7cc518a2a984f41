"""A search of parameters: inside the training rows, within its limits, the same for the same seed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import RequestError
from maestro_ml.project.models import Model
from maestro_ml.project.search import Values
from maestro_ml.project.splits import Splitting
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples
from maestro_ml.training.search.folds import folds_of
from maestro_ml.training.search.record import SearchRecord, Trial
from maestro_ml.training.search.search import check_search, run_search
from maestro_ml.training.target import Target

TREE = {"class": "sklearn.tree.DecisionTreeClassifier"}
PARAMETERS = {"max_depth": [1, 2, 6, None], "min_samples_leaf": {"low": 1, "high": 40, "log": True}}
RANDOM = Splitting(kind="random")


def model(**changes: Any) -> Model:
    base = {"dataset": "d", "label": "y", "columns": ["x"], "estimator": TREE, "register": {"name": "r"}}
    return Model.model_validate(base | {"search": {"parameters": PARAMETERS, "trials": 9}} | changes)


@pytest.fixture
def rows() -> Examples:
    """Provide two numbers whose product decides: a tree of depth 1 cannot learn it."""
    rng = np.random.default_rng(3)
    features = pd.DataFrame(rng.normal(size=(600, 2)), columns=["x", "z"])
    groups = np.array([f"group {n % 20}" for n in range(600)], dtype=object)
    moments = np.arange("2024-01-01T00", "2024-01-26T00", dtype="datetime64[h]").astype("datetime64[us]")
    return Examples(features, (features["x"] * features["z"] > 0).astype(int).to_numpy(), (), groups, moments)


@pytest.mark.parametrize(
    ("kind", "rounds", "counted"),
    [
        ("halving", [(4, 30), (2, 90)], "4 choices (6 trials, the better choices again on more rows) in 3 folds"),
        ("halving", [(3, 30)], "3 trials in 3 folds"),
        ("optuna", [(2, 90), (2, 90)], "4 trials in 3 folds"),  # it can propose a choice twice
    ],
)
def test_what_a_search_tried_is_counted_in_choices_where_some_are_judged_again(kind, rounds, counted) -> None:
    trials = [Trial(parameters={"depth": n}, score=0.5, rows=rows) for count, rows in rounds for n in range(count)]
    found = SearchRecord(kind=kind, metric="accuracy", folds=3, seed=0, chosen=trials[-1], trials=tuple(trials))
    assert f"of {counted}, with accuracy 0.5000" in str(found)


@pytest.mark.parametrize("kind", ["halving", "optuna"])
def test_the_same_seed_gives_the_same_result_and_another_one_other_trials(kind: str, rows: Examples) -> None:
    def searched(seed: int) -> Any:
        declared = model(search={"kind": kind, "parameters": PARAMETERS, "trials": 9, "seed": seed})
        return run_search(declared, declared.search, RANDOM, rows, Target())

    first, again, other = searched(1), searched(1), searched(2)
    assert first == again
    assert first.trials != other.trials
    assert first.chosen in first.trials
    assert first.chosen.parameters["max_depth"] != 1
    assert first.chosen.score > 0.8
    assert {type(trial.parameters["min_samples_leaf"]) for trial in first.trials} == {int}
    assert all(1 <= trial.parameters["min_samples_leaf"] <= 40 for trial in first.trials)


def test_halving_gives_the_best_third_three_times_the_rows(rows: Examples) -> None:
    declared = model()
    found = run_search(declared, declared.search, RANDOM, rows, Target())
    sizes = [trial.rows for trial in found.trials]
    assert [sizes.count(size) for size in sorted(set(sizes))] == [9, 3, 1]
    assert found.chosen.rows == max(sizes)
    assert found.trials[-1] == found.chosen


def test_all_choices_of_short_lists_are_tried_once(rows: Examples) -> None:
    declared = model(search={"parameters": {"max_depth": [1, 8]}})
    found = run_search(declared, declared.search, RANDOM, rows, Target())
    assert [trial.parameters for trial in found.trials] == [{"max_depth": 1}, {"max_depth": 8}]
    assert found.chosen.parameters == {"max_depth": 8}


@pytest.mark.parametrize("kind", ["halving", "optuna"])
def test_less_is_better_where_the_metric_says_so(kind: str, rows: Examples) -> None:
    numbers = Examples(rows.features, (rows.features["x"] * 5).to_numpy())
    declared = model(
        gate={"metric": "mae", "below": 1},
        estimator={"class": "sklearn.tree.DecisionTreeRegressor"},
        search={"kind": kind, "parameters": {"max_depth": [1, 8]}, "trials": 8},
    )
    found = run_search(declared, declared.search, RANDOM, numbers, Target(task="regression", classes=()))
    assert found.chosen.parameters == {"max_depth": 8}
    assert found.chosen.score == min(trial.score for trial in found.trials)


@pytest.mark.parametrize("kind", ["halving", "optuna"])
def test_a_search_that_takes_longer_than_its_minutes_ends_with_a_reason(kind: str, rows: Examples) -> None:
    ticks = iter(range(10_000))
    declared = model(search={"kind": kind, "parameters": PARAMETERS, "trials": 9, "minutes": 0.1})
    with pytest.raises(CannotLearn, match=r"not finished in 0\.1 minutes: 5 fits were made; give it more `minutes`"):
        run_search(declared, declared.search, RANDOM, rows, Target(), clock=lambda: float(next(ticks)))


@pytest.mark.parametrize("kind", ["halving", "optuna"])
def test_a_choice_that_cannot_be_fitted_has_no_score_and_is_not_chosen(kind: str, rows: Examples) -> None:
    search = {"kind": kind, "parameters": {"var_smoothing": [1e-9], "priors": [None, [0.5, 0.2]]}, "trials": 6}
    declared = model(estimator={"class": "sklearn.naive_bayes.GaussianNB"}, search=search)
    found = run_search(declared, declared.search, RANDOM, rows, Target())
    assert found.chosen.parameters["priors"] is None
    assert any(trial.score is None for trial in found.trials)
    never = declared.search.model_copy(update={"parameters": {"priors": Values(values=([2.0, 2.0],))}})
    with pytest.raises(CannotLearn, match=r"none of the \d+ trials of the search could be fitted and judged"):
        run_search(declared, never, RANDOM, rows, Target())


def test_by_time_each_fold_is_judged_by_later_rows_after_the_gap(rows: Examples) -> None:
    gap = Splitting.model_validate({"kind": "time", "gap": "1d"})
    folds = folds_of(rows, gap, 4, 0, False)
    assert len(folds) == 4
    for fit, judge in folds:
        assert rows.moments[judge].min() - rows.moments[fit].max() > np.timedelta64(24, "h")
    assert sum(len(judge) for _, judge in folds) == 480


def test_grouped_no_group_is_on_both_sides(rows: Examples) -> None:
    for fit, judge in folds_of(rows, Splitting(kind="grouped", by="home"), 3, 0, False):
        assert set(rows.groups[fit]).isdisjoint(rows.groups[judge])


def test_stratified_every_fold_has_the_share_of_each_class(rows: Examples) -> None:
    rare = Examples(rows.features, (np.arange(600) % 10 == 0).astype(int))
    for fit, judge in folds_of(rare, Splitting(kind="stratified"), 3, 0, False):
        assert rare.labels[judge].mean() == rare.labels[fit].mean() == 0.1


def test_rows_that_give_no_fold_are_one_clear_error() -> None:
    few = Examples(pd.DataFrame({"x": [1.0, 2.0]}), np.array([0, 1]))
    with pytest.raises(CannotLearn, match="the 2 training rows cannot be divided into 3 folds for a search"):
        folds_of(few, RANDOM, 3, 0, False)


def test_a_parameter_that_the_estimator_does_not_take_is_a_wrong_request() -> None:
    declared = model(search={"parameters": {"depth": [1, 2]}})
    with pytest.raises(RequestError, match="unexpected keyword argument 'depth'; it takes: "):
        check_search(declared, declared.search)
    declared = model(search={"parameters": {"max_depth": {"low": -3, "high": 3}}})
    with pytest.raises(RequestError, match="The 'max_depth' parameter of DecisionTreeClassifier must be"):
        check_search(declared, declared.search)
