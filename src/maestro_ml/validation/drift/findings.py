"""Drift: every column of the window against the reference, and where asked for all of them together."""

from maestro_ml.core.findings import Finding
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.drift.classifier import domain_classifier
from maestro_ml.validation.drift.compare import compare_columns
from maestro_ml.validation.drift.evaluate import evaluate_tests
from maestro_ml.validation.drift.plan import plan_tests


def drift_findings(context: ValidationContext) -> list[Finding]:
    """Return a finding per column, violated also where there is nothing to compare; and one of the classifier."""
    drift = context.spec.drift
    if drift is None:
        return []
    tests, findings = plan_tests(context, drift)
    findings += evaluate_tests(tests, compare_columns(context, tests), context, drift)
    if drift.classifier:
        columns = [test.column for test in tests if test.kind == "numeric" and test.role == "feature"]
        findings.append(domain_classifier(context, columns, drift.classifier, drift.severity))
    return findings
