"""What happens to the features before the fit: by default, as declared, or nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import RequestError
from maestro_ml.project.models import Estimator, Model
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.model_card import importances
from maestro_ml.training.preprocessing import describe, doubtful_texts
from maestro_ml.training.storage import load, save

TREE = {"class": "sklearn.tree.DecisionTreeClassifier"}
LOGISTIC = {"class": "sklearn.linear_model.LogisticRegression"}


def declared(preprocessing: Any) -> Any:
    """Return the declaration as the project file's model holds it."""
    text = {"dataset": "d", "label": "y", "columns": ["x"], "register": {"name": "r"}, "preprocessing": preprocessing}
    return Model.model_validate(text).preprocessing


@pytest.fixture
def reviews() -> Examples:
    """Provide texts whose words decide the label, some of them missing, beside a number."""
    rng = np.random.default_rng(0)
    good = rng.integers(0, 2, 300)
    texts = [f"{'lovely' if each else 'awful'} stay number {n}" for n, each in enumerate(good)]
    texts = [None if n % 50 == 7 else text for n, text in enumerate(texts)]
    return Examples(pd.DataFrame({"note": np.array(texts, dtype=object), "stars": rng.normal(size=300)}), good)


VECTORS = {"columns": ["note"], "steps": [{"class": "sklearn.feature_extraction.text.TfidfVectorizer"}]}


def test_text_can_be_vectorized_and_the_model_is_stored_and_read_back(reviews: Examples, tmp_path: Path) -> None:
    pipeline = fit(Estimator.model_validate(LOGISTIC), reviews, declared([VECTORS]))
    answers = pipeline.predict(reviews.features)
    assert (answers == reviews.labels).mean() > 0.95
    assert pipeline.named_steps["columns"].transform(reviews.features).shape[1] > 200
    save(pipeline, tmp_path / "m", LOGISTIC["class"])
    assert np.array_equal(load(tmp_path / "m", LOGISTIC["class"]).predict(reviews.features), answers)


def test_words_that_are_named_as_a_column_or_stand_in_two_columns_count_for_their_own_column(reviews: Examples) -> None:
    features = reviews.features.assign(answer=reviews.features["note"].fillna("lovely stars"))
    parts = [VECTORS, {**VECTORS, "columns": ["answer"]}]
    pipeline = fit(Estimator.model_validate(TREE), Examples(features, reviews.labels), declared(parts))
    weights = importances(pipeline)
    assert set(weights) == {"note", "stars", "answer"}
    assert sum(weights.values()) == pytest.approx(1)
    assert next(iter(weights)) in ("note", "answer")


def test_columns_that_are_mixed_or_named_by_nobody_have_no_importances(examples: Examples) -> None:
    mixed = {"columns": ["first", "second"], "steps": [
        {"class": "sklearn.impute.SimpleImputer"}, {"class": "sklearn.decomposition.PCA"},
    ]}  # fmt: skip
    assert importances(fit(Estimator.model_validate(TREE), examples, declared([mixed]))) == {}
    nameless = {**mixed, "steps": [mixed["steps"][0], {"class": "sklearn.preprocessing.FunctionTransformer"}]}
    assert importances(fit(Estimator.model_validate(TREE), examples, declared([nameless]))) == {}


def test_columns_without_a_declaration_are_treated_by_default(examples: Examples) -> None:
    scaled = declared([{"columns": ["second"], "steps": [
        {"class": "sklearn.impute.SimpleImputer", "parameters": {"strategy": "constant", "fill_value": 9}},
        {"class": "sklearn.preprocessing.StandardScaler"},
    ]}])  # fmt: skip
    columns = fit(Estimator.model_validate(TREE), examples, scaled).named_steps["columns"]
    frame = pd.DataFrame(columns.transform(examples.features), columns=columns.get_feature_names_out())
    assert frame["second"].std() == pytest.approx(1, abs=0.01)
    assert set(frame["kind"]) == {0.0, 1.0, 2.0}
    assert not frame["first"].isna().any()


def test_without_preprocessing_the_estimator_gets_the_columns_as_they_are(examples: Examples) -> None:
    numbers = Examples(examples.features[["first", "second"]], examples.labels)
    forest = {"class": "sklearn.ensemble.HistGradientBoostingClassifier"}
    pipeline = fit(Estimator.model_validate(forest), numbers, "none")
    assert [name for name, _ in pipeline.steps] == ["estimator"]
    assert list(pipeline.feature_names_in_) == ["first", "second"]
    assert importances(pipeline) == {}


def test_a_function_or_a_class_makes_the_transformer_of_all_columns(examples: Examples) -> None:
    numbers = Examples(examples.features[["second"]], examples.labels)
    pipeline = fit(Estimator.model_validate(TREE), numbers, declared("sklearn.preprocessing.StandardScaler"))
    assert type(pipeline.named_steps["columns"]).__name__ == "StandardScaler"


@pytest.mark.parametrize(
    ("preprocessing", "message"),
    [
        ("sklearn.preprocessing.StandardScalar", "has no 'StandardScalar'; did you mean 'StandardScaler'"),
        ("json.JSONDecoder", "is not a transformer: it lacks fit, transform"),
        ([VECTORS | {"columns": ["nothing"]}], "names nothing, which is no feature of the model"),
        ([VECTORS | {"columns": ["kind", "first"]}], "takes one column of text, not 2"),
        (
            [
                {
                    "columns": ["first"],
                    "steps": [{"class": "sklearn.preprocessing.Binarizer", "parameters": {"limit": 1}}],
                }
            ],
            "unexpected keyword argument 'limit'; it takes: threshold",
        ),
    ],
)
def test_what_is_no_transformer_is_a_wrong_request(preprocessing: Any, message: str, examples: Examples) -> None:
    with pytest.raises(RequestError, match=message):
        fit(Estimator.model_validate(TREE), examples, declared(preprocessing))


def test_text_of_many_values_is_named_unless_a_transformer_is_declared_for_it(
    reviews: Examples, examples: Examples
) -> None:
    assert doubtful_texts("default", reviews) == {"note": 294}
    assert doubtful_texts(declared([VECTORS]), reviews) == {}
    assert doubtful_texts("none", reviews) == {}
    assert doubtful_texts("default", examples) == {}


def test_what_is_done_before_the_fit_is_described(examples: Examples) -> None:
    median, ordinal = describe("default", examples)
    assert median.endswith("median in the training rows: first, second")
    assert ordinal.endswith(": kind")
    assert describe("none", examples) == ["the estimator gets the columns as they are"]
    assert describe(declared([VECTORS | {"columns": ["kind"]}]), examples)[-1].endswith("TfidfVectorizer: kind")
