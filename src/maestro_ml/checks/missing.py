"""The check `missing`: no value is missing."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck


class MissingCheck(TolerantCheck):
    """No value is missing."""

    check: Literal["missing"]
    column: str
