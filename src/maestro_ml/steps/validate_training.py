"""The step `validate_training`: check the rows a model learns from before anything is built from them."""

from maestro_ml.steps.step import NoParameters, StepRun
from maestro_ml.steps.validate import HTML, JSON, ValidateResult, alerts_of
from maestro_ml.validation import Report, validate_dataset
from maestro_ml.validation.report.html import render_html
from maestro_ml.validation.training_checks import for_training

_SHOWN = 3


def validate_training(run: StepRun[NoParameters]) -> ValidateResult:
    """Check schema and quality of the model's dataset in the model's window; write the report whatever the verdict.

    Nothing goes into the dataset's history or its gauges, which describe windows of the dataset's length.

    Raises:
        DataError: the source cannot be read.
    """
    model = run.project.models[run.target]
    project = for_training(run.project, model, run.window)
    report = validate_dataset(project, model.dataset, run.window, ("schema", "quality"), progress=run.progress)
    return ValidateResult(
        outcome="failed" if report.verdict == "fail" else "passed",
        summary=f"{report.summary}{_errors(report)}",
        alerts=alerts_of(report),
        artifacts={
            "report": run.folder.write(HTML, render_html(report).encode()),
            "findings": run.folder.write_model(JSON, report),
        },
        verdict=report.verdict,
        rows=report.rows,
        checks=len(report.findings),
        errors=report.count("error"),
        warnings=report.count("warn"),
    )


def _errors(report: Report) -> str:
    found = [f"{each.check}: {each}" for each in report.violated if each.severity == "error"]
    more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
    return f": {'; '.join(found[:_SHOWN])}{more}" if found else ""
