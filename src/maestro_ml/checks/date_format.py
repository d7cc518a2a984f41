"""The check `date_format`: texts are dates or times in a format."""

from typing import ClassVar, Literal

from maestro_ml.checks.base import TolerantCheck
from maestro_ml.checks.probe import Probe
from maestro_ml.checks.tolerance import text_probe
from maestro_ml.core.findings import Finding
from maestro_ml.sql.date_formats import DateFormat, pattern_of
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.table import WindowRows


class DateFormatCheck(TolerantCheck):
    """Texts are dates or times in `format`, as in strftime: `%Y-%m-%d`, `%d.%m.%y %H:%M`.

    Supported are `%Y %y %m %b %B %d %H %I %M %S %f %p %z %%`, with English names of months. Numbers have all their
    digits (`%f` one to six), and the day must exist in its month and year.
    """

    accepts: ClassVar = ("string",)
    why: ClassVar = "A date in another format is read as another day, or not at all."

    check: Literal["date_format"]
    column: str
    format: DateFormat

    def probe(self, rows: WindowRows) -> Probe | Finding:
        bad = f"NOT regexp_full_match({quoted(self.column)}, {literal(pattern_of(self.format))})"
        return text_probe(self, self.column, rows.dataset, bad, f"are no dates in the format {self.format}")
