"""The step `validate`: check a dataset's window and write the report."""

from maestro_ml.core.results import Statistic
from maestro_ml.observability import metrics as m
from maestro_ml.observability.alerts import Alert, AlertName
from maestro_ml.observability.metrics import MetricValue
from maestro_ml.steps.history import metrics_file, read_history
from maestro_ml.steps.parameters import ValidateParameters
from maestro_ml.steps.result import StepResult
from maestro_ml.steps.step import StepRun
from maestro_ml.steps.store import write_together
from maestro_ml.validation import Finding, Report, Stage, Verdict, validate_dataset
from maestro_ml.validation.report.html import render_html
from maestro_ml.validation.report.run_metrics import run_metrics

HTML, JSON = "report.html", "report.json"
_ALERTS: dict[Stage, AlertName] = {
    "schema": "MaestroQualityFailed",
    "quality": "MaestroQualityFailed",
    "drift": "MaestroDrift",
    "anomalies": "MaestroAnomalyRate",
}


class ValidateResult(StepResult):
    """The verdict and its counts; the findings themselves are in report.json."""

    verdict: Verdict
    rows: int | None
    checks: int
    errors: int
    warnings: int


def validate(run: StepRun[ValidateParameters]) -> ValidateResult:
    """Validate the target dataset; write the report whatever the verdict.

    Raises:
        DataError: the source cannot be read.
    """
    history = read_history(run.folder.store, run.target, run.project.datasets[run.target], run.window)
    for name in history.left_out:
        run.progress(f"{run.target}: the earlier run {name} cannot be read and is left out")
    report = validate_dataset(
        run.project,
        run.target,
        run.window,
        run.params.stages,
        most_rows=run.params.most_rows,
        history=history,
        progress=run.progress,
    )
    html, json = render_html(report).encode(), report.model_dump_json(indent=2).encode()
    metrics = metrics_file(run.folder, run_metrics(report, run.folder.run_name))
    uris = write_together([(run.folder, HTML, html), (run.folder, JSON, json), metrics])
    artifacts = dict(zip(("report", "findings", "metrics"), uris, strict=True))
    return ValidateResult(
        outcome="failed" if report.verdict == "fail" else "passed",
        summary=report.summary,
        metrics=_samples(report),
        alerts=alerts_of(report),
        artifacts=artifacts,
        verdict=report.verdict,
        rows=report.rows,
        checks=len(report.findings),
        errors=report.count("error"),
        warnings=report.count("warn"),
    )


def _samples(report: Report) -> list[MetricValue]:
    dataset = report.dataset
    samples = [m.VALIDATION_VERDICT(m.VERDICT_VALUES[report.verdict], dataset=dataset)]
    # Zeros too: a gauge that is not sent keeps its last value.
    samples += [
        m.VALIDATION_FINDINGS(report.count(severity, stage), dataset=dataset, stage=stage, severity=severity)
        for stage in report.stages
        for severity in ("warn", "error")
    ]
    if report.rows is not None:
        samples.append(m.VALIDATION_ROWS(report.rows, dataset=dataset))
    if report.staleness is not None:
        samples.append(m.VALIDATION_STALENESS(report.staleness.total_seconds(), dataset=dataset))
    if tests := report.drift_tests:
        samples.append(m.DRIFT_SHARE(sum(t.violated for t in tests) / len(tests), dataset=dataset))
    if p_values := [t.result.p.value for t in tests if isinstance(t.result, Statistic) and t.result.p]:
        samples.append(m.DRIFT_MIN_P_VALUE(min(p_values), dataset=dataset))
    if report.anomaly_rate is not None:
        samples.append(m.ANOMALY_RATE(report.anomaly_rate, dataset=dataset))
    return samples


def alerts_of(report: Report) -> list[Alert]:
    """Build one alert for each name: schema and quality at severity error, drift and anomalies at any severity."""
    by_name: dict[AlertName, list[Finding]] = {}
    for finding in report.violated:
        if finding.severity == "error" or finding.stage in ("drift", "anomalies"):
            by_name.setdefault(_ALERTS[finding.stage], []).append(finding)
    return [
        Alert(
            name=name,
            dataset=report.dataset,
            severity="critical" if any(f.severity == "error" for f in findings) else "warning",
            summary=_sentence(findings),
        )
        for name, findings in by_name.items()
    ]


def _sentence(findings: list[Finding]) -> str:
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{findings[0].check}: {findings[0]}{more}"
