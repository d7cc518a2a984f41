"""One model, `late` of the table trips.parquet, trained on one interval after another."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maestro_ml.project import load_project
from maestro_ml.steps import StepFolder, run_step
from maestro_ml.steps.result import StepResult

START = datetime(2024, 1, 1, tzinfo=UTC)
YAML = """\
name: tram
datasets:
  trips:
    source: {{kind: parquet, path: trips.parquet}}
    timestamp: at
    columns: {{at: {{type: timestamp}}, x: {{type: number}}, {column}, late: {{type: integer}}}}
models:
  late:
    dataset: trips
    label: late
    columns: [{columns}]
    window: 8d
    {split}
    estimator: {estimator}
    gate: {gate}
    register: {register}
tracking: {{uri: "{uri}"}}
"""


def train_interval(
    root: Path,
    day: int,
    *steps: str,
    run: str = "",
    params: Mapping[str, Mapping[str, object]] | None = None,
    **keys: str,
) -> dict[str, StepResult]:
    """Return the results of build_features and these steps on the eight days before that day of January 2024."""
    (root / "maestro.yaml").write_text(YAML.format(**keys))
    project, end, found = load_project(root), START + timedelta(days=day), {}
    for step in ("build_features", *steps):
        folder = StepFolder.of_run(str(root / "runs"), "cli", run or f"{end:%Y-%m-%d}", step, "late")
        found[step] = run_step(step, project, folder, end=end, params=dict((params or {}).get(step, {}))).result
    return found
