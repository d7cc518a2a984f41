"""docs/own-project-on-the-cluster.md, done: its project and its DAG in the Airflow that `maestro airflow` starts."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from maestro_ml.demo.progress import DemoRun, follow
from maestro_ml.demo.serve import serving

PAGE = Path(__file__).parents[2] / "docs/own-project-on-the-cluster.md"
LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"


def files():
    """Return the files of the page by their paths in the project: the name stands before the block."""
    text = PAGE.read_text()
    blocks = re.findall(r"`acme/([\w./]+)`(?:(?!```)[\s\S])*?```\w+\n([\s\S]*?)```", text)
    return dict(blocks)


def test_the_page_has_every_file_it_names():
    assert set(files()) == {"maestro.yaml", "dags/acme_nightly.py", "dags/acme_rules.py", "Dockerfile"}


def test_the_values_of_the_page_name_its_folders():
    import yaml

    values = yaml.safe_load((PAGE.parents[1] / "ci/own-project-values.yaml").read_text())
    (bundle,) = values["global"]["dagBundles"]
    folder = values["global"]["environment"]["MAESTRO_PROJECT"]
    assert (bundle["classpath"], bundle["kwargs"]) == (LOCAL, {"path": f"{folder}/dags"})
    assert f"ENV MAESTRO_PROJECT={folder}\n" in files()["Dockerfile"]
    assert yaml.safe_load(files()["maestro.yaml"])["name"] == values["featurestore"]["server"]["project"]


@pytest.mark.scheduler
def test_its_dag_runs_on_its_data_with_its_python_beside_the_pipelines(tmp_path, migrated_airflow):
    project = tmp_path / "acme"
    for name, text in files().items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    times = pd.date_range("2026-03-01", periods=24, freq="h", tz="UTC")
    (project / "rides").mkdir()
    rides = pd.DataFrame({"ride": range(24), "started_at": times, "fare": 9.5})
    rides.to_parquet(project / "rides/march.parquet")
    (tmp_path / "home" / "airflow").mkdir(parents=True)
    shutil.copy(migrated_airflow, tmp_path / "home" / "airflow")
    console = Console(stderr=True)
    ours, own = DemoRun("data_validation_pipeline", "first"), DemoRun("acme_nightly", "first")
    with serving(tmp_path / "home", project, console) as (_, components, api):
        api.wait_until_ready({own.dag}, components.check)
        assert api.get("/importErrors")["total_entries"] == 0
        known = {dag["dag_id"] for dag in api.get("/dags")["dags"]}
        assert "model_training_pipeline" not in known  # the project has no model
        for run in (ours, own):
            api.start_run(run.dag, run.run, datetime(2026, 3, 2, tzinfo=UTC))
        follow(api, [ours, own], console, components.check)
        path = "dags/acme_nightly/dagRuns/first/taskInstances/summary/xcomEntries/return_value"
        said = api.get(f"/{path}")["value"]
    assert (ours.state, own.state) == ("success", "success")
    assert list(project.glob("runs/data_validation_pipeline/*/validate/rides/result.json"))
    assert said.startswith("acme: ")
    assert "rides" in said or "24" in said
