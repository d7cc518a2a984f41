"""One validation, from the project file to the report."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import maestro_ml
from maestro_ml.core.findings import Finding, Stage, finding, verdict_of
from maestro_ml.core.library_errors import text_of, values_hidden
from maestro_ml.core.node import Severity
from maestro_ml.project import Project, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.references import SnapshotReference
from maestro_ml.tables import NoEventTime, QueryError
from maestro_ml.tables.open import open_on_engine
from maestro_ml.validation.anomalies.findings import anomaly_findings
from maestro_ml.validation.context import ValidationContext, windows_read
from maestro_ml.validation.drift.findings import drift_findings
from maestro_ml.validation.file_checks import file_findings
from maestro_ml.validation.history.runs import NO_HISTORY, History
from maestro_ml.validation.prefetch import prefetch
from maestro_ml.validation.profile.build import columns_to_profile, profiles
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.quality import quality_findings
from maestro_ml.validation.report.model import Footers, Report
from maestro_ml.validation.report.run_metrics import run_metrics
from maestro_ml.validation.report.trends import trends
from maestro_ml.validation.schema import schema_findings

_STAGES: dict[Stage, Callable[[ValidationContext], list[Finding]]] = {
    "schema": schema_findings,
    "quality": quality_findings,
    "drift": drift_findings,
    "anomalies": anomaly_findings,
}
ALL_STAGES: tuple[Stage, ...] = tuple(_STAGES)


def validate_dataset(
    project: Project,
    name: str,
    window: Window,
    stages: Sequence[Stage] = ALL_STAGES,
    *,
    most_rows: int | None = None,
    now: datetime | None = None,
    history: History = NO_HISTORY,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Look at the window's rows; every stage reports, whatever the one before it found.

    Args:
        most_rows: of a table without a time, look at the first so many rows only.
        now: decides only which rows lie in the future.
        history: earlier runs, for the checks against them and for trends.

    Raises:
        DataError: the source cannot be read; nothing can be said about it.
    """
    moment = now or datetime.now(UTC)
    spec = project.datasets[name]
    most_rows = None if spec.timestamp else most_rows
    wanted = tuple(stage for stage in _STAGES if stage in stages and _declared(stage, spec))
    findings: list[Finding] = []
    with (
        values_hidden(project.has_personal_columns),
        open_on_engine(
            project, name, windows_read(spec, name, window), many_passes=True, most_rows=most_rows
        ) as dataset,
    ):
        context = ValidationContext(dataset, window, moment, history)
        prefetch(context, wanted)
        for stage in wanted:
            progress(f"{name}: {stage}")
            findings += _findings(stage, context)
        if "schema" not in wanted and (left_out := [found for found in file_findings(dataset) if found.violated]):
            wanted, findings = ("schema", *wanted), [*left_out, *findings]  # no verdict passes over files
        try:
            rows = context.current.count
            newest = None if spec.hides(spec.timestamp or "") else context.newest
        except NoEventTime:
            rows, newest = None, None
        reference = context.reference if spec.reference else None
        shown = () if rows is None else _profiles(context, findings)
        footers = _footers(context, with_window=rows is not None)
    report = Report(
        dataset=name,
        verdict=verdict_of(findings),
        window=window,
        whole_table=spec.timestamp is None and not dataset.is_cut,
        first_rows=dataset.is_cut,
        reference=reference.window if reference else None,
        snapshot=spec.reference.place if isinstance(spec.reference, SnapshotReference) else None,
        rows=rows,
        newest=newest,
        stages=wanted,
        findings=tuple(findings),
        profiles=shown,
        footers=footers,
        configuration=spec.model_dump(mode="json", by_alias=True, exclude_unset=True),
        version=maestro_ml.__version__,
        created=moment,
    )
    return report.model_copy(update={"trends": trends(history, run_metrics(report, ""), (p.column for p in shown))})


def _footers(context: ValidationContext, *, with_window: bool) -> Footers | None:
    files = context.dataset.parquet
    if files is None:
        return None
    return Footers(columns=tuple(context.current.in_footers) if with_window else (), doubt=files.doubt)


def _declared(stage: Stage, spec: Dataset) -> bool:
    return {"drift": spec.drift is not None, "anomalies": spec.anomalies is not None}.get(stage, True)


def _findings(stage: Stage, context: ValidationContext) -> list[Finding]:
    import duckdb

    try:
        return _STAGES[stage](context)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (NoEventTime, duckdb.Error, QueryError) as error:
        message = f"could not run: {text_of(error) if isinstance(error, duckdb.Error) else error}"
        return [finding(stage, "window", _severity(stage, context.spec), message, violated=True)]


def _profiles(context: ValidationContext, findings: Sequence[Finding]) -> tuple[ColumnProfile, ...]:
    """Return the profiles; None where a column cannot be read: the findings say which."""
    import duckdb

    try:
        return profiles(context, columns_to_profile(context, findings))
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except (duckdb.Error, QueryError):
        return ()


def _severity(stage: Stage, spec: Dataset) -> Severity:
    declared = {"drift": spec.drift, "anomalies": spec.anomalies}.get(stage)
    return declared.severity if declared else "error"
