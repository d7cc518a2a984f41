"""A model that skops cannot write: refused, unless the project allows pickle, and then the record says so."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from forked import maestro, run_forked

# skops writes no function that has no name.
MODELS = '''\
from sklearn.base import BaseEstimator, ClassifierMixin


class Nameless(ClassifierMixin, BaseEstimator):
    """Answer 1 above the middle between the two classes, by a function made in the fit."""

    def fit(self, X, y):
        self.classes_ = [0, 1]
        middle = (X[y == 0].mean() + X[y == 1].mean()) / 2
        self.rule_ = lambda values: (values > middle).astype(int)
        return self

    def predict(self, X):
        return self.rule_(X[:, 0])
'''


@pytest.fixture
def shop(shop_with: Callable[..., Path], empty_tracking_store: Path) -> Path:
    own = {"window": "20d", "test": "5d", "estimator": {"class": "nameless_models.Nameless"}}
    folder = shop_with({"nameless_models.py": MODELS}, {}, own)
    shutil.copy(empty_tracking_store, folder)
    return folder


def allow(folder: Path, pickle: bool) -> None:
    document = yaml.safe_load((folder / "maestro.yaml").read_text())
    own = document["models"]["own"]
    own.pop("allow_pickle", None)
    own |= {"allow_pickle": True} if pickle else {}
    (folder / "maestro.yaml").write_text(yaml.safe_dump(document))


def train(folder: Path, at: str = "2024-02-01") -> subprocess.CompletedProcess[str]:
    return maestro("train", "own", "--project", folder, "--json", "--at", at, cwd=folder)


def test_without_the_key_it_is_refused_and_the_refusal_names_the_key(shop: Path) -> None:
    result = train(shop)
    assert result.returncode == 1
    assert "the model of nameless_models.Nameless cannot be stored with skops: " in result.stderr
    assert "with `allow_pickle: true` at the model it is stored by pickle" in result.stderr
    assert not list(shop.rglob("model.pkl"))


def test_with_the_key_it_is_registered_loads_in_a_stock_client_and_the_record_says_pickle(
    shop: Path, tmp_path: Path
) -> None:
    allow(shop, True)
    result = train(shop)
    assert result.returncode == 0, result.stderr
    trained, judged, registered = json.loads(result.stdout)["steps"][-3:]
    assert registered["result"]["version"] == "1"
    assert "stored by pickle, since the model of nameless_models.Nameless cannot be" in trained["result"]["summary"]
    for page in ("report", "decision page"):
        assert "pickle" in Path(judged["result"]["artifacts"][page]).read_text()
    assert "Stored by pickle (<code>model.pkl</code>)" in Path(judged["result"]["artifacts"]["report"]).read_text()
    (shop / "nameless_models.py").rename(tmp_path / "away.py")
    script = (
        "import mlflow, pandas as pd\n"
        f"mlflow.set_tracking_uri('sqlite:///{shop / 'mlflow.db'}')\n"
        "rows = pd.DataFrame({'x': [-2.0, 2.0]})\n"
        "print(mlflow.pyfunc.load_model('models:/own/1').predict(rows).tolist())\n"
        "print(mlflow.sklearn.load_model('models:/own/1').predict(rows).tolist())\n"
        "version = mlflow.MlflowClient().get_model_version('own', '1')\n"
        "print(version.tags['maestro.serialization'])\n"
        "print(mlflow.get_run(version.run_id).data.tags['maestro.serialization'])\n"
    )
    loaded = run_forked(script, cwd=tmp_path)
    assert loaded.stdout.split("\n")[:4] == ["[0, 1]", "[0, 1]", "cloudpickle", "cloudpickle"], loaded.stderr[-2000:]
    [requirements] = shop.glob("mlartifacts/**/requirements.txt")
    assert "cloudpickle==" in requirements.read_text()


def test_a_pickled_version_in_use_is_read_only_while_the_key_is_there(shop: Path) -> None:
    allow(shop, True)
    assert train(shop).returncode == 0
    second = train(shop, "2024-02-08")
    assert second.returncode == 0, second.stderr
    assert "runs code when it is read" not in second.stdout
    assert "on the same test rows" in second.stdout
    plain = MODELS.replace("self.rule_ = lambda values: (values > middle).astype(int)", "self.middle_ = float(middle)")
    plain = plain.replace("self.rule_(X[:, 0])", "(X[:, 0] > self.middle_).astype(int)")
    (shop / "nameless_models.py").write_text(plain)
    allow(shop, False)
    third = train(shop, "2024-02-09")
    assert "its model is stored by pickle, which runs code when it is read" in third.stdout, third.stderr
