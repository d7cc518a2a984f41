"""The check `regex`: texts match a pattern."""

from typing import Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.sql.regex import Regex


class RegexCheck(TolerantCheck):
    """Texts match `pattern` (RE2 syntax) from their first character to their last."""

    check: Literal["regex"]
    column: str
    pattern: Regex
