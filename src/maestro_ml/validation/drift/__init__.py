"""Drift: every column of the window against the reference, and where asked for all of them together."""

from maestro_ml.core.findings import Finding
from maestro_ml.validation.drift.classifier import domain_classifier
from maestro_ml.validation.drift.judging import judged
from maestro_ml.validation.drift.measuring import measured
from maestro_ml.validation.drift.planning import planned
from maestro_ml.validation.subject import Subject


def drift_findings(subject: Subject) -> list[Finding]:
    """A finding a column, violated also where there is nothing to compare; and one of the classifier."""
    drift = subject.spec.drift
    if drift is None:
        return []
    tests, findings = planned(subject, drift)
    findings += judged(tests, measured(subject, tests), subject, drift)
    if drift.classifier:
        columns = [test.column for test in tests if test.kind == "numeric" and test.role == "feature"]
        findings.append(domain_classifier(subject, columns, drift.classifier, drift.severity))
    return findings
