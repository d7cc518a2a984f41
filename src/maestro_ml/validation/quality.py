"""Quality: the declared checks, freshness, and what nobody should have to declare."""

from collections.abc import Iterator

from maestro_ml.project.checks import (
    AllowedCheck,
    Check,
    DuplicateRowsCheck,
    MissingCheck,
    RangeCheck,
    RowsCheck,
    UniqueCheck,
)
from maestro_ml.project.history import NullRateHistoryCheck, RowCountHistoryCheck
from maestro_ml.validation import checks
from maestro_ml.validation.duplicates import repeated_rows
from maestro_ml.validation.findings import Finding
from maestro_ml.validation.history_checks import against_history
from maestro_ml.validation.probes import Probe, measure
from maestro_ml.validation.subject import Subject
from maestro_ml.validation.times import freshness, placed_in_time


def quality_findings(subject: Subject) -> list[Finding]:
    """Findings in the order of the project file, the undeclared ones first."""
    findings = placed_in_time(subject)
    if subject.spec.freshness:
        findings.append(freshness(subject.spec.freshness, subject))
    return findings + measure(subject.dataset.connection, subject.current.rows, list(_planned(subject)))


def _planned(subject: Subject) -> Iterator[Probe | Finding]:
    spec, dataset = subject.spec, subject.dataset
    if not any(isinstance(check, RowsCheck) for check in spec.checks):
        yield checks.rows(RowsCheck(check="rows"))
    judged = {check.column for check in spec.checks if isinstance(check, MissingCheck)}
    for name, column in spec.columns.items():
        if name in dataset.types and name not in judged:
            yield checks.filled(name, column, dataset)
    for check in spec.checks:
        yield checks.unusable(check, dataset) or _of(check, subject)


def _of(check: Check, subject: Subject) -> Probe | Finding:
    match check:
        case MissingCheck():
            return checks.missing(check, subject.dataset)
        case RangeCheck():
            return checks.value_range(check, subject.dataset)
        case AllowedCheck():
            return checks.allowed(check, subject.dataset)
        case RowsCheck():
            return checks.rows(check)
        case RowCountHistoryCheck() | NullRateHistoryCheck():
            return against_history(check, subject)
        case UniqueCheck() | DuplicateRowsCheck():
            return repeated_rows(check, subject.current)
