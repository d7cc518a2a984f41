"""Which columns can be compared as numbers."""

from collections.abc import Sequence

from maestro_ml.project.base import Severity
from maestro_ml.project.datasets import NUMERIC
from maestro_ml.validation.findings import Finding, Stage, finding
from maestro_ml.validation.subject import Subject


def numeric_columns(
    subject: Subject, named: Sequence[str], stage: Stage, check: str, severity: Severity
) -> tuple[list[str], list[Finding]]:
    """Those of the named columns (none named: the contract's numeric ones) that are numbers; findings on the rest."""
    usable: list[str] = []
    findings: list[Finding] = []
    for name in named or subject.spec.numeric_columns():
        kind = subject.dataset.kind(name)
        if kind in (*NUMERIC, "null"):
            usable.append(name)
            continue
        optional = kind is None and not subject.spec.columns[name].required
        reason = "missing" if kind is None else f"{kind}, not numeric"
        message = f"cannot be checked: the column is {reason}" + (", and may be" if optional else "")
        findings.append(finding(stage, check, severity, message, violated=not optional, column=name))
    return usable, findings
