"""The check `predicate`: a SQL predicate is true of every row."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.sql.predicates import Predicate


class PredicateCheck(TolerantCheck):
    """A SQL predicate is true of every row, or unknown (null)."""

    check: Literal["predicate"]
    sql: Predicate
