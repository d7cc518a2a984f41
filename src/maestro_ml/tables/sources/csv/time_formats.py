"""Ways to read a date or a time that is not as in ISO 8601."""

import re
from dataclasses import dataclass
from itertools import product

from maestro_ml.sql.identifiers import literal

_ORDERS = ("%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y{0}%m{0}%d", "%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d")
_TIMES = tuple(
    blank + time
    for blank in (" ", "T")
    for time in ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p", "%I:%M:%S%p")
)
_COMMON = 2  # of them are tried first, because each costs
_FIRST_YEAR = 1000  # DuckDB reads 03/04/24 by %Y as a day of the year 24


@dataclass(frozen=True)
class TimeFormat:
    """One reading: strptime formats that a value may have, tried in their order, and the name they go by."""

    name: str
    formats: tuple[str, ...]

    def sql(self, text: str) -> str:
        """Return SQL for what the text is by this reading: a TIMESTAMP, TIMESTAMP_NS or TIMESTAMPTZ."""
        formats = ", ".join(map(literal, self.formats))
        parsed = f"try_strptime({text}, [{formats}])"
        # by any format, DuckDB reads `epoch` and `infinity`
        has_digits = f"regexp_matches({text}, '[0-9]')"
        return f"CASE WHEN {has_digits} AND year({parsed}::TIMESTAMP) >= {_FIRST_YEAR} THEN {parsed} END"

    @property
    def has_zone(self) -> bool:
        return bool(re.search("%[zZ]", self.name))

    @property
    def is_finer(self) -> bool:
        return "%n" in self.name

    @property
    def has_short_year(self) -> bool:
        return "%y" in self.name

    @property
    def is_date(self) -> bool:
        return self.formats == (self.name,) and not re.search("%-?[HISfgnpMXcT]", self.name)


def with_times(date: str) -> TimeFormat:
    """Read a date that may stand before a time of day."""
    return TimeFormat(
        date, (*(date + time for time in _TIMES[:_COMMON]), date, *(date + time for time in _TIMES[_COMMON:]))
    )


def common(times: bool) -> tuple[TimeFormat, ...]:
    """Return the readings of numeric dates in use: day, month or year first, with / . or - between them."""
    dates = [order.format(separator) for order, separator in product(_ORDERS, "/.-")]
    plain = tuple(TimeFormat(date, (date,)) for date in dates)
    return (*plain, *map(with_times, dates)) if times else plain
