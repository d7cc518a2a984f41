"""The Python beside maestro.yaml serves every step, and goes with the model."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from forked import WITHOUT_MAESTRO, maestro, run_forked

from maestro_ml.core.own_code import make_importable, modules_in
from maestro_ml.project import ProjectError, load_project

MODELS = '''\
from sklearn.base import BaseEstimator, ClassifierMixin
from shop_parts.limits import Limit


class Halves(ClassifierMixin, BaseEstimator):
    """Answer 1 above the middle between the two classes."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, X, y):
        print("fitting by hand")
        self.classes_ = [0, 1]
        self.limit_ = Limit((X[y == 0].mean() + X[y == 1].mean()) / 2 + self.shift)
        return self

    def predict(self, X):
        return self.limit_.above(X[:, 0]).astype(int)

    def predict_proba(self, X):
        one = self.predict(X)
        return __import__("numpy").column_stack([1 - one, one])
'''
LIMITS = """\
class Limit:
    def __init__(self, value=0.0):
        self.value = value

    def above(self, values):
        return values > self.value
"""
RULES = '''\
from typing import ClassVar, Literal
from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.tolerance import count_probe
from maestro_ml.drift_methods.method import DriftMethod, Outcome
from maestro_ml.sql.identifiers import quoted


class Below(TolerantCheck):
    """Numbers are below `limit`."""

    why: ClassVar = "Nothing is that large."
    check: Literal["below"]
    column: str
    limit: float

    def probe(self, rows):
        bad = f"{quoted(self.column)} >= {self.limit}"
        return count_probe(self, rows.dataset, bad, f"are not below {self.limit}")


def medians(reference, current):
    import numpy as np
    moved = float(abs(np.median(reference) - np.median(current)))
    return Outcome(len(reference), len(current), statistic=moved, description="the median moved by {value}")


MEDIANS = DriftMethod(name="medians", why="The middle has moved.", limit=0.5, compare_numbers=medians)
'''
SALES = {
    "checks": [{"check": "shop_rules_of_own.Below", "column": "x", "limit": 100}],
    "reference": {"kind": "previous"},
    "drift": {"columns": ["x"], "tests": {"numeric": "shop_rules_of_own.MEDIANS"}},
}
OWN = {"window": "40d", "test": "10d", "estimator": {"class": "shop_models.Halves"}}


@pytest.fixture
def shop(shop_with: Callable[..., Path]) -> Path:
    files = {"shop_parts/__init__.py": "", "shop_parts/limits.py": LIMITS}
    return shop_with(files | {"shop_models.py": MODELS, "shop_rules_of_own.py": RULES}, SALES, OWN)


def test_checks_and_drift_methods_are_found_beside_the_project_file(shop: Path, tmp_path: Path) -> None:
    result = maestro("validate", "sales", "--project", shop, "--at", "2024-02-10", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    [step] = json.loads(result.stdout)["steps"]
    checked = {f["check"] for f in json.loads(Path(step["result"]["artifacts"]["findings"]).read_text())["findings"]}
    assert {"below", "drift_medians"} <= checked or {"below", "medians"} <= checked, checked


def test_a_model_of_the_projects_own_is_registered_and_loads_without_the_project(
    shop: Path, tmp_path: Path, empty_tracking_store: Path
) -> None:
    shutil.copy(empty_tracking_store, shop)
    result = maestro("train", "own", "--project", shop, "--at", "2024-02-10", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    *_, registered = json.loads(result.stdout)["steps"]  # what the estimator prints is not on stdout
    assert registered["result"]["version"] == "1"
    folder = tmp_path / "shop"
    hidden = folder.rename(tmp_path / "moved")
    (hidden / "shop_models.py").unlink()
    (hidden / "shop_parts" / "limits.py").unlink()
    folder.mkdir()  # MLflow's database has absolute paths
    (folder / "mlartifacts").symlink_to(hidden / "mlartifacts")
    script = (
        f"{WITHOUT_MAESTRO}\n"
        "import mlflow, pandas as pd\n"
        f"mlflow.set_tracking_uri('sqlite:///{hidden / 'mlflow.db'}')\n"
        "model = mlflow.pyfunc.load_model('models:/own/1')\n"
        "print(model.predict(pd.DataFrame({'x': [-2.0, 2.0]})).tolist())\n"
    )
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    loaded = run_forked(script, cwd=other_folder)
    assert loaded.stdout.strip() == "[0, 1]", loaded.stderr[-2000:]


def test_a_task_of_airflow_finds_the_projects_own_code(shop: Path, tmp_path: Path) -> None:
    script = (
        "import os; os.environ['MAESTRO_PROJECT'] = " + repr(str(shop)) + "\n"
        "from maestro_ml.airflow.current_project import current_project\n"
        "current_project()\n"
        "import shop_models; print(shop_models.Halves.__name__)\n"
    )
    result = run_forked(script, cwd=tmp_path)
    assert result.stdout.split()[-1:] == ["Halves"], result.stderr


def test_another_projects_module_of_the_same_name_is_another_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "same_name_of_both.py").write_text(f"NAME = '{name}'\n")
    for name in ("one", "two", "one"):
        make_importable(tmp_path / name)
        import same_name_of_both

        assert name == same_name_of_both.NAME
    assert str(tmp_path / "two") not in sys.path


def test_a_module_that_is_not_there_is_refused_with_where_it_was_looked_for(shop: Path) -> None:
    (shop / "shop_rules_of_own.py").unlink()
    with pytest.raises(ProjectError, match=r"No module named 'shop_rules_of_own'; a module is a file beside maestro"):
        load_project(shop)


def test_tests_dags_and_data_are_no_code_of_the_project(shop: Path) -> None:
    for name in ("tests", "dags", "notes"):
        (shop / name).mkdir()
    (shop / "tests" / "test_it.py").touch()
    (shop / "dags" / "nightly.py").touch()
    assert [path.name for path in modules_in(shop)] == ["shop_models.py", "shop_rules_of_own.py", "shop_parts"]
