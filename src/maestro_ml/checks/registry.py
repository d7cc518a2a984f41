"""All checks a dataset can declare.

Missing is null, or NaN in a floating-point column. What a check says of values, missing ones pass.
"""

from typing import Annotated, get_args

from pydantic import Field

from maestro_ml.checks.allowed import AllowedCheck
from maestro_ml.checks.compare import CompareCheck
from maestro_ml.checks.history import HistoryCheck
from maestro_ml.checks.length import LengthCheck
from maestro_ml.checks.missing import MissingCheck
from maestro_ml.checks.monotonic import MonotonicCheck
from maestro_ml.checks.predicate import PredicateCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.range import RangeCheck
from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.references import ReferencesCheck
from maestro_ml.checks.regex import RegexCheck
from maestro_ml.checks.rows import RowsCheck
from maestro_ml.checks.unique import DuplicateRowsCheck, UniqueCheck
from maestro_ml.checks.usable import unusable_columns
from maestro_ml.core.findings import Finding
from maestro_ml.sql.table import WindowRows

WindowCheck = (
    MissingCheck
    | RangeCheck
    | AllowedCheck
    | RegexCheck
    | LengthCheck
    | UniqueCheck
    | DuplicateRowsCheck
    | RowsCheck
    | PredicateCheck
    | CompareCheck
    | MonotonicCheck
    | ReferencesCheck
    | ReconcileCheck
)
Check = Annotated[WindowCheck | HistoryCheck, Field(discriminator="check")]
REASONS: dict[str, str] = {
    get_args(kind.model_fields["check"].annotation)[0]: kind.why
    for kind in (*get_args(WindowCheck), *get_args(HistoryCheck))
}


def probe(check: WindowCheck, rows: WindowRows) -> Probe | Finding:
    """How to make a declared check of some rows, or why it cannot be made."""
    return unusable_columns(check, rows.dataset) or check.probe(rows)
