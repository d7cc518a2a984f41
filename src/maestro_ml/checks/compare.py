"""The check `compare`: two columns of a row against each other."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck


class CompareCheck(TolerantCheck):
    """In every row `left` stands to `right` as `operator` says."""

    check: Literal["compare"]
    left: str
    operator: Literal["<", "<=", "==", "!=", ">=", ">"]
    right: str
