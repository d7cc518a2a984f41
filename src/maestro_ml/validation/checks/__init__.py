"""The declared quality checks: one function each, from the check to a probe and its judgement."""

from maestro_ml.checks.allowed import AllowedCheck
from maestro_ml.checks.compare import CompareCheck
from maestro_ml.checks.length import LengthCheck
from maestro_ml.checks.missing import MissingCheck
from maestro_ml.checks.monotonic import MonotonicCheck
from maestro_ml.checks.predicate import PredicateCheck
from maestro_ml.checks.range import RangeCheck
from maestro_ml.checks.reconcile import ReconcileCheck
from maestro_ml.checks.references import ReferencesCheck
from maestro_ml.checks.regex import RegexCheck
from maestro_ml.checks.registry import WindowCheck
from maestro_ml.checks.rows import RowsCheck
from maestro_ml.checks.unique import DuplicateRowsCheck, UniqueCheck
from maestro_ml.core.findings import Finding
from maestro_ml.validation.checks import duplicates, order, other_datasets, rows, values
from maestro_ml.validation.checks.counted import unusable
from maestro_ml.validation.checks.ranges import value_range
from maestro_ml.validation.context import Slice
from maestro_ml.validation.probes import Probe


def probe(check: WindowCheck, side: Slice) -> Probe | Finding:
    """How to make a declared check of some rows, or why it cannot be made."""
    return unusable(check, side.dataset) or _probe(check, side)


def _probe(check: WindowCheck, side: Slice) -> Probe | Finding:  # noqa: PLR0911 - a table, written as one
    dataset = side.dataset
    match check:
        case MissingCheck():
            return values.missing(check, dataset)
        case RangeCheck():
            return value_range(check, dataset)
        case AllowedCheck():
            return values.allowed(check, side)
        case RegexCheck():
            return values.regex(check, dataset)
        case LengthCheck():
            return values.length(check, dataset)
        case RowsCheck():
            return rows.rows(check, dataset)
        case PredicateCheck():
            return rows.predicate(check, dataset)
        case CompareCheck():
            return rows.compare(check, dataset)
        case UniqueCheck() | DuplicateRowsCheck():
            return duplicates.repeated_rows(check, side)
        case MonotonicCheck():
            return order.monotonic(check, side)
        case ReferencesCheck():
            return other_datasets.references(check, side)
        case ReconcileCheck():
            return other_datasets.reconcile(check, side)
