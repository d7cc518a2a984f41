"""An estimator of a package outside this repository: on the command line, in Airflow and on the model card."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from forked import maestro

PACKAGE = '''\
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class HeavierThan(ClassifierMixin, BaseEstimator):
    """Predict 1 above the quantile of the first feature that the share of ones suggests."""

    def __init__(self, steepness=10.0):
        self.steepness = steepness

    def fit(self, features, labels):
        self.classes_ = np.array([0, 1])
        self.cut_ = float(np.quantile(np.asarray(features)[:, 0], 1 - labels.mean()))
        return self

    def predict_proba(self, features):
        one = 1 / (1 + np.exp(-self.steepness * (np.asarray(features)[:, 0] - self.cut_)))
        return np.column_stack([1 - one, one])

    def predict(self, features):
        return (self.predict_proba(features)[:, 1] > 0.5).astype(int)
'''
PROJECT = """\
name: bakery
datasets:
  loaves:
    source: {kind: parquet, path: loaves.parquet}
    timestamp: at
    window: 2d
    columns: {at: {type: timestamp}, weight: {type: number}, burnt: {type: integer}}
models:
  burnt:
    dataset: loaves
    label: burnt
    columns: [weight]
    window: 20d
    test: 4d
    estimator: {class: acme_ovens.HeavierThan, parameters: {steepness: 4}}
    gate: {above: 0.9}
    register: {name: burnt}
"""
END = "2024-01-21T00:00:00+00:00"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide 480 loaves, one an hour, of which the heavy ones are burnt; `acme_ovens` can be imported."""
    folder, packages = tmp_path / "bakery", tmp_path / "packages"
    folder.mkdir()
    (packages / "acme_ovens").mkdir(parents=True)
    (packages / "acme_ovens" / "__init__.py").write_text(PACKAGE)
    path = [str(packages), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    at = pd.date_range(end=END, periods=481, freq="1h")[:-1]
    weight = [1 + (7 * hour % 100) / 100 for hour in range(480)]
    frame = pd.DataFrame({"at": at, "weight": weight, "burnt": [int(each > 1.5) for each in weight]})
    frame.to_parquet(folder / "loaves.parquet")
    (folder / "maestro.yaml").write_text(PROJECT)
    return folder


def card(project: Path) -> str:
    (file,) = project.glob("runs/*/*/evaluate/burnt/report.html")
    return file.read_text()


def test_it_is_trained_and_registered_by_the_command(project):
    done = maestro("train", "burnt", "--json", "--project", project, "--at", END)
    assert done.returncode == 0, done.stderr
    *_, evaluated, registered = json.loads(done.stdout)["steps"]
    assert evaluated["result"]["evaluation"]["candidate"]["accuracy"] > 0.9
    assert registered["result"]["version"] == "1"
    assert "acme_ovens.HeavierThan" in card(project)


def test_it_is_trained_and_registered_in_airflow(project, run):
    seen = run("model_training_pipeline", END)
    assert seen["state"] == "success"
    assert seen["tasks"]["model.register[0]"] == "success"
    assert "acme_ovens.HeavierThan" in card(project)


def test_without_its_package_the_message_says_what_to_do(project, monkeypatch):
    monkeypatch.delenv("PYTHONPATH")
    done = maestro("train", "burnt", "--project", project, "--at", END)
    assert done.returncode == 2
    assert "estimator acme_ovens.HeavierThan cannot be imported" in done.stderr
    assert "a module is a file beside maestro.yaml" in " ".join(done.stderr.split())
