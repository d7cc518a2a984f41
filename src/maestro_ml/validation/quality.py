"""Quality: the declared checks, freshness, and what nobody should have to declare."""

from collections.abc import Iterator

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.history import HistoryCheck
from maestro_ml.checks.missing import MissingCheck, missing_count
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.registry import probe
from maestro_ml.checks.rows import RowsCheck, row_count
from maestro_ml.core.findings import Finding, finding
from maestro_ml.core.results import NOTHING, Count, Result
from maestro_ml.core.wording import plural, share
from maestro_ml.project.datasets import Column
from maestro_ml.tables import Table
from maestro_ml.tables.extent import where_rows_are
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.event_time import event_time_findings, freshness
from maestro_ml.validation.history_checks import against_history
from maestro_ml.validation.probes import measure


def quality_findings(context: ValidationContext) -> list[Finding]:
    """Return the findings in the order of the project file, the undeclared ones first."""
    findings = event_time_findings(context)
    if context.spec.freshness:
        findings.append(freshness(context.spec.freshness, context))
    measured = measure(context.current, list(quality_probes(context)))
    return findings + (measured if context.current.count else _with_advice(context, measured))


def _with_advice(context: ValidationContext, findings: list[Finding]) -> list[Finding]:
    """Say in the finding on an empty window where the data begin and end."""
    advice = where_rows_are(context.dataset, context.window, context.now)
    return [
        each.model_copy(update={"message": each.message + advice}) if each.check == "rows" and each.violated else each
        for each in findings
    ]


def quality_probes(context: ValidationContext) -> Iterator[Probe | Finding]:
    """Yield what is to be measured of the window's rows."""
    spec, dataset = context.spec, context.dataset
    if not any(isinstance(check, RowsCheck) and not check.where for check in spec.checks):
        yield row_count(RowsCheck(check="rows", min=1), dataset, " row, unless a rows check says otherwise")
    judged = {check.column for check in spec.checks if isinstance(check, MissingCheck) and not check.where}
    for name, column in spec.columns.items():
        if name in dataset.types and name not in judged:
            yield all_missing(name, column, dataset)
    for check in spec.checks:
        if isinstance(check, HistoryCheck):
            yield against_history(check, context)
        elif isinstance(check, BaseCheck):
            yield probe(check, context.current)


def all_missing(name: str, column: Column, dataset: Table) -> Probe:
    """Return a probe of whether a column of the contract has a value at all."""

    def finding_of(message: str, result: Result = NOTHING, *, violated: bool) -> Finding:
        return finding(
            "quality", "all_missing", column.severity, message, violated=violated, column=name, result=result
        )

    def judge(rows: int, missing: int) -> Finding:
        violated = 0 < rows == missing
        message = f"no value at all in {plural(rows, 'row')}" if violated else f"{share(missing, rows)} missing"
        return finding_of(message, Count(missing, rows, names=("missing", "rows")), violated=violated)

    def on_error(error: Exception) -> Finding:
        return finding_of(f"could not be checked: {type(error).__name__}", violated=True)

    return missing_count(dataset, name, judge, on_error, None)
