"""A model on disk: no pickle, and nothing read back that the project did not name."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from maestro_ml.project.models import Estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.storage import StorageError, load, save


@pytest.mark.parametrize(
    ("path", "trusted"),
    [
        ("sklearn.ensemble.RandomForestClassifier", {"numpy.dtype", "sklearn.tree._tree.Tree"}),
        ("sklearn.linear_model.LogisticRegression", {"numpy.dtype"}),
        (
            "sklearn.ensemble.HistGradientBoostingClassifier",
            {"numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"},
        ),
    ],
)
def test_a_stored_model_answers_as_before(path: str, trusted: set[str], examples: Examples, tmp_path: Path) -> None:
    pipeline = fit(Estimator.model_validate({"class": path}), examples)
    file = tmp_path / "model.skops"
    assert set(save(pipeline, file, path)) == trusted
    again = load(file, path).predict_proba(examples.features)
    assert np.array_equal(again, pipeline.predict_proba(examples.features))
    assert not [name for name in zipfile.ZipFile(file).namelist() if name.endswith((".pkl", ".pickle"))]


def test_a_model_that_brings_foreign_code_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    smuggled = Pipeline([("run", FunctionTransformer(func=zipfile.is_zipfile))])
    skops.io.dump(smuggled, file)
    with pytest.raises(StorageError, match=r"holds zipfile\.is_zipfile, which is not of the package 'sklearn'"):
        load(file, "sklearn.ensemble.RandomForestClassifier")


def test_trust_is_for_the_estimators_own_package(tmp_path: Path) -> None:
    file = tmp_path / "model.skops"
    skops.io.dump(Pipeline([("run", FunctionTransformer(func=zipfile.is_zipfile))]), file)
    assert load(file, "zipfile.SomeClassifier").named_steps["run"].func is zipfile.is_zipfile


class Session:
    """Cannot be written, like a connection."""

    def __getstate__(self) -> object:
        raise TypeError("a session cannot be written")


def test_what_skops_cannot_write_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"the model of sklearn\.x cannot be stored with skops: ") as caught:
        save(Pipeline([("run", FunctionTransformer(kw_args={"session": Session()}))]), tmp_path / "m", "sklearn.x")
    assert caught.value.exit_code == 1
