"""Misspelled import paths are found without importing anything, and nothing else is called misspelled."""

import subprocess
import sys
from pathlib import Path

import pytest

from maestro_ml.core.static_names import misspelling


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("sklearn.ensemble.RandomForrestClassifier", "has no 'RandomForrestClassifier'; did you mean 'RandomForestCl"),
        ("sklearn.linear_modle.Ridge", "sklearn has no module 'linear_modle'; did you mean 'linear_model'?"),
        ("lightgbm.LGBMClasifier", "did you mean 'LGBMClassifier'?"),
        ("json.zzz", "the module json has no 'zzz'"),
    ],
)
def test_a_misspelled_path_is_named(path: str, message: str) -> None:
    assert message in (misspelling(path) or "")


@pytest.mark.parametrize(
    "path",
    [
        "sklearn.ensemble.RandomForestClassifier",
        "sklearn.ensemble._forest.RandomForestClassifier",
        "sklearn.svm.LinearSVC",
        "sklearn.pipeline.Pipeline",
        "sklearn.feature_extraction.text.TfidfVectorizer",
        "xgboost.XGBClassifier",
        "lightgbm.LGBMRegressor",
        "catboost.CatBoostClassifier",
        "catboost.core.CatBoostClassifier",
        "not_installed_here.Model",
        "collections.OrderedDict",
        "builtins.dict",
        "sys.path",
    ],
)
def test_what_is_there_or_may_be_elsewhere_is_no_mistake(path: str) -> None:
    assert misspelling(path) is None


@pytest.mark.parametrize(
    "text",
    ["def __getattr__(name): return 1", "from json import *", "globals().update(Made=1)", "class Made: ...", "Made = 1",
     "if True:\n    class Made: ...", "try:\n    from json import loads as Made\nexcept ImportError: ...", "def ("],
)  # fmt: skip
def test_a_module_that_can_have_the_name_is_not_accused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_here.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert misspelling("made_here.Made") is None


def test_nothing_is_imported() -> None:
    code = (
        "import sys; from maestro_ml.core.static_names import misspelling; misspelling('sklearn.ensemble.Forest'); "
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
