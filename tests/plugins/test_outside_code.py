"""A check, a drift method and an estimator of another package serve as those of this one do."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from forked import MAESTRO, run_forked
from jsonschema import Draft202012Validator

from maestro_ml.project import Project, ProjectError, Window, load_project
from maestro_ml.validation import validate_dataset
from maestro_ml.validation.report.html import render_html

HERE = Path(__file__).parent
JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
CHECKS = {"installed": "multiple_of", "by import path": "shop_rules.checks.MultipleOf"}
METHODS = {"installed": "energy_distance", "by import path": "shop_rules.drift.ENERGY"}


@pytest.fixture
def package(monkeypatch):
    """Provide the other package, as if it were installed."""
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
def write(tmp_path):
    """Provide `write(check, method, **drift)`: the folder of a project whose prices moved up and left their step of
    5.
    """

    def project(check: dict, method: str = "energy_distance", **drift: object) -> Path:
        hours = pd.date_range("2023-12-01", periods=62 * 24, freq="h", tz="UTC")
        price = np.arange(len(hours)) % 7 * 5
        price[hours >= pd.Timestamp(JANUARY.start)] += 100
        price[-3:] += 1
        pd.DataFrame({"at": hours, "price": price, "name": "x"}).to_parquet(tmp_path / "prices.parquet")
        prices = {
            "source": {"kind": "parquet", "path": "prices.parquet"},
            "timestamp": "at",
            "window": "31d",
            "columns": {"at": {"type": "timestamp"}, "price": {"type": "integer"}, "name": {"type": "string"}},
            "checks": [check],
            "reference": {"kind": "previous"},
            "drift": {"columns": ["price"], "tests": {"numeric": method}, **drift},
        }
        text = yaml.safe_dump({"name": "shop", "datasets": {"prices": prices}}, sort_keys=False)
        (tmp_path / "maestro.yaml").write_text(text)
        return tmp_path

    return project


def declared(name: str, **fields: object) -> dict:
    return {"check": name, "column": "price", "step": 5, **fields}


@pytest.mark.parametrize("how", CHECKS)
def test_both_judge_and_are_explained_in_the_report(package, write, how):
    project = load_project(write(declared(CHECKS[how]), METHODS[how]), {})
    report = validate_dataset(project, "prices", JANUARY)
    found = {f.check: f for f in report.findings}
    assert found["multiple_of"].violated
    assert found["multiple_of"].numbers["count"] == 3
    assert len(found["multiple_of"].sample.rows) == 3
    assert found["energy_distance"].violated
    assert found["energy_distance"].numbers["limit"] == 0.5
    page = render_html(report)
    assert "converted twice" in page
    assert "by the energy distance" in page
    assert CHECKS[how] in json.dumps(report.configuration)


def test_the_limit_of_a_method_is_set_in_the_project_file(package, write):
    project = load_project(write(declared("multiple_of"), limits={"energy_distance": 100}), {})
    [found] = [f for f in validate_dataset(project, "prices", JANUARY).findings if f.stage == "drift"]
    assert not found.violated
    assert found.numbers["limit"] == 100


def test_a_value_that_passes_is_no_violation(package, write):
    project = load_project(write(declared("multiple_of", step=1)), {})
    [found] = [f for f in validate_dataset(project, "prices", JANUARY).findings if f.check == "multiple_of"]
    assert not found.violated


MISTAKES = {
    "a key too many": (declared("multiple_of", stpe=5), "checks.0.stpe", "did you mean 'step'?"),
    "a value that is too small": (declared("multiple_of", step=0), "checks.0.step", "greater than or equal to 1"),
    "a key too many, by path": (declared(CHECKS["by import path"], stpe=5), "checks.0.stpe", "did you mean 'step'?"),
    "a misspelled name": (declared("multipel_of"), "checks.0.check", "did you mean 'multiple_of'?"),
    "no such column": (declared("multiple_of", column="prize"), "checks.0.column", "did you mean 'price'?"),
    "another type of column": (declared("multiple_of", column="name"), "checks.0.column", "needs numbers"),
    "no such module": (
        declared("shop_rulez.checks.MultipleOf"),
        "checks.0.check",
        "a file beside maestro.yaml",
    ),
    "no such class": (declared("shop_rules.checks.Multiple"), "checks.0.check", "has no 'Multiple'"),
    "no check": (declared("shop_rules.checks.NO_CHECK"), "checks.0.check", "is not a check"),
    "no reason": (declared("shop_rules.checks.WithoutReason"), "checks.0.check", "has no `why`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_has_its_line_and_key(package, write, name):
    check, key, words = MISTAKES[name]
    folder = write(check)
    with pytest.raises(ProjectError) as caught:
        load_project(folder, {})
    lines = (folder / "maestro.yaml").read_text().splitlines()
    [problem] = [p for p in caught.value.problems if words in p.message]
    assert problem.key == f"datasets.prices.{key}"
    assert key.rpartition(".")[2] in lines[problem.line - 1]


DRIFT_MISTAKES = {
    "a misspelled method": ("energy_distanze", {}, "tests.numeric", "did you mean 'energy_distance'?"),
    "no method": ("shop_rules.checks.MultipleOf", {}, "tests.numeric", "is not a drift method"),
    "a method of other columns": ("chi_square", {}, "tests.numeric", "expected 'energy_distance'"),
    "a limit of another method": (
        "energy_distance",
        {"limits": {"kss": 1}},
        "limits.kss",
        "no column is tested by kss",
    ),
    "a limit with a key of its own": ("psi", {"limits": {"psi": 1}}, "limits.psi", "write max_psi"),
}


@pytest.mark.parametrize("name", DRIFT_MISTAKES)
def test_a_mistake_about_a_method_has_its_line_and_key(package, write, name):
    method, drift, key, words = DRIFT_MISTAKES[name]
    folder = write(declared("multiple_of"), method, **drift)
    with pytest.raises(ProjectError) as caught:
        load_project(folder, {})
    [problem] = caught.value.problems
    assert words in problem.message
    assert problem.key == f"datasets.prices.drift.{key}"
    assert key.rpartition(".")[2] in (folder / "maestro.yaml").read_text().splitlines()[problem.line - 1]


def test_an_engine_that_cannot_serve_a_method_is_refused_at_its_key(package, write):
    folder = write(declared("multiple_of"))
    text = (folder / "maestro.yaml").read_text().replace("timestamp: at", "timestamp: at\n    engine: spark")
    (folder / "maestro.yaml").write_text(text)
    with pytest.raises(ProjectError, match="energy_distance needs engine: duckdb; ks"):
        load_project(folder, {})


def test_without_the_package_its_names_are_unknown(write):
    with pytest.raises(ProjectError, match="no check 'multiple_of'"):
        load_project(write(declared("multiple_of"), "ks"), {})


@pytest.mark.parametrize("how", CHECKS)
def test_editors_know_them(package, write, how):
    folder = write(declared(CHECKS[how]), METHODS[how])
    schema = Draft202012Validator(Project.model_json_schema(by_alias=True))
    data = yaml.safe_load((folder / "maestro.yaml").read_text())
    assert list(schema.iter_errors(data)) == []
    data["datasets"]["prices"]["checks"][0] = declared("multiple_of", stpe=5)
    assert list(schema.iter_errors(data))


def reported(folder: Path) -> set[str]:
    """Return the names of the checks in the run's report."""
    [report] = folder.glob("runs/**/report.json")
    return {found["check"] for found in json.loads(report.read_text())["findings"]}


