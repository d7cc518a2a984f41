"""skops without the whole of scikit-learn: the same types are trusted, by us and by others."""

import subprocess
import sys
from pathlib import Path

import skops.io._general as lists
from sklearn.cluster import KMeans
from sklearn.utils import all_estimators

from maestro_ml.training.quick_skops import is_public_estimator


def test_the_estimators_are_those_that_skops_looks_up() -> None:
    listed = {f"{found.__module__}.{found.__name__}" for _, found in all_estimators()}
    assert len(listed) > 150
    assert [name for name in sorted(listed) if not is_public_estimator(name)] == []
    others = ["sklearn.tree._tree.Tree", "sklearn.base.BaseEstimator", "sklearn.base.ClassifierMixin"]
    others += [
        "sklearn.utils._mocking.CheckingClassifier",
        "sklearn.ensemble._forest.BaseForest",
        "sklearn.ensemble.No",
    ]
    others += ["builtins.eval", "sklearn.utils.all_estimators"]
    assert [name for name in others if is_public_estimator(name)] == []


def test_others_in_the_process_find_the_whole_list() -> None:
    found = lists.SKLEARN_ESTIMATOR_TYPE_NAMES + ["own"]  # noqa: RUF005 - as skops does
    assert {f"{KMeans.__module__}.KMeans", "own"} <= {*found}


def test_neither_saving_nor_loading_imports_what_the_model_does_not_need(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from sklearn.tree import DecisionTreeClassifier
from sklearn.pipeline import make_pipeline
from maestro_ml.training.storage import load, save
path = "sklearn.tree.DecisionTreeClassifier"
file = Path(sys.argv[1])
assert save(make_pipeline(DecisionTreeClassifier().fit([[0], [1]], [0, 1])), file, path) == ["sklearn.tree._tree.Tree"]
assert load(file, path).predict([[1]]).tolist() == [1]
import skops.io
skops.io.load(file, trusted=["sklearn.tree._tree.Tree"]) if "others" in sys.argv else None
print("sklearn.datasets" in sys.modules)
"""
    run = [sys.executable, "-c", code, str(tmp_path / "model.skops")]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "False\n"
    assert subprocess.run([*run, "others"], capture_output=True, text=True, check=True).stdout == "True\n"
