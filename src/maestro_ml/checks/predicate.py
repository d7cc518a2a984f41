"""The check `predicate`: a SQL predicate is true of every row."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import count_probe
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.predicates import Predicate
from maestro_ml.sql.table import WindowRows


class PredicateCheck(TolerantCheck):
    """A SQL predicate is true of every row, or unknown (null)."""

    why: ClassVar = "A business rule does not hold: these rows say something impossible."

    check: Literal["predicate"]
    sql: Predicate

    def probe(self, rows: WindowRows) -> Probe:
        return predicate(self, rows.dataset)


def predicate(check: PredicateCheck, dataset: Columns) -> Probe:
    return count_probe(check, dataset, f"({dataset.predicate(check.sql)}) IS FALSE", f"are not {check.sql}")
