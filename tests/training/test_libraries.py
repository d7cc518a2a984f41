"""XGBoost, LightGBM and CatBoost: fitted, stored without pickle, read back, and the same every time."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maestro_ml.core.stdout import printing_to_stderr
from maestro_ml.project.models import Estimator
from maestro_ml.training.estimator import build_estimator, estimator_defaults
from maestro_ml.training.examples import Examples
from maestro_ml.training.fitting import fit
from maestro_ml.training.predictions import predict
from maestro_ml.training.storage import load, save
from maestro_ml.training.target import Target

FEW = {"catboost": {"iterations": 10}, "xgboost": {"n_estimators": 10}, "lightgbm": {"n_estimators": 10}}
CLASSIFIERS = ["xgboost.XGBClassifier", "lightgbm.LGBMClassifier", "catboost.CatBoostClassifier"]
REGRESSORS = ["xgboost.XGBRegressor", "lightgbm.LGBMRegressor", "catboost.CatBoostRegressor"]


def spec(path: str, **more: Any) -> Estimator:
    return Estimator.model_validate({"class": path, "parameters": FEW[path.partition(".")[0]] | more})


def labelled(examples: Examples, task: str) -> tuple[Examples, Target]:
    """Return the examples with labels of a task that follow the first feature."""
    first = np.nan_to_num(examples.features["first"].to_numpy())
    if task == "numbers":
        return Examples(examples.features, first * 3), Target(task="regression", classes=())
    if task == "words":
        words = np.array(["high", "low", "middle"], dtype=object)[np.digitize(first, [-0.5, 0.5])]
        return Examples(examples.features, words), Target(task="multiclass", classes=("high", "low", "middle"))
    if task == "five and seven":
        return Examples(examples.features, np.where(first > 0, 7, 5)), Target(task="binary", classes=(5, 7))
    return examples, Target()


CASES = [
    *((path, task) for path in CLASSIFIERS for task in ("zero and one", "five and seven", "words")),
    *((path, "numbers") for path in REGRESSORS),
]


@pytest.mark.parametrize(("path", "task"), CASES)
def test_a_stored_model_answers_as_before(path: str, task: str, examples: Examples, tmp_path: Path) -> None:
    rows, target = labelled(examples, task)
    pipeline, file = fit(spec(path), rows), tmp_path / "model.skops"
    save(pipeline, file, path)
    assert not [name for name in zipfile.ZipFile(file).namelist() if name.endswith((".pkl", ".pickle"))]
    before, after = (predict(each, rows, target) for each in (pipeline, load(file, path)))
    assert np.array_equal(before.predicted, after.predicted)
    if target.task == "regression":
        assert np.abs(before.predicted - before.actual).mean() < np.abs(before.actual).mean()
    else:
        assert np.array_equal(before.probabilities, after.probabilities)  # type: ignore[arg-type]
        assert (before.predicted == before.actual).mean() > 0.8


@pytest.mark.parametrize("path", [*CLASSIFIERS, "sklearn.ensemble.HistGradientBoostingClassifier"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_data_and_threads_give_the_same_answers_bit_for_bit(
    path: str, threads: int, examples: Examples
) -> None:
    rows = Examples(examples.features.sample(5000, replace=True, random_state=0), np.resize(examples.labels, 5000))
    parameters = FEW.get(path.partition(".")[0], {"max_iter": 10})
    chosen = Estimator.model_validate({"class": path, "parameters": parameters, "threads": threads})
    first, second = (predict(fit(chosen, rows), rows).probabilities for _ in range(2))
    assert first is not None
    assert first.tobytes() == second.tobytes()  # type: ignore[union-attr]


def test_what_the_project_says_of_threads_seed_and_words_is_kept() -> None:
    assert estimator_defaults(spec("lightgbm.LGBMClassifier")) == {
        "random_state": 0, "n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1,
    }  # fmt: skip
    assert estimator_defaults(spec("lightgbm.LGBMClassifier", num_threads=3, force_col_wise=True, seed=1)) == {
        "deterministic": True, "verbose": -1,
    }  # fmt: skip
    assert estimator_defaults(spec("catboost.CatBoostClassifier", random_seed=3, logging_level="Silent")) == {
        "thread_count": 1, "allow_writing_files": False,
    }  # fmt: skip
    assert build_estimator(spec("xgboost.XGBClassifier")).get_params()["random_state"] == 0


def test_what_a_library_written_in_c_prints_does_not_reach_stdout(
    examples: Examples, capfd: pytest.CaptureFixture[str]
) -> None:
    with printing_to_stderr():
        print("from Python")
        fit(spec("lightgbm.LGBMClassifier", verbose=2), examples)
    print("the document")
    seen = capfd.readouterr()
    assert seen.out == "the document\n"
    assert "from Python" in seen.err
    assert "[LightGBM]" in seen.err
