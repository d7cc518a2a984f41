"""A transformation of a project's own: that of docs/extending.md, as it stands there."""

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maestro_ml.core.own_code import make_importable
from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.storage import load, save

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
LOGISTIC = "sklearn.linear_model.LogisticRegression"
NIGHT = {"columns": ["hour"], "steps": [{"class": "my_features.OnACircle", "parameters": {"hours": 24}}]}


@pytest.fixture
def nights(tmp_path) -> Examples:
    """Provide hours of which those around midnight are of class 1, which no line through them parts.

    And the page's code.
    """
    section = PAGE.read_text().partition("## A transformation\n")[2].partition("## ")[0]
    code = [line for line in section.splitlines() if line.startswith("    ") or not line]
    (tmp_path / "my_features.py").write_text(textwrap.dedent("\n".join(code)))
    make_importable(tmp_path)
    hours = np.arange(480) % 24
    features = pd.DataFrame({"hour": hours, "place": np.where(hours % 2, "a", "b")})
    return Examples(features, ((hours < 5) | (hours > 19)).astype(int))


def declared(*parts: dict):
    text = {"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}, "preprocessing": [*parts]}
    return Model.model_validate(text).preprocessing


def test_it_is_fitted_stored_and_read_back_with_the_model(nights, tmp_path):
    estimator = Estimator.model_validate({"class": LOGISTIC})
    pipeline = fit(estimator, nights, declared(NIGHT))
    assert (pipeline.predict(nights.features) == nights.labels).mean() > 0.95
    assert (fit(estimator, nights, "default").predict(nights.features) == nights.labels).mean() < 0.9
    assert {"hour_sin", "hour_cos", "place"} == {*pipeline.named_steps["columns"].get_feature_names_out()}
    save(pipeline, tmp_path / "model", LOGISTIC, "my_features.OnACircle")
    again = load(tmp_path / "model", LOGISTIC, "my_features.OnACircle")
    assert np.array_equal(again.predict(nights.features), pipeline.predict(nights.features))


def test_a_parameter_it_does_not_take_is_named(nights):
    wrong = {"columns": ["hour"], "steps": [{"class": "my_features.OnACircle", "parameters": {"hour": 24}}]}
    with pytest.raises(RequestError, match=r"my_features\.OnACircle: .*it takes: hours"):
        fit(Estimator.model_validate({"class": LOGISTIC}), nights, declared(wrong))
