"""docs/own-project-on-the-cluster.md, done: its project and its DAG in a real Airflow."""

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import Components

PAGE = Path(__file__).parents[2] / "docs/own-project-on-the-cluster.md"
LIST = "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"
LOCAL = "airflow.dag_processing.bundles.local.LocalDagBundle"


def files():
    """The files of the page by their paths in the project: the name stands before the block."""
    text = PAGE.read_text()
    blocks = re.findall(r"`acme/([\w./]+)`(?:(?!```)[\s\S])*?```\w+\n([\s\S]*?)```", text)
    return dict(blocks)


@dataclass(frozen=True)
class OwnAirflow(DemoAirflow):
    """An Airflow with the bundle of the page beside ours, as global.dagBundles makes it."""

    def environment(self):
        environment = super().environment()
        own = {"name": "acme", "classpath": LOCAL, "kwargs": {"path": str(self.project / "dags")}}
        return environment | {LIST: json.dumps([*json.loads(environment[LIST]), own])}


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
def test_its_dag_runs_on_its_data_with_its_python(tmp_path):
    airflow = OwnAirflow.at(tmp_path / "home")
    for name, text in files().items():
        file = airflow.project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    times = pd.date_range("2026-03-01", periods=24, freq="h", tz="UTC")
    (airflow.project / "rides").mkdir()
    rides = pd.DataFrame({"ride": range(24), "started_at": times, "fare": 9.5})
    rides.to_parquet(airflow.project / "rides/march.parquet")
    components = Components(airflow)
    with components.running():
        api = Api(airflow)
        api.wait_until_ready({"acme_nightly", "data_validation_pipeline"}, components.check)
        api.start_run("acme_nightly", "first", datetime(2026, 3, 2, tzinfo=UTC))
        end = time.monotonic() + 120
        while (state := api.run("acme_nightly", "first")["state"]) not in ("success", "failed"):
            assert time.monotonic() < end
            components.check()
            time.sleep(1)
        path = "dags/acme_nightly/dagRuns/first/taskInstances/summary/xcomEntries/return_value"
        said = api.get(f"/{path}")["value"]
    assert state == "success"
    assert said.startswith("acme: ")
    assert "rides" in said or "24" in said
