"""Each pipeline run whole by `dag.test()` on the real flights."""

import shutil

import pytest


@pytest.fixture
def project(flights, tmp_path):
    """Provide a copy of the flights project to write into; the data is shared."""
    folder = tmp_path / "flights"
    shutil.copytree(flights, folder)
    return folder


def test_validation(project, run):
    seen = run("data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen["state"] == "success"
    assert seen["tasks"] == {"validate[0]": "success", "validate[1]": "success", "validated[-1]": "success"}
    assert seen["events"] == ["flights_validated"]
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_a_broken_contract_fails_the_run_after_the_report_is_written(project, run):
    file = project / "maestro.yaml"
    text = file.read_text()
    assert "{check: range, column: hour, min: 0, max: 23}" in text
    file.write_text(text.replace("column: hour, min: 0, max: 23", "column: hour, min: 0, max: 12"))
    seen = run("data_validation_pipeline", "2013-12-01T00:00:00+00:00")
    assert seen["state"] == "failed"
    assert sorted(seen["tasks"].values()) == ["failed", "success", "upstream_failed"]
    assert seen["events"] == []
    assert len(list(project.glob("runs/data_validation_pipeline/*/validate/*/report.html"))) == 2


def test_materialization(run):
    seen = run("feast_feature_materialization", "2013-12-01T02:00:00+00:00")
    assert seen["state"] == "success"
    assert seen["events"] == ["flights_online_features"]
    assert set(seen["tasks"].values()) == {"success"}


def test_training_registers_one_model_and_rejects_the_other(run):
    seen = run("model_training_pipeline", "2013-12-01T04:00:00+00:00")
    assert seen["state"] == "success"
    registered = {name: state for name, state in seen["tasks"].items() if "register" in name}
    assert registered == {"model.register[0]": "success", "model.register[1]": "skipped", "registered[-1]": "success"}
    assert seen["events"] == ["flights_registered"]
