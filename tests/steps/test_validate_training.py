"""What a model learns from is judged in the model's own window, and leaves no trace in the dataset's history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import Project, Window, load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.validate import ValidateResult
from maestro_ml.validation.training_checks import for_training

END = datetime(2024, 2, 10, tzinfo=UTC)
YAML = """\
name: bakery
datasets:
  loaves:
    source: {kind: parquet, path: loaves.parquet}
    timestamp: at
    keys: [loaf]
    window: 2d
    reference: {kind: season, period: 7d}
    drift: {columns: [weight]}
    columns:
      loaf: {type: integer}
      at: {type: timestamp}
      weight: {type: number}
      burnt: {type: integer}
    checks: %s
models:
  burnt: {dataset: loaves, label: burnt, columns: [weight], window: 20d, test: 4d, register: {name: burnt}}
  twin: {dataset: loaves, label: burnt, columns: [weight], window: 20d, test: 5d, register: {name: twin}}
  short: {dataset: loaves, label: burnt, columns: [weight], window: 6d, test: 2d, register: {name: short}}
"""
Setting = Callable[..., Project]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """Provide `setting(checks, change)`: a project with a loaf an hour in the twenty days before END."""

    def make(
        checks: str = "[]", change: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame, hours: int = 480
    ) -> Project:
        frame = pd.DataFrame(
            {
                "loaf": np.arange(hours),
                "at": pd.date_range(END - timedelta(hours=hours), periods=hours, freq="1h"),
                "weight": 1 + np.arange(hours) % 3 / 10,
                "burnt": np.arange(hours) % 2,
            }
        )
        change(frame).to_parquet(tmp_path / "loaves.parquet")
        (tmp_path / "maestro.yaml").write_text(YAML % checks)
        return load_project(tmp_path)

    return make


def judged(project: Project, step: str = "validate_training", target: str = "burnt") -> ValidateResult:
    folder = StepFolder.of_run(str(project.root / "runs"), "cli", "now", step, target)
    result = run_step(step, project, folder, end=END).result
    assert isinstance(result, ValidateResult)
    return result


def first_hours(hours: int, **values: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put values into the oldest rows."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        for name, value in values.items():
            frame.loc[: hours - 1, name] = value
        return frame

    return change


RANGE = "[{check: range, column: weight, min: 0}]"


def test_a_bad_row_outside_the_datasets_window_is_found(setting: Setting) -> None:
    project = setting(RANGE, first_hours(3, weight=-1.0))
    assert judged(project, "validate", "loaves").verdict != "fail"
    result = judged(project)
    assert (result.outcome, result.verdict, result.rows) == ("failed", "fail", 480)
    assert "loaves fail: 1 error" in result.summary
    assert "range: weight: 3 of 480" in result.summary
    assert Path(result.artifacts["report"]).is_file()


def test_a_bad_row_before_the_models_window_is_none_of_its_business(setting: Setting) -> None:
    assert judged(setting(RANGE, first_hours(3, weight=-1.0)), target="short").outcome == "passed"


@pytest.mark.parametrize(
    "checks",
    [
        "[{check: rows, max: 60}]",
        "[{check: rows, min: 1000}]",
        "[{check: row_count_history, severity: error, min_runs: 3}]",
        "[{check: null_rate_history, severity: error, column: weight, min_runs: 3}]",
    ],
)
def test_limits_for_the_length_of_the_datasets_window_are_left_out(checks: str, setting: Setting) -> None:
    assert judged(setting(checks)).outcome == "passed"


@pytest.mark.parametrize(("bad", "outcome"), [(20, "passed"), (21, "failed")])
def test_a_number_of_tolerated_rows_grows_with_the_window(bad: int, outcome: str, setting: Setting) -> None:
    checks = "[{check: range, column: weight, min: 0, max_count: 2}]"
    assert judged(setting(checks, first_hours(bad, weight=-1.0))).outcome == outcome


def test_a_key_that_comes_again_in_the_models_window_is_found(setting: Setting) -> None:
    project = setting("[{check: unique, columns: [loaf]}]", first_hours(1, loaf=5))
    assert judged(project, "validate", "loaves").verdict != "fail"
    assert judged(project).outcome == "failed"


def test_a_broken_contract_is_found(setting: Setting) -> None:
    project = setting("[]", lambda frame: frame.assign(weight=frame["weight"].map(str)))
    assert "weight" in judged(project).summary


def test_an_integer_label_may_be_stored_as_doubles(setting: Setting) -> None:
    project = setting("[]", first_hours(3, burnt=np.nan))
    findings = Path(judged(project, "validate", "loaves").artifacts["findings"])
    assert "the contract says integer" in findings.read_text()
    assert judged(project).outcome == "passed"


def test_an_empty_window_is_an_error(setting: Setting) -> None:
    assert judged(setting("[]", lambda frame: frame.head(0))).outcome == "failed"


def test_the_datasets_history_and_gauges_know_nothing_of_it(setting: Setting) -> None:
    project = setting()
    result = judged(project)
    assert result.metrics == []
    assert not (project.root / "runs" / "history").exists()
    judged(project, "validate", "loaves")
    assert len(list((project.root / "runs" / "history" / "loaves").iterdir())) == 1


def test_models_that_learn_from_the_same_rows_are_validated_once(setting: Setting) -> None:
    assert setting().validated_models() == ("burnt", "short")


def test_a_window_shorter_than_the_datasets_keeps_the_tolerance(setting: Setting) -> None:
    project = setting("[{check: range, column: weight, min: 0, max_count: 2}]")
    [check] = (
        for_training(project, project.models["burnt"], Window(END - timedelta(days=1), END)).datasets["loaves"].checks
    )
    assert check.max_count == 2  # type: ignore[union-attr]
