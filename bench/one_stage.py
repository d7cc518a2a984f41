"""One stage of a validation, as the benchmark of shapes measures it: a process of its own.

    python bench/one_stage.py PROJECT END STAGE

STAGE is `checks` (schema and quality), `drift`, `anomalies`, `profile`, `suggest`, or `all` (the first four and the
report). Declared checks must pass.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from maestro_ml.project import Project, Window, load_project
from maestro_ml.tables import open_dataset
from maestro_ml.validation.context import ValidationContext


def checks(context: ValidationContext) -> None:
    from maestro_ml.validation.prefetch import prefetch_aggregates
    from maestro_ml.validation.quality import quality_findings
    from maestro_ml.validation.schema import schema_findings

    prefetch_aggregates(context, ("schema", "quality"))
    findings = schema_findings(context) + quality_findings(context)
    wrong = [f"{finding.check} {finding.column}: {finding.message}" for finding in findings if finding.violated]
    if wrong:
        raise SystemExit("\n".join(wrong))


def drift(context: ValidationContext) -> None:
    from maestro_ml.validation.drift.findings import drift_findings

    drift_findings(context)


def anomalies(context: ValidationContext) -> None:
    from maestro_ml.validation.anomalies.findings import anomaly_findings

    anomaly_findings(context)


def profile(context: ValidationContext) -> None:
    from maestro_ml.validation.profile.build import columns_to_profile, profiles

    profiles(context, columns_to_profile(context, ()))


def suggest(project: Project, window: Window) -> None:
    from maestro_ml.validation.suggest.proposals import suggest

    suggest(project, "table", window)


def whole(project: Project, window: Window) -> None:
    """All stages and the report, as `maestro validate` makes them."""
    from maestro_ml.validation.report.html import render_html
    from maestro_ml.validation.run import validate_dataset

    report = validate_dataset(project, "table", window)
    render_html(report)
    wrong = [finding.message for finding in report.findings if finding.violated and finding.severity == "error"]
    if wrong:
        raise SystemExit("\n".join(wrong))


STAGES: dict[str, Callable[[ValidationContext], None]] = {
    "checks": checks,
    "drift": drift,
    "anomalies": anomalies,
    "profile": profile,
}


def main() -> None:
    folder, moment, stage = sys.argv[1:]
    project = load_project(Path(folder))
    end = datetime.fromisoformat(moment)
    window = Window(end - project.datasets["table"].window, end)
    if stage in ("suggest", "all"):
        {"suggest": suggest, "all": whole}[stage](project, window)
        return
    with open_dataset(project, "table", many_passes=True) as dataset:  # as `maestro validate` does
        STAGES[stage](ValidationContext(dataset, window, datetime.now(UTC)))


if __name__ == "__main__":
    main()
