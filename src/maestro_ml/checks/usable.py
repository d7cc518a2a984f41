"""Whether the columns a check needs can serve it."""

from maestro_ml.checks.base import BaseCheck
from maestro_ml.checks.tolerance import check_finding, columns_of, unchecked_finding
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.predicates import PredicateError

_PREDICATES = ("where", "sql")


def unusable_columns(check: BaseCheck, dataset: Columns) -> Finding | None:
    """Return why the columns a check needs cannot serve it, as a finding; None if they can."""
    for text in (text for field in _PREDICATES if (text := getattr(check, field, None))):
        try:
            dataset.predicate(text)
        except PredicateError as error:
            return unchecked_finding(check, str(error))
    for field, name in check.columns_read(dataset):
        if name in dataset.types:
            if field in _PREDICATES and (reason := dataset.unpredictable(name)):
                return unchecked_finding(check, reason)
            if (field in _PREDICATES or check.compares_values) and (reason := dataset.inexact(name)):
                return unchecked_finding(check, reason)
            continue
        column = "the column" if columns_of(check) == name else f"the column {name}"
        declared = dataset.spec.columns.get(name)
        if declared and not declared.required:
            return check_finding(check, f"{column} is optional, and not there", violated=False)
        return unchecked_finding(check, f"{column} is missing")
    return None
