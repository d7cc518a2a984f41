import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maestro_ml.project import RequestError
from maestro_ml.steps import StepFolder, StepRecord, run_step
from maestro_ml.steps.validate import alerts_of
from maestro_ml.tables import DataError
from maestro_ml.validation import Finding, Report

END = datetime(2024, 2, 1, tzinfo=UTC)
FILE = "events.parquet"


def hourly(start: str, offset: float = 0.0) -> pd.DataFrame:
    times = pd.date_range(start, periods=300, freq="h", tz="UTC")
    usual = np.random.default_rng(11).normal(size=300)
    return pd.DataFrame({"at": times, "x": usual + offset, "n": [i % 10 for i in range(300)]})


@pytest.fixture
def validate(tmp_path: Path, dataset_project: Callable) -> Callable[..., StepRecord]:
    """Run the step over December and January, January's x moved by `offset`."""

    def run(
        offset: float = 0.0, folder: StepFolder | None = None, params: dict | None = None, **dataset: object
    ) -> StepRecord:
        pd.concat([hourly("2023-12-10"), hourly("2024-01-15", offset)]).to_parquet(tmp_path / FILE, index=False)
        declared = {
            "source": {"kind": "parquet", "path": FILE},
            "timestamp": "at",
            "columns": {"at": {"type": "timestamp"}, "x": {"type": "number"}, "n": {"type": "integer"}},
            "window": "31d",
            "freshness": {"max_age": "7d"},
            "reference": {"kind": "previous"},
            "drift": {"columns": ["x"]},
            "anomalies": {"columns": ["x"]},
        }
        project = dataset_project(**declared | dataset)
        return run_step("validate", project, folder or store(tmp_path), end=END, params=params)

    return run


def store(path: object) -> StepFolder:
    return StepFolder.of_run(f"{path}/runs", "validation", "run", "validate", "events")


def samples(record: StepRecord) -> dict[tuple[str, ...], float]:
    return {
        (s.name.removeprefix("maestro.validation."), *[v for k, v in s.labels.items() if k != "dataset"]): s.value
        for s in record.result.metrics
    }


def test_a_pass_is_quiet_and_measured(validate):
    record = validate()
    assert (record.result.outcome, record.result.verdict, record.result.alerts) == ("passed", "pass", [])
    assert record.result.rows == 300
    assert {s.labels["dataset"] for s in record.result.metrics} == {"events"}
    measured = samples(record)
    assert measured["verdict",] == 0
    assert measured["rows",] == 300
    assert measured["staleness_seconds",] == 109 * 3600
    assert measured["drift_share",] == 0
    assert measured["drift_min_p_value",] == 1
    assert measured["anomaly_rate",] == 0.05  # the reference again: its own contamination
    stages = ("schema", "quality", "drift", "anomalies")
    assert all(measured["findings", stage, severity] == 0 for stage in stages for severity in ("warn", "error"))


def test_drift_and_anomalies_warn_and_alert_and_the_run_goes_on(validate):
    record = validate(offset=100)
    assert (record.result.outcome, record.result.verdict) == ("passed", "warn")
    assert [(a.name, a.severity, a.dataset) for a in record.result.alerts] == [
        ("MaestroDrift", "warning", "events"),
        ("MaestroAnomalyRate", "warning", "events"),
    ]
    measured = samples(record)
    assert (measured["verdict",], measured["drift_share",], measured["anomaly_rate",]) == (1, 1, 1)
    assert measured["findings", "drift", "warn"] == 1


def test_a_violated_error_fails_and_still_leaves_both_reports(validate, tmp_path):
    record = validate(checks=[{"check": "range", "column": "n", "max": 8}], drift=None, anomalies=None)
    assert (record.result.outcome, record.result.errors) == ("failed", 1)
    (alert,) = record.result.alerts
    assert (alert.name, alert.severity) == ("MaestroQualityFailed", "critical")
    assert alert.summary == "range: n: 30 of 300 (10.00 %) outside any to 8 (smallest 0, largest 9)"
    assert "fail" in Path(record.result.artifacts["report"]).read_text()
    assert json.loads(Path(record.result.artifacts["findings"]).read_text())["verdict"] == "fail"
    assert samples(record)["findings", "quality", "error"] == 1


def test_a_violated_warning_of_quality_does_not_alert(validate):
    declared = {"check": "range", "column": "n", "max": 8, "severity": "warn"}
    record = validate(checks=[declared], drift=None, anomalies=None)
    assert (record.result.verdict, record.result.alerts) == ("warn", [])


def test_drift_set_to_error_fails_and_is_critical(validate):
    record = validate(offset=100, drift={"columns": ["x"], "severity": "error"}, anomalies=None)
    assert record.result.outcome == "failed"
    assert [(a.name, a.severity) for a in record.result.alerts] == [("MaestroDrift", "critical")]


def test_only_the_stages_that_are_named_run(validate):
    record = validate(offset=100, params={"stages": "schema,quality"})
    assert record.result.verdict == "pass"
    assert {key[1] for key in samples(record) if key[0] == "findings"} == {"schema", "quality"}
    assert not {"drift_share", "anomaly_rate"} & {key[0] for key in samples(record)}


def test_a_stage_nobody_knows_is_refused_before_anything_is_done(validate, tmp_path):
    with pytest.raises(RequestError, match=r"parameters of validate: stages\.0"):
        validate(params={"stages": "shcema"})
    assert not (tmp_path / "runs").exists()


def test_a_source_that_cannot_be_read_leaves_no_result(validate, tmp_path):
    with pytest.raises(DataError, match="no parquet file"):
        validate(source={"kind": "parquet", "path": "gone.parquet"})
    assert not store(tmp_path).exists("result.json")


def test_a_second_run_gives_the_same_findings(validate, tmp_path):
    first, second = (validate(offset=0.5, folder=store(tmp_path / name)) for name in ("a", "b"))
    assert first.result.metrics == second.result.metrics
    reports = [json.loads(Path(r.result.artifacts["findings"]).read_text()) for r in (first, second)]
    assert reports[0]["findings"] == reports[1]["findings"]


def test_reports_go_to_a_bucket_too(validate):
    import fsspec

    memory = fsspec.filesystem("memory")
    try:
        record = validate(folder=store("memory://validate-step"))
        assert memory.cat(record.result.artifacts["report"]).startswith(b"<!doctype html>")
    finally:
        memory.rm("/validate-step", recursive=True)


def test_the_p_value_of_a_run_is_the_smallest_of_its_columns(validate):
    record = validate(offset=100, drift={"columns": ["x", "n"]}, anomalies=None)
    findings = json.loads(Path(record.result.artifacts["findings"]).read_text())["findings"]
    p_values = {f["column"]: f["numbers"]["p_value"] for f in findings if f["stage"] == "drift"}
    measured = samples(record)
    assert p_values["x"] < 1e-6 < p_values["n"]
    assert (measured["drift_min_p_value",], measured["drift_share",]) == (p_values["x"], 0.5)


@pytest.mark.parametrize("severities", [("warn", "error"), ("error", "warn")])
def test_one_error_among_warnings_makes_an_alert_critical(severities):
    drifted = {"stage": "drift", "check": "ks", "outcome": "violated", "message": "moved"}
    findings = tuple(Finding(column=column, severity=s, **drifted) for column, s in zip("xy", severities, strict=True))
    (alert,) = alerts_of(Report.model_construct(dataset="events", stages=("drift",), findings=findings))
    assert (alert.name, alert.severity) == ("MaestroDrift", "critical")
