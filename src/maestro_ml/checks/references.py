"""The check `references`: values stand in a column of another dataset."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck


class ReferencesCheck(TolerantCheck):
    """Every value stands in column `key` of another dataset, whatever the time of the row there."""

    check: Literal["references"]
    column: str
    dataset: str
    key: str
