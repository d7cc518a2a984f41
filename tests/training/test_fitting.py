"""From an import path to a fitted pipeline, and what cannot be one."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit, schema_of

FOREST = "sklearn.ensemble.RandomForestClassifier"


def spec(path: str = FOREST, **parameters: Any) -> Estimator:
    return Estimator.model_validate({"class": path, "parameters": parameters})


def model(**changes: Any) -> Model:
    return Model.model_validate({"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}} | changes)


@pytest.mark.parametrize(
    ("path", "parameters", "message"),
    [
        ("nowhere.Forest", {}, "nowhere.Forest cannot be imported: No module named 'nowhere'; a module is a file"),
        ("sklearn.ensemble.Forest", {}, "the module sklearn.ensemble has no 'Forest'"),
        ("json.JSONDecoder", {}, "is not an estimator: it lacks fit, predict"),
        ("json.dumps", {"obj": 1}, "is not an estimator: it lacks fit, predict"),
        (
            "sklearn.ensemble.RandomForestClasifier",
            {},
            "has no 'RandomForestClasifier'; did you mean 'RandomForestClass",
        ),
        (FOREST, {"trees": 3}, "unexpected keyword argument 'trees'; it takes: n_estimators"),
        (FOREST, {"n_estimators": -1}, "The 'n_estimators' parameter of RandomForestClassifier must be an int"),
        ("antigravity_that_is_not.There", {}, "cannot be imported"),
    ],
)
def test_what_is_no_classifier_is_a_wrong_request(path: str, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        build_estimator(spec(path, **parameters))


@pytest.mark.parametrize(
    ("path", "changes", "message"),
    [
        ("sklearn.ensemble.RandomForestRegressor", {}, "is not a classifier: it predicts numbers; .* task: regression"),
        (
            FOREST,
            {"task": "regression", "gate": {"metric": "mae", "below": 1}},
            "predicts classes, and the task is reg",
        ),
        ("sklearn.svm.LinearSVC", {"gate": {"metric": "roc_auc"}}, "has no predict_proba, which the gate's roc_auc n"),
    ],
)
def test_an_estimator_of_another_task_is_a_wrong_request(path: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        build_estimator(spec(path), model(**changes))


def test_predict_proba_is_needed_only_where_a_metric_needs_it() -> None:
    build_estimator(spec("sklearn.svm.LinearSVC"), model(gate={"metric": "f1"}))


def test_the_default_is_a_forest_of_the_tasks_kind() -> None:
    assert model().chosen_estimator.class_path == FOREST
    chosen = model(gate={"metric": "rmse", "below": 1}, estimator={"parameters": {"n_estimators": 3}}).chosen_estimator
    assert (chosen.class_path, chosen.parameters) == ("sklearn.ensemble.RandomForestRegressor", {"n_estimators": 3})
    named = model(gate={"metric": "rmse", "below": 1}, estimator={"class": "sklearn.linear_model.Ridge"})
    assert named.chosen_estimator.class_path == "sklearn.linear_model.Ridge"


def test_rows_the_estimator_cannot_be_fitted_on_are_named(examples: Examples) -> None:
    huge = examples.features.assign(second=np.where(np.arange(240) == 7, -1e300, 1.0))
    with pytest.raises(CannotLearn, match=r"RandomForestClassifier cannot be fitted: .*'second' in 1 of 240 rows"):
        fit(spec(n_estimators=2), Examples(huge, examples.labels))


class Fails(BaseEstimator):  # type: ignore[misc]
    """An estimator that cannot be fitted."""

    def __init__(self, message: str = "secret value 7") -> None:
        self.message = message

    def fit(self, *_: Any) -> None:
        self.give_up()

    def give_up(self) -> None:
        raise LookupError(self.message)

    def predict(self, *_: Any) -> None:
        raise NotImplementedError


FAILS = f"{__name__}.Fails"


def test_an_estimator_that_fails_in_its_own_way_is_one_clear_error(examples: Examples) -> None:
    with pytest.raises(CannotLearn, match=r"Fails cannot be fitted: no tree today$") as caught:
        fit(spec(FAILS, message="no tree today\nat line 3"), examples)
    assert caught.value.exit_code == 1


def test_the_seed_is_zero_unless_the_project_names_one() -> None:
    assert build_estimator(spec()).random_state == 0
    assert build_estimator(spec(random_state=7)).random_state == 7
    assert not hasattr(build_estimator(spec("sklearn.naive_bayes.GaussianNB")), "random_state")


@pytest.mark.parametrize(
    "path",
    [FOREST, "sklearn.linear_model.LogisticRegression", "sklearn.ensemble.HistGradientBoostingClassifier"],
)
def test_fitting_twice_gives_the_same_answers(path: str, examples: Examples) -> None:
    first, second = (fit(spec(path), examples).predict_proba(examples.features) for _ in range(2))
    assert np.array_equal(first, second)
    assert ((first[:, 1] > 0.5) == examples.labels).mean() > 0.8


def test_unseen_categories_and_missing_values_are_answered(examples: Examples) -> None:
    pipeline = fit(spec(n_estimators=5), examples)
    unseen = pd.DataFrame({"first": [np.nan, 3.0], "second": [np.nan, 1.0], "kind": ["never seen", None]})
    assert pipeline.predict(unseen).tolist()[1] == 1


def test_missing_numbers_become_the_median_of_the_training_rows(examples: Examples) -> None:
    pipeline = fit(spec(n_estimators=2), examples)
    hole = pd.DataFrame({"first": [np.nan], "second": [1.0], "kind": ["a"]})
    filled = pipeline.named_steps["columns"].transform(hole)
    assert filled[0, 0] == np.nanmedian(examples.features["first"])


def test_a_column_that_is_always_empty_does_not_stop_the_fit(examples: Examples) -> None:
    features = examples.features.assign(second=np.nan, kind=None)
    features["kind"] = features["kind"].astype(object)
    pipeline = fit(spec(n_estimators=5), Examples(features, examples.labels))
    assert list(pipeline.feature_names_in_) == ["first", "second", "kind"]
    assert pipeline.predict(examples.features).shape == (240,)


def test_the_schema_is_what_the_pipeline_takes(examples: Examples) -> None:
    assert schema_of(examples) == {"first": "number", "second": "number", "kind": "text"}
    with pytest.raises(ValueError, match="columns are missing"):
        fit(spec(n_estimators=2), examples).predict(examples.features.drop(columns="kind"))


def test_a_column_that_was_always_empty_keeps_its_place(examples: Examples) -> None:
    empty = examples.features.assign(second=np.nan)
    fitted = fit(spec(n_estimators=2), Examples(empty, examples.labels))
    assert list(fitted.named_steps["columns"].get_feature_names_out()) == ["first", "second", "kind"]
    assert fitted.predict(examples.features).shape == (240,)


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_missing_category_and_one_never_seen_are_two_values_beside_the_known_ones(missing: float | None) -> None:
    features = pd.DataFrame({"kind": np.array(["a", "b", missing, "a"], dtype=object)})
    columns = fit(spec(n_estimators=2), Examples(features, np.array([0, 1, 0, 1]))).named_steps["columns"]
    asked = pd.DataFrame({"kind": np.array(["a", "b", missing, "never seen"], dtype=object)})
    assert len(set(columns.transform(asked).ravel())) == 4


def test_the_traceback_begins_in_the_estimators_own_code(examples: Examples) -> None:
    with pytest.raises(CannotLearn) as caught:
        fit(spec(FAILS), examples)
    first, *rest = [line for line in caught.value.frames.splitlines() if line.lstrip().startswith("File")]
    assert "test_fitting.py" in first
    assert "in fit" in first
    assert "in give_up" in rest[-1]
    assert "Error: secret value 7" not in caught.value.frames
    huge = Examples(examples.features.assign(second=1e300), examples.labels)
    with pytest.raises(CannotLearn) as caught:
        fit(spec(n_estimators=2), huge)
    assert caught.value.frames == ""
