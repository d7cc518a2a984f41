"""`maestro airflow`: somebody's own project in the Airflow that the demo uses. airflow/test_own_project.py runs one."""

import json
from pathlib import Path

import pytest

from maestro_ml.cli.app import run
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.serve import dags_of
from maestro_ml.project import load_project

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


@pytest.mark.parametrize("prefix", ["", "tiny_"])
def test_the_dags_it_waits_for_have_the_projects_prefix(project: Path, prefix: str) -> None:
    (project / "maestro.yaml").write_text(f"dag_prefix: '{prefix}'\n{PROJECT}")
    assert dags_of(load_project(project)) == {f"{prefix}data_validation_pipeline"}
