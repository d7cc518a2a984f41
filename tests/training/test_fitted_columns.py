"""The default preprocessing in parts leaves what it leaves in one go, to the last bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from maestro_ml.training import fitted_columns
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitted_columns import fit_transform, taken_by
from maestro_ml.training.preprocessing import build_preprocessing
from maestro_ml.training.storage import save


@pytest.fixture
def features() -> pd.DataFrame:
    """Provide numbers of even and odd counts, with and without holes, a column of nothing, and texts that come late."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(500, 4)), columns=["a", "b", "c", "nothing"])
    frame.loc[rng.random(500) < 0.3, "b"] = np.nan
    frame.loc[:399, "c"] = np.nan
    frame["nothing"] = np.nan
    frame.insert(1, "kind", ["x"] * 300 + ["b", None] * 100)
    frame.insert(3, "other", [None] * 450 + ["z"] * 50)
    return frame


def preprocessing(features: pd.DataFrame) -> Any:
    return build_preprocessing("default", Examples(features, np.zeros(len(features))))


@pytest.mark.parametrize("columns", [["a", "kind", "b", "other", "c", "nothing"], ["a", "b", "c"], ["kind", "other"]])
@pytest.mark.parametrize("rows", [500, 499, 3])
def test_numbers_and_transformers_are_the_same_as_in_one_go(
    columns: list[str], rows: int, features: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted_columns, "ROWS_AT_ONCE", 64)
    some = features[columns].head(rows)
    whole, in_parts = preprocessing(some), preprocessing(some)
    expected = whole.fit_transform(some)
    found = fit_transform(in_parts, some, np.float64)
    assert found.tobytes("A") == expected.tobytes("A")
    assert found.flags.f_contiguous == expected.flags.f_contiguous
    for name, each in (("whole", whole), ("parts", in_parts)):
        save(Pipeline([("columns", each), ("estimator", LogisticRegression())]), tmp_path / name, "sklearn.x")
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "parts").read_bytes()


def numbers(rows: int) -> tuple[np.ndarray[Any, Any], pd.DataFrame]:
    """Make an array of three numbers a row, and a table that is a view of it, as a training set is read."""
    block = np.random.default_rng(1).normal(size=(3, rows))
    block[0, ::3] = np.nan
    return block, pd.DataFrame(block.T, columns=["a", "b", "c"], copy=False)


def test_features_that_nobody_needs_any_more_give_their_place_to_what_becomes_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitted_columns, "ROWS_AT_ONCE", 64)
    block, table = numbers(500)
    expected = preprocessing(table).fit_transform(table)
    found = fit_transform(preprocessing(table), table, np.float64, in_place=True)
    assert np.shares_memory(found, block)
    assert found.tobytes("A") == expected.tobytes("A")


def test_features_stay_as_they_are_unless_that_is_permitted_and_possible(
    features: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitted_columns, "ROWS_AT_ONCE", 64)
    _, table = numbers(500)
    apart = pd.concat([table[["a", "b"]], table[["c"]].copy()], axis=1)  # two arrays
    for given, kind, in_place in (
        (table, np.float64, False),
        (table, np.float32, True),
        (apart, np.float64, True),
        (features, np.float64, True),
    ):
        before = given.copy()
        found = fit_transform(preprocessing(given), given, kind, in_place=in_place)
        assert found.tobytes("A") == preprocessing(before).fit_transform(before).astype(kind).tobytes("A")
        pd.testing.assert_frame_equal(given, before)


def test_forests_get_the_numbers_that_they_would_make_of_them() -> None:
    class Own(RandomForestClassifier):  # type: ignore[misc]
        def fit(self, *rows: Any) -> "Own":  # may want all digits
            raise NotImplementedError

    assert {taken_by(each) for each in (RandomForestClassifier(), ExtraTreesRegressor())} == {np.float32}
    assert {taken_by(each) for each in (HistGradientBoostingClassifier(), LogisticRegression(), Own())} == {np.float64}


def test_a_forest_is_the_same_as_of_a_pipeline(features: pd.DataFrame, tmp_path: Path) -> None:
    from maestro_ml.project.models import Estimator
    from maestro_ml.training.fitting import fit

    labels = (features["a"] > 0).astype(int).to_numpy()
    path = "sklearn.ensemble.RandomForestClassifier"
    spec = Estimator.model_validate({"class": path, "parameters": {"max_depth": 4}})
    ours = fit(spec, Examples(features, labels), class_weight="balanced")
    forest = RandomForestClassifier(max_depth=4, random_state=0)
    weights = np.where(labels == 1, len(labels) / (2 * labels.sum()), len(labels) / (2 * (1 - labels).sum()))
    theirs = Pipeline([("columns", preprocessing(features)), ("estimator", forest)])
    theirs.fit(features, labels, estimator__sample_weight=weights)
    for name, each in (("ours", ours), ("theirs", theirs)):
        save(each, tmp_path / name, "sklearn.x")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
