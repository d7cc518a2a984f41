"""Quality checks a dataset declares. One class a check; `validation/checks` has one function for each.

Missing is null, or NaN in a floating-point column. What a check says of values, missing ones pass.
"""

from typing import Annotated

from pydantic import Field

from maestro_ml.project.checks.base import Share
from maestro_ml.project.checks.order import MonotonicCheck
from maestro_ml.project.checks.other_datasets import ReconcileCheck, ReferencesCheck
from maestro_ml.project.checks.rows import CompareCheck, DuplicateRowsCheck, PredicateCheck, RowsCheck, UniqueCheck
from maestro_ml.project.checks.values import AllowedCheck, LengthCheck, MissingCheck, RangeCheck, RegexCheck
from maestro_ml.project.history import HistoryCheck

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

__all__ = [
    "AllowedCheck",
    "Check",
    "CompareCheck",
    "DuplicateRowsCheck",
    "LengthCheck",
    "MissingCheck",
    "MonotonicCheck",
    "PredicateCheck",
    "RangeCheck",
    "ReconcileCheck",
    "ReferencesCheck",
    "RegexCheck",
    "RowsCheck",
    "Share",
    "UniqueCheck",
    "WindowCheck",
]
