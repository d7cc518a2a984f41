"""The check `references`: values stand in a column of another dataset."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.comparable import column_kind, incomparable_columns
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe, unchecked_finding
from maestro_ml.core.errors import DataError
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import comparable
from maestro_ml.sql.table import WindowRows


class ReferencesCheck(TolerantCheck):
    """Every value occurs in column `key` of another dataset, whatever the time of that row."""

    why: ClassVar = "These rows point at nothing: a join drops them, or leaves their columns empty."

    check: Literal["references"]
    column: str
    dataset: str
    key: str

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return references(self, rows)


def references(check: ReferencesCheck, rows: WindowRows) -> Probe | Finding:
    """Return a probe of values that stand in no row of another dataset's column."""
    dataset = rows.dataset
    try:
        other = rows.all_of(check.dataset)
        kinds = dataset.kind(check.column), column_kind(other.dataset, check.key)
    except DataError as error:
        return unchecked_finding(check, str(error))
    if found := incomparable_columns(check, *kinds):
        return found
    value, key = comparable((dataset, check.column), (other.dataset, check.key))
    known = f"SELECT {key} FROM {other.view} WHERE NOT {other.dataset.missing(check.key)}"  # noqa: S608
    bad = f"NOT {dataset.missing(check.column)} AND {value} NOT IN ({known})"
    return count_probe(check, dataset, bad, f"not in {check.key} of {check.dataset}", rows.for_joins)
