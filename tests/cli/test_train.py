"""`maestro train`: what stops it, with which exit code, and what is left then."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from forked import maestro

PROJECT = """\
name: bakery
datasets:
  loaves:
    source: {kind: parquet, path: loaves.parquet}
    timestamp: at
    window: 2d
    columns: {at: {type: timestamp}, weight: {type: number}, burnt: {type: integer}}
    checks: [{check: range, column: weight, min: 0}]
models:
  burnt:
    dataset: loaves
    label: burnt
    columns: [weight]
    window: 20d
    test: 4d
    estimator: {class: sklearn.naive_bayes.GaussianNB}
    gate: {above: 0.6}
    register: {name: burnt}
"""


def train(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return maestro("train", "--json", "--project", folder, "--at", "2024-01-21", *arguments)


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """Provide 480 loaves, one an hour; a heavy one is burnt. The first one weighs less than nothing."""
    rng = np.random.default_rng(4)
    weight = rng.uniform(1, 2, 480)
    weight[0] = -1
    at = pd.date_range(datetime(2024, 1, 1, tzinfo=UTC), periods=480, freq="1h")
    frame = pd.DataFrame({"at": at, "weight": weight, "burnt": (weight > 1.5).astype(int)})
    frame.to_parquet(tmp_path / "loaves.parquet")
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "maestro.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_bad_rows_in_what_is_learned_from_stop_it_before_anything_is_built(bakery: Path) -> None:
    done = train(bakery, "burnt")
    assert done.returncode == 1, done.stderr
    [step] = json.loads(done.stdout)["steps"]
    assert (step["step"], step["result"]["verdict"]) == ("validate_training", "fail")
    assert "range: weight: 1 of 480" in " ".join(done.stderr.split())
    assert not list(bakery.glob("runs/**/training_set.parquet"))
    assert not (bakery / "mlflow.db").exists()


def test_validation_can_be_left_out_by_name(bakery: Path, empty_tracking_store: Path) -> None:
    shutil.copy(empty_tracking_store, bakery)
    done = train(bakery, "burnt", "--no-validate")
    assert done.returncode == 0, done.stderr
    assert [step["step"] for step in json.loads(done.stdout)["steps"]] == [
        "build_features", "train", "evaluate", "register",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label: burnt", "label: weight", "in 479 of 480 rows; for a number to predict, set `task: regression`"),
        ("GaussianNB}", "GausianNB}", "has no 'GausianNB'; did you mean 'GaussianNB'?"),
        ("GaussianNB}", "GaussianNB, parameters: {priors: 7}}", "The 'priors' parameter of GaussianNB must be"),
        ("path: loaves", "path: loafs", "no parquet file at"),
        ("test: 4d", "test: 20h\n    window: 21h", "the key is given twice"),
    ],
    ids=["label", "estimator", "parameter", "file", "project file"],
)
def test_what_can_be_known_before_is_2_and_nothing_is_done(old: str, new: str, message: str, bakery: Path) -> None:
    change(bakery, old, new)
    if "label" in new:
        change(bakery, "columns: [weight]", "columns: [burnt]")
    done = train(bakery, "burnt")
    assert done.returncode == 2, done.stderr
    assert message.lower() in json.loads(done.stdout)["error"].lower()
    assert "Traceback" not in done.stderr
    assert not (bakery / "runs").exists()


def test_a_window_without_rows_is_2(bakery: Path) -> None:
    done = train(bakery, "burnt", "--at", "2020-02-01")
    assert (done.returncode, "it has no row there" in done.stderr) == (2, True)


def test_a_model_that_is_not_there_is_2_with_the_nearest_name(bakery: Path) -> None:
    done = train(bakery, "burn")
    assert (done.returncode, "no model 'burn'; did you mean 'burnt'?" in done.stderr) == (2, True)
