"""The check `not_regex`: no text matches a pattern."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import text_probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.regex import Regex
from maestro_ml.sql.table import WindowRows


class NotRegexCheck(TolerantCheck):
    """No whole text matches `pattern`: write `.*` around it to match anywhere. The syntax is that of `regex`."""

    accepts: ClassVar = ("string",)
    why: ClassVar = "Text of a form that must not occur: markup, a blank at the end, the placeholder of a form."

    check: Literal["not_regex"]
    column: str
    pattern: Regex

    def probe(self, rows: WindowRows) -> Probe | Finding:
        bad = f"regexp_full_match({quoted(self.column)}, {literal(self.pattern)})"
        return text_probe(self, self.column, rows.dataset, bad, f"match {self.pattern}")
