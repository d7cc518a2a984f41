"""The check `json`: texts are JSON."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import text_probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.json_texts import is_json
from maestro_ml.sql.table import WindowRows


class JsonCheck(TolerantCheck):
    """Each text is one valid JSON value (RFC 8259): an object, an array, a number, a text, true, false or null.

    Brackets are nested at most 16 deep.
    """

    accepts: ClassVar = ("string",)
    why: ClassVar = "Invalid JSON cannot be parsed: a reader fails, or skips the row."

    check: Literal["json"]
    column: str

    def probe(self, rows: WindowRows) -> Probe | Finding:
        valid = is_json(quoted(self.column), has_json_valid=rows.dataset.dialect.has_json_valid)
        bad = f"NOT {rows.dataset.missing(self.column)} AND NOT {valid}"
        return text_probe(self, self.column, rows.dataset, bad, "are not JSON")
