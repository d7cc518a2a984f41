"""A training set of a few hundred rows, as `build_features` leaves it, and the steps that follow it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from maestro_ml.project import Project
from maestro_ml.steps import StepFolder, StepRecord, run_step
from maestro_ml.steps.build_features import BuildFeaturesResult

END = datetime(2024, 1, 11, tzinfo=UTC)


YAML = """\
name: small
datasets:
  trips:
    source: {{kind: parquet, path: trips.parquet}}
    timestamp: at
    columns: {{at: {{type: timestamp}}, x: {{type: number}}, kind: {{type: string}}, late: {{type: boolean}}}}
models:
  late:
    dataset: trips
    label: late
    columns: [x, kind]
    window: 10d
    test: 2d
    estimator: {estimator}
    gate: {{above: {above}, beat_baseline: {beat_baseline}}}
    register: {{name: small_late}}
tracking: {{uri: "{uri}", experiment: small}}
"""


FOREST = "{class: sklearn.ensemble.RandomForestClassifier, parameters: {n_estimators: 10, max_depth: 4}}"


# Always answers 0: its accuracy is the share of zeros among the test rows.
DUMMY = "{class: sklearn.dummy.DummyClassifier, parameters: {strategy: most_frequent}}"


Setting = Callable[..., Project]


def trips(rows: int = 240) -> pd.DataFrame:
    """Return a row an hour in the ten days before END; late follows x."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=rows)
    at = pd.date_range(END - timedelta(hours=rows), periods=rows, freq="1h")
    kind = rng.choice(np.array(["a", None], dtype=object), rows)
    return pd.DataFrame({"at": at, "x": x, "kind": kind, "late": x + rng.normal(scale=0.1, size=rows) > 0})


def folder(root: Path, step: str) -> StepFolder:
    return StepFolder.of_run(str(root / "runs"), "model_training_pipeline", "run", step, "late")


def record_of(result: BuildFeaturesResult, built: StepFolder) -> StepRecord[Any]:
    return StepRecord[Any](
        step="build_features", target="late", window_start=END - timedelta(days=10), window_end=END, uri=built.uri,
        finished_at=END, seconds=1, peak_mb=1, version="0", result=result,
    )  # fmt: skip


def run(project: Project, *steps: str) -> Any:
    """Run the steps in turn; the last one's result."""
    for step in steps:
        record = run_step(step, project, folder(project.root, step), end=END)
    return record.result
