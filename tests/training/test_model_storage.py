"""A model on disk: no pickle unless it is allowed, and nothing read back that the project did not name."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from maestro_ml.project.models import Estimator
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.storage import StorageError, load, save, save_by_pickle


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


def test_equal_vectorizers_of_text_give_equal_files_though_they_remember_an_address(tmp_path: Path) -> None:
    contents, kept = [], []
    for number in (1, 2):
        vectorizer = TfidfVectorizer(stop_words=["and", "or"])
        pipeline = Pipeline([("columns", vectorizer), ("estimator", LogisticRegression())])
        pipeline.fit(["fever and cough", "no fever", "cough", "nothing"], [1, 0, 1, 0])
        save(pipeline, tmp_path / f"{number}.skops", "sklearn.linear_model.LogisticRegression")
        contents.append((tmp_path / f"{number}.skops").read_bytes())
        kept.append(vectorizer)
    assert kept[0]._stop_words_id != kept[1]._stop_words_id
    assert contents[0] == contents[1]
    again = load(tmp_path / "1.skops", "sklearn.linear_model.LogisticRegression")
    assert again.predict(["cough"]).tolist() == [1]


def test_what_skops_cannot_write_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"the model of sklearn\.x cannot be stored with skops: ") as caught:
        save(Pipeline([("run", FunctionTransformer(kw_args={"session": Session()}))]), tmp_path / "m", "sklearn.x")
    assert caught.value.exit_code == 1


def test_what_skops_would_not_find_again_is_refused_when_it_is_written(tmp_path: Path) -> None:
    pipeline = Pipeline([("run", FunctionTransformer(func=lambda rows: rows))])
    with pytest.raises(StorageError, match=r"cannot be stored with skops: it holds .*<lambda>, which no import finds"):
        save(pipeline, tmp_path / "m", f"{__name__}.Own")


def test_a_pickle_is_read_only_where_it_is_allowed(tmp_path: Path, examples: Examples) -> None:
    path, file = "sklearn.linear_model.LogisticRegression", tmp_path / "model.pkl"
    pipeline = fit(Estimator.model_validate({"class": path}), examples)
    save_by_pickle(pipeline, file, path)
    with pytest.raises(StorageError, match="stored by pickle, which runs code when it is read"):
        load(file, path)
    again = load(file, path, allow_pickle=True)
    assert np.array_equal(again.predict(examples.features), pipeline.predict(examples.features))


def test_what_pickle_cannot_write_either_is_one_clear_error(tmp_path: Path) -> None:
    pipeline = Pipeline([("run", FunctionTransformer(kw_args={"session": Session()}))])
    with pytest.raises(StorageError, match=r"the model of sklearn\.x cannot be stored by pickle either: a session"):
        save_by_pickle(pipeline, tmp_path / "model.pkl", "sklearn.x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "path",
    ["sklearn.ensemble.RandomForestClassifier", "sklearn.ensemble.HistGradientBoostingClassifier"],
)
def test_equal_models_give_equal_files(path: str, examples: Examples, tmp_path: Path) -> None:
    contents = []
    for number in range(2):
        # Equal texts that are different objects, as two project files have them.
        spec = Estimator.model_validate({"class": path, "parameters": {"random_state": number // 2}})
        save(fit(spec, examples), tmp_path / f"{number}.skops", path)
        contents.append((tmp_path / f"{number}.skops").read_bytes())
    assert contents[0] == contents[1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["0.skops", "1.skops"]


def test_an_object_that_a_model_has_twice_is_still_one(tmp_path: Path) -> None:
    shared = {"factor": np.arange(3)}
    pipeline = Pipeline([("one", FunctionTransformer(kw_args=shared)), ("two", FunctionTransformer(kw_args=shared))])
    save(pipeline, tmp_path / "model.skops", "sklearn.pipeline.Pipeline")
    again = load(tmp_path / "model.skops", "sklearn.pipeline.Pipeline")
    assert again.named_steps["one"].kw_args is again.named_steps["two"].kw_args
    assert again.named_steps["one"].kw_args["factor"].tolist() == [0, 1, 2]
