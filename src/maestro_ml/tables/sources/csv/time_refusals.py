"""Why a column of dates or times is not read: it has more than one meaning, and the project does not say which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from maestro_ml.project import RequestError
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.text_values import iso_zoned
from maestro_ml.sql.types import ColumnType
from maestro_ml.tables.sources.csv.time_formats import TimeFormat

if TYPE_CHECKING:
    from maestro_ml.tables.sources.csv.columns import TextTable

_FIRST = 1970  # what strptime reads as earlier years of two digits can be of the next century


@dataclass(frozen=True)
class TimeRefusal:
    """Errors about one column; they show no value where the contract has a column that is `pii`."""

    table: "TextTable"
    name: str
    type_: ColumnType

    def ambiguous(self, example: str, formats: Sequence[TimeFormat]) -> RequestError:
        """Refuse values that more than one reading fits; this one is another time by each."""
        names: dict[str, dict[str, None]] = {}
        for format_, moment in zip(formats, self._read(example, formats), strict=True):
            names.setdefault(_shown(moment), {})[format_.name] = None
        readings = {day: " or ".join(same) for day, same in names.items()}
        if self.table.is_personal:
            problem = f"the values can be read by {', '.join(readings.values())}"
        else:
            problem = f"{example!r} can be " + ", ".join(f"{day} (as {name})" for day, name in readings.items())
        return self._undeclared(problem, formats[0].name)

    def century(self, example: str, format_: TimeFormat) -> RequestError:
        """Refuse years of two digits, whose century is not known."""
        [moment] = self._read(example, [format_])
        other = moment.year + (100 if moment.year < _FIRST else -100)
        years = "" if self.table.is_personal else f": {example!r} can be of {moment.year} or of {other}"
        return self._undeclared(f"the year has two digits, and the century is not certain{years}", format_.name)

    def mixed(self) -> RequestError:
        """Refuse times of which some carry a zone."""
        zoned = f"{iso_zoned(quoted(self.name))} IS NOT NULL"
        shown = ""
        if not self.table.is_personal:
            text = quoted(self.name)
            with_zone, without = self.table.values(
                [f"min({text}) FILTER ({zoned})", f"min({text}) FILTER (NOT {zoned})"]
            )
            shown = f" ({with_zone!r} and {without!r})"
        return RequestError(
            f"{self.table.place}: column {self.name}: some times carry a timezone and some do not{shown}; "
            "say which zone the latter are of with the key `timezone` of the dataset"
        )

    def _read(self, example: str, formats: Sequence[TimeFormat]) -> tuple[datetime, ...]:
        measures = [f"any_value({each.sql('text')})" for each in formats]
        return self.table.values(measures, f"(SELECT {literal(example)} AS text)")

    def _undeclared(self, problem: str, format_: str) -> RequestError:
        key = "date_format" if self.type_ == "date" else "timestamp_format"
        return RequestError(
            f"{self.table.place}: column {self.name}: {problem}; say how it is written with the key `{key}` of the "
            f"source, such as {key}: '{format_}'"
        )


def _shown(moment: datetime) -> str:
    return str(moment.date() if moment.time() == time() else moment)
