"""The built wheel, installed into a clean environment, gives working DAGs."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = str(Path(sys.executable).with_name("uv"))
LIST_DAGS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from maestro_ml.airflow.bundle import MaestroDagBundle
from airflow.providers_manager import ProvidersManager
path = MaestroDagBundle(name="maestro").path
bag = DagBag(path, bundle_name="maestro")
provider = ProvidersManager().providers["maestro-ml"]
seen = {"dags": sorted(bag.dags), "errors": bag.import_errors, "path": str(path), "version": provider.version}
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([UV, "build", "-q", "--wheel", "--out-dir", folder, ROOT], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    environment = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, environment], check=True)
    interpreter = environment / "bin" / "python"
    constraints = ["-c", ROOT / "constraints.txt"]
    install = [UV, "pip", "install", "-q", "--python", interpreter, *constraints, f"{wheel}[airflow]"]
    subprocess.run(install, check=True)
    return interpreter


def test_it_carries_the_package_its_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"maestro_ml", "maestro_ml-0.1.0.dist-info"}
    for needed in (
        "demo/project/maestro.yaml",
        "demo/project/feature_repo/feature_store.yaml",
        "dags/maestro_canary.py",
    ):
        assert f"maestro_ml/{needed}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".parquet", ".csv", ".db"))]


def test_its_dags_are_known_to_airflow_without_import_errors(python, mini, tmp_path):
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "MAESTRO_PROJECT": str(mini)}
    environment.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    command = [python, "-c", LIST_DAGS]
    result = subprocess.run(command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True)
    seen = json.loads(result.stdout.splitlines()[-1])
    assert seen["errors"] == {}
    assert seen["dags"] == [
        "data_validation_pipeline",
        "feast_feature_materialization",
        "maestro_canary",
        "model_training_pipeline",
    ]
    assert str(python.parent.parent) in seen["path"]
    assert seen["version"] == "0.1.0"


def test_its_command_and_its_dependencies_are_whole(python):
    subprocess.run([python.with_name("maestro"), "--help"], check=True, capture_output=True)
    subprocess.run([UV, "pip", "check", "-q", "--python", python], check=True, capture_output=True)
