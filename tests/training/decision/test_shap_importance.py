"""SHAP importance: of trees, linear models and any other, by the features that the project names."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.decision import shap_importance as module
from maestro_ml.training.decision.shap_importance import check_importance, shap_importance
from maestro_ml.training.errors import CannotLearn
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit

ESTIMATORS = {
    "forest": ("sklearn.ensemble.RandomForestClassifier", {"n_estimators": 10}),
    "boosted trees": ("sklearn.ensemble.HistGradientBoostingClassifier", {"max_iter": 20}),
    "boosted trees of another library": ("xgboost.XGBClassifier", {"n_estimators": 20}),
    "linear": ("sklearn.linear_model.LogisticRegression", {}),
    "any other": ("sklearn.neighbors.KNeighborsClassifier", {}),
}


def examples(rows=300, labels=("no", "yes")):
    rng = np.random.default_rng(0)
    features = pd.DataFrame({
        "noise": rng.normal(size=rows),
        "strong": rng.normal(size=rows),
        "weak": rng.normal(size=rows),
        "kind": rng.choice(["a", "b", "c"], rows).astype(object),
    })  # fmt: skip
    score = 3 * features["strong"] + features["weak"]
    codes = np.digitize(score, np.quantile(score, np.linspace(0, 1, len(labels) + 1)[1:-1]))
    return Examples(features, np.array(labels)[codes])


@pytest.mark.parametrize(("path", "parameters"), ESTIMATORS.values(), ids=ESTIMATORS)
def test_the_feature_that_decides_comes_first_and_all_are_there(path, parameters):
    rows = examples(60 if "neighbors" in path else 300)
    found, count = shap_importance(fit(Estimator(**{"class": path}, parameters=parameters), rows), rows)
    assert list(found)[:2] == ["strong", "weak"]
    assert set(found) == {"noise", "strong", "weak", "kind"}
    assert 20 <= count <= 300
    assert found["strong"] > 2 * found["noise"] >= 0


def test_more_than_two_classes_and_numbers_are_explained_too():
    rows = examples(labels=("a", "b", "c"))
    found, _ = shap_importance(fit(Estimator(parameters={"n_estimators": 10}), rows), rows)
    assert next(iter(found)) == "strong"
    numbers = Examples(rows.features, 5.0 * rows.features["strong"].to_numpy())
    line = fit(Estimator(**{"class": "sklearn.linear_model.LinearRegression"}), numbers)
    found, _ = shap_importance(line, numbers)
    distance = np.abs(rows.features["strong"] - rows.features["strong"].mean()).mean()
    assert found["strong"] == pytest.approx(5 * distance, rel=0.2)
    assert found["noise"] == pytest.approx(0, abs=1e-9)


def test_what_one_feature_is_made_into_is_added_up():
    rows = examples()
    one_hot = [{"columns": ["kind"], "steps": [{"class": "sklearn.preprocessing.OneHotEncoder"}]}]
    model = Model.model_validate(
        {"dataset": "d", "label": "y", "preprocessing": one_hot, "register": {"name": "m"}, "importance": "shap"}
    )
    line = Estimator(**{"class": "sklearn.linear_model.LogisticRegression"})
    found, _ = shap_importance(fit(line, rows, model.preprocessing), rows)
    assert set(found) == {"noise", "strong", "weak", "kind"}


def test_without_preprocessing_the_columns_are_the_features():
    rows = examples()
    rows = Examples(rows.features.drop(columns="kind"), rows.labels)
    path, parameters = ESTIMATORS["boosted trees"]
    found, _ = shap_importance(fit(Estimator(**{"class": path}, parameters=parameters), rows, "none"), rows)
    assert set(found) == {"noise", "strong", "weak"}


def test_a_deep_forest_is_explained_on_fewer_rows(monkeypatch):
    rows = examples()
    forest = fit(Estimator(parameters={"n_estimators": 10}), rows)
    monkeypatch.setattr(module, "MOST_STEPS", 1)
    assert shap_importance(forest, rows)[1] == 20


def test_what_cannot_be_explained_ends_in_a_sentence_with_a_way_out():
    rows = examples()
    pipeline = fit(Estimator(**{"class": "catboost.CatBoostClassifier"}, parameters={"cat_features": ["kind"]}), rows,
                   "none")  # fmt: skip
    with pytest.raises(CannotLearn, match=r"shap cannot explain a CatBoostClassifier: .*; use importance: permutation"):
        shap_importance(pipeline, rows)


def test_where_the_package_is_missing_the_key_and_the_extra_are_named(monkeypatch):
    model = Model.model_validate(
        {"dataset": "d", "label": "y", "register": {"name": "m"}, "importance": "shap", "columns": ["x"]}
    )
    check_importance("late", model)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "shap" else find_spec(name))
    with pytest.raises(RequestError, match=r"^models\.late\.importance: shap needs .*maestro-ml\[shap\]"):
        check_importance("late", model)
    check_importance("late", model.model_copy(update={"importance": "permutation"}))
