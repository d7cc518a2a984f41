"""Training from tables without a time, and with rows to test on that are drawn."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.features.label_checks import UnusableRows, check_split
from maestro_ml.project import Project, ProjectError, load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.registry import find_step
from maestro_ml.steps.runner import step_window
from maestro_ml.steps.train import TrainResult

END = datetime(2024, 5, 1, tzinfo=UTC)
YAML = """\
name: shop
datasets:
  customers:
    source: {kind: parquet, path: customers.parquet}
%s
    columns: {id: {type: integer}, since: {type: timestamp}, age: {type: number}, plan: {type: string},
      home: {type: string}, left: {type: string}, spent: {type: number}}
models:
  left: {dataset: customers, label: left, columns: [age, plan], register: {name: left}%s}
"""
Setting = Callable[..., Project]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """Provide `setting(keys of the model, of the dataset)`: the project, whose customers live in 40 homes."""

    def make(model: str = "", dataset: str = "") -> Project:
        rng = np.random.default_rng(0)
        age = rng.normal(40, 10, 400)
        frame = pd.DataFrame(
            {
                "id": range(400),
                "since": pd.date_range("2024-01-22", periods=400, freq="6h", tz="UTC"),
                "age": age,
                "plan": rng.choice(["a", "b"], 400),
                "home": [f"home {n % 40}" for n in range(400)],
                "left": np.where(age > 48, "yes", "no"),
                "spent": age * 3 + rng.normal(0, 2, 400),
            }
        )
        frame.sample(frac=1, random_state=1).to_parquet(tmp_path / "customers.parquet")
        (tmp_path / "maestro.yaml").write_text(YAML % (dataset, model and f", {model}"))
        return load_project(tmp_path)

    return make


def run(project: Project, *steps: str) -> Any:
    for step in steps:
        folder = StepFolder.of_run(str(project.root / "runs"), "cli", "run", step, "left")
        record = run_step(step, project, folder, end=END)
    return record.result


def checked(project: Project) -> None:
    check_split(project, "left", step_window(find_step("train"), project, "left", END))


def test_a_table_without_a_time_is_split_by_classes(setting: Setting) -> None:
    project = setting()
    checked(project)
    trained: TrainResult = run(project, "validate_training", "build_features", "train")
    assert trained.candidate.train.rows == 320
    judged = run(project, "evaluate")
    assert judged.evaluation.test.rows == 80
    shares = (trained.candidate.train.positive_share, judged.evaluation.test.positive_share)
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    assert judged.decision.passed
    assert "80 other rows are left to test on" in trained.summary


def test_the_same_rows_in_another_order_give_the_same_metrics(setting: Setting) -> None:
    project = setting()
    first = run(project, "build_features", "train", "evaluate")
    file = project.root / "customers.parquet"
    pd.read_parquet(file).sample(frac=1, random_state=9).to_parquet(file)
    second = run(project, "build_features", "train", "evaluate")
    assert first.evaluation == second.evaluation
    third = run(setting("split: {kind: random, seed: 5}"), "build_features", "train", "evaluate")
    assert third.evaluation != first.evaluation


def test_rows_of_one_group_stay_on_one_side(setting: Setting) -> None:
    project = setting("split: {kind: grouped, by: home, share: 0.3}")
    checked(project)
    run(project, "build_features", "train", "evaluate")
    from maestro_ml.steps.build_features import TRAINING_SET, BuildFeaturesResult
    from maestro_ml.training.split import read_both, split_of

    folder = StepFolder.of_run(str(project.root / "runs"), "cli", "run", "build_features", "left")
    window = step_window(find_step("train"), project, "left", END)
    described = run(project, "build_features")
    assert isinstance(described, BuildFeaturesResult)
    with folder.reading(TRAINING_SET) as file:
        train, test = read_both(file, described.training_set, split_of(project, "left", window))
    assert train.groups is not None
    assert test.groups is not None
    assert set(train.groups).isdisjoint(test.groups)
    assert len(set(train.groups) | set(test.groups)) == 40
    assert len(train) + len(test) == 400
    assert "home" not in train.features.columns


def test_a_regression_without_a_time_draws_its_rows_at_random(setting: Setting, tmp_path: Path) -> None:
    setting()
    file = tmp_path / "maestro.yaml"
    file.write_text(file.read_text().replace("label: left,", "label: spent, gate: {metric: mae, below: 8},"))
    project = load_project(tmp_path)
    checked(project)
    judged = run(project, "build_features", "train", "evaluate")
    assert judged.evaluation.test.rows == 80
    assert judged.decision.passed


def test_a_gap_leaves_rows_out_between_those_to_fit_on_and_those_to_test_on(setting: Setting) -> None:
    project = setting("test: 20d, window: 100d, split: {gap: 10d}", "    timestamp: since")
    trained: TrainResult = run(project, "build_features", "train")
    judged = run(project, "evaluate")
    train, test = trained.candidate.train, judged.evaluation.test
    assert (test.start - train.end).days == 10
    assert (train.rows, test.rows) == (280, 80)


def test_a_single_class_is_refused_before_anything_is_built(setting: Setting) -> None:
    project = setting()
    file = project.root / "customers.parquet"
    pd.read_parquet(file).assign(left="no").to_parquet(file)
    with pytest.raises(UnusableRows, match="customers: the label 'left' is no in all 400 training rows; a classifier"):
        checked(project)


TIMED = "    timestamp: since"


@pytest.mark.parametrize(
    ("model", "dataset", "message"),
    [
        ("split: {kind: time}", "", r"models\.left\.split\.kind: dataset customers has no `timestamp`; use random"),
        ("test: 3d", "", r"models\.left\.test: `test` is for a split by time, and dataset customers has no"),
        ("window: 3d", "", r"models\.left\.window: a window is a range of time"),
        ("split: {kind: grouped}", "", r"models\.left\.split: a grouped split needs `by`"),
        ("split: {kind: grouped, by: hime}", "", r"models\.left\.split\.by: no column 'hime'; did you mean 'home'"),
        ("split: {kind: random, gap: 3d}", TIMED, r"models\.left\.split\.gap: a gap is between times"),
        ("split: {share: 0.3}", TIMED, r"models\.left\.split\.share: a split by time has the length `test`"),
        ("split: {gap: 100d}", TIMED, r"models\.left\.split\.gap: the gap and the test range must be shorter"),
        ("split: {kind: random}, test: 3d", TIMED, r"models\.left\.test: `test` is for a split by time, and this one"),
        ("split: {kind: random, by: home}", TIMED, r"models\.left\.split\.by: `by` is for a grouped split"),
        ("split: {kind: random, share: 1}", TIMED, r"models\.left\.split\.share: must be less than 1"),
    ],
)
def test_a_split_that_cannot_be_is_refused_when_the_project_is_loaded(
    model: str, dataset: str, message: str, setting: Setting
) -> None:
    with pytest.raises(ProjectError, match=message) as caught:
        setting(model, dataset)
    assert len(caught.value.problems) == 1
