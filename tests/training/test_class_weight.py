"""Balanced classes: the same as the estimator's own parameter, for any estimator whose fit takes weights."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.estimator import build_estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit

LINE = "sklearn.linear_model.LogisticRegression"


def spec(path: str, **parameters: Any) -> Estimator:
    return Estimator.model_validate({"class": path, "parameters": parameters})


@pytest.fixture
def rare() -> Examples:
    """Provide one row in twenty is `yes`, and only more often so where x is large."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    labels = np.where(x + rng.normal(size=2000) > 2.4, "yes", "no").astype(object)
    return Examples(pd.DataFrame({"x": x}), labels)


@pytest.mark.parametrize(
    "path",
    [
        LINE,
        "sklearn.ensemble.HistGradientBoostingClassifier",
        "xgboost.XGBClassifier",
        "lightgbm.LGBMClassifier",
        "catboost.CatBoostClassifier",
    ],
)
def test_balanced_finds_the_rare_class_more_often(path: str, rare: Examples) -> None:
    parameters = {} if path == LINE else {"max_depth": 2}
    plain, balanced = (
        np.ravel(fit(spec(path, **parameters), rare, class_weight=weight).predict(rare.features)) == "yes"
        for weight in (None, "balanced")
    )
    assert balanced.sum() > 2 * plain.sum()


def test_it_is_what_the_estimators_own_parameter_does(rare: Examples) -> None:
    ours = fit(spec(LINE), rare, class_weight="balanced").predict_proba(rare.features)
    own = fit(spec(LINE, class_weight="balanced"), rare).predict_proba(rare.features)
    assert ours == pytest.approx(own, abs=1e-9)


def test_an_estimator_that_takes_no_weights_is_a_wrong_request() -> None:
    keys = {"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}}
    neighbours = spec("sklearn.neighbors.KNeighborsClassifier")
    build_estimator(neighbours, Model.model_validate(keys))
    with pytest.raises(RequestError, match="KNeighborsClassifier takes no sample_weight, which class_weight needs"):
        build_estimator(neighbours, Model.model_validate(keys | {"class_weight": "balanced"}))