def test_both_work_on_the_command_line(write):
    folder = write(declared(CHECKS["by import path"]), METHODS["by import path"])
    command = ("validate", "prices", "--project", folder, "--at", "2024-02-01")
    ended = run_forked(MAESTRO, *command, env=os.environ | {"PYTHONPATH": str(HERE)})
    assert ended.returncode == 1, ended.stderr
    assert {"multiple_of", "energy_distance"} <= reported(folder)


def test_both_work_in_an_airflow_task(package, write, airflow_database):
    from airflow.sdk.exceptions import AirflowFailException

    from maestro_ml.airflow.operators import MaestroStepOperator

    folder = write(declared("multiple_of"))
    task = MaestroStepOperator(task_id="validate", step="validate", project_path=str(folder), target="prices")
    run = SimpleNamespace(dag_id="a_dag", run_id="r:1", run_after=JANUARY.end)
    with pytest.raises(AirflowFailException, match="1 error"):
        task.execute({"dag_run": run, "data_interval_end": JANUARY.end})
    assert {"multiple_of", "energy_distance"} <= reported(folder)


def test_an_estimator_is_built_by_its_import_path(package):
    from maestro_ml.project.models import Estimator
    from maestro_ml.training.estimator import build_estimator

    spec = Estimator.model_validate({"class": "shop_rules.estimators.Careful"})
    assert type(build_estimator(spec)).__name__ == "Careful"
