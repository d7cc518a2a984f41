"""The check `regex`: texts match a pattern."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import text_probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.columns import Columns
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.regex import Regex
from maestro_ml.sql.table import WindowRows


class RegexCheck(TolerantCheck):
    """The whole text matches `pattern`.

    The syntax is RE2's, as in DuckDB: write `.*` around it to match anywhere. An invalid pattern is refused when the
    project is loaded.
    """

    accepts: ClassVar = ("string",)
    why: ClassVar = "Text in another form is parsed wrongly, or not at all."

    check: Literal["regex"]
    column: str
    pattern: Regex

    def probe(self, rows: WindowRows) -> Probe | Finding:
        return regex(self, rows.dataset)


def regex(check: RegexCheck, dataset: Columns) -> Probe | Finding:
    bad = f"NOT regexp_full_match({quoted(check.column)}, {literal(check.pattern)})"
    return text_probe(check, check.column, dataset, bad, f"do not match {check.pattern}")
