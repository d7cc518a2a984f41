"""`maestro airflow`: somebody's own project in the Airflow that the demo uses."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from maestro_ml.cli.app import run
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.progress import DemoRun, follow
from maestro_ml.demo.serve import serving

PROJECT = """\
name: tiny
datasets:
  orders:
    source: {kind: csv, path: orders.csv}
    columns: {id: {type: integer}}
    checks: [{check: unique, columns: [id]}]
validation: {schedule: null}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "maestro.yaml").write_text(PROJECT)
    (folder / "orders.csv").write_text("id\n1\n2\n")
    return folder


def bundles_of(airflow: DemoAirflow) -> list[str]:
    listed = json.loads(airflow.environment()["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
    return [bundle["name"] for bundle in listed]


def test_a_folder_of_own_dags_is_served_beside_the_pipelines(project: Path, tmp_path: Path) -> None:
    assert bundles_of(DemoAirflow.at(tmp_path / "home", project)) == ["maestro"]
    (project / "dags").mkdir()
    airflow = DemoAirflow.at(tmp_path / "home", project)
    assert bundles_of(airflow) == ["maestro", "project"]
    assert airflow.environment()["MAESTRO_PROJECT"] == str(project)


def test_a_wrong_project_is_refused_before_airflow_starts(project: Path, capsys) -> None:
    (project / "maestro.yaml").write_text(PROJECT.replace("integer", "intger"))
    assert run(["airflow", "--project", str(project)]) == 2
    assert "intger" in capsys.readouterr().err


@pytest.mark.scheduler
def test_the_dags_of_a_project_import_and_a_validation_succeeds(project: Path, tmp_path: Path) -> None:
    console = Console(stderr=True)
    with serving(tmp_path / "home", project, console) as (_, components, api):
        assert api.get("/importErrors")["total_entries"] == 0
        known = {dag["dag_id"] for dag in api.get("/dags")["dags"]}
        assert "model_training_pipeline" not in known  # the project has no model
        first = DemoRun("data_validation_pipeline", "first")
        api.start_run(first.dag, first.run, datetime(2026, 3, 2, tzinfo=UTC))
        follow(api, [first], console, components.check)
    assert first.state == "success"
    assert list(project.glob("runs/data_validation_pipeline/*/validate/orders/result.json"))
