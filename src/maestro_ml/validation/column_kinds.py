"""Which columns can be compared with a reference."""

from collections.abc import Sequence

from maestro_ml.core.findings import Finding, Stage, finding
from maestro_ml.core.node import Severity
from maestro_ml.sql.types import NUMERIC, Kind
from maestro_ml.validation.context import ValidationContext


def wrong_kind(
    context: ValidationContext,
    column: str,
    stage: Stage,
    check: str,
    severity: Severity,
    kinds: Sequence[Kind] = NUMERIC,
    wanted: str = "numeric",
) -> Finding | None:
    """Return why a column of the contract is not of one of these kinds in the data, as a finding; None if it is."""
    kind = context.dataset.kind(column)
    if kind in (*kinds, "null"):
        then = context.reference.dataset.kind(column)
        if then in (*kinds, "null"):
            return None
        reason = "missing there" if then is None else f"{then} there, not {wanted}"
        message = f"cannot be compared with {context.reference}: the column is {reason}"
        return finding(stage, check, severity, message, violated=True, column=column)
    declared = context.spec.columns.get(column)
    optional = kind is None and declared is not None and not declared.required
    reason = "missing" if kind is None else f"{kind}, not {wanted}"
    message = f"cannot be checked: the column is {reason}" + (", and may be" if optional else "")
    return finding(stage, check, severity, message, violated=not optional, column=column)
