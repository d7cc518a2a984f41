"""Drift: every column of the window against the reference, and where asked for all of them together."""

from maestro_ml.core.findings import Finding
from maestro_ml.validation.context import Subject
from maestro_ml.validation.drift.classifier import domain_classifier
from maestro_ml.validation.drift.compare import measured
from maestro_ml.validation.drift.evaluate import judged
from maestro_ml.validation.drift.plan import planned


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
