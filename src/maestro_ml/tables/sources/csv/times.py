"""Columns of dates and times in text: as in ISO 8601, as declared, or by the one common reading that fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from maestro_ml.project.datasets import Column
from maestro_ml.project.time_formats import ISO
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.text_values import converted, is_finer, iso_date, iso_naive, iso_zoned
from maestro_ml.sql.types import ColumnType
from maestro_ml.tables.sources.csv import time_formats
from maestro_ml.tables.sources.csv.time_formats import TimeFormat
from maestro_ml.tables.sources.csv.time_refusals import TimeRefusal
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from maestro_ml.tables.sources.csv.columns import TextTable

_CENTURY = (1970, 2049)  # years of two digits that need no word about their century
_EXAMPLES = 5


class TimeCounts(NamedTuple):
    """How many texts a column has, and how many of them are dates, naive, zoned, and finer than microseconds."""

    values: int
    dates: int
    naive: int = 0
    zoned: int = 0
    finer: int = 0


def expressions(text: str, type_: ColumnType) -> tuple[str, ...]:
    """Return SQL for the fields of `TimeCounts`."""
    dates = (f"count({text})", f"count({iso_date(text)})")
    if type_ == "date":
        return dates
    return (*dates, f"count({iso_naive(text)})", f"count({iso_zoned(text)})", f"count_if({is_finer(text)})")


@dataclass(frozen=True)
class TimeReader:
    """One column of dates or times."""

    table: "TextTable"
    name: str
    column: Column

    @property
    def text(self) -> str:
        return quoted(self.name)

    @property
    def is_date(self) -> bool:
        return self.column.type == "date"

    @property
    def iso(self) -> str:
        """SQL for an ISO value as a date, or without its zone, to be compared with other readings."""
        if self.is_date:
            return iso_date(self.text)
        return f"coalesce({iso_naive(self.text)}, {iso_zoned(self.text)}::TIMESTAMP)"

    @property
    def refusal(self) -> TimeRefusal:
        return TimeRefusal(self.table, self.name, self.column.type)

    def read(self, counts: TimeCounts) -> TypedText:
        """Choose what the column becomes.

        Raises:
            RequestError: more than one reading fits, or only some of the values carry a zone.
        """
        rest = counts.values - (counts.dates if self.is_date else counts.naive + counts.zoned)
        if declared := self._declared():
            best, missed, conflicts = self._misses(declared)[0]
            read = best.sql(self.text)
            if conflicts and self.table.values([f"count({self.text}) FILTER ({read} IS NULL)"])[0]:
                return TypedText("VARCHAR", self.text, read, best.name)
            if conflicts or (rest and not missed):
                return self._typed(counts, best)
            if rest:
                return self._text(best)
        if rest and self.column.format:
            return TypedText("VARCHAR", self.text, self.iso, self.column.format)
        return self._by_common_reading(counts, rest) if rest else self._typed(counts, None)

    def _declared(self) -> tuple[TimeFormat, ...]:
        """Return the formats the project declares, the narrowest first."""
        if own := self.column.format:
            return () if own == ISO else (TimeFormat(own, (own,)),)
        source = self.table.source
        dates = [source.date_format] if source.date_format else []
        if self.is_date:
            return tuple(TimeFormat(date, (date,)) for date in dates)
        times = [source.timestamp_format] if source.timestamp_format else []
        exact = (TimeFormat(each, (each,)) for each in (*times, *dates))
        return (*exact, *map(time_formats.with_times, dates))

    def _misses(self, formats: Sequence[TimeFormat], table: str | None = None) -> list[tuple[TimeFormat, int, int]]:
        """Return each format with how many values neither it nor ISO 8601 reads, and how many both read differently.

        The best one first.
        """
        measures = []
        for each in formats:
            read = each.sql(self.text)
            measures += [
                f"count({self.text}) FILTER ({read} IS NULL AND {self.iso} IS NULL)",
                f"count({self.text}) FILTER ({read}::TIMESTAMP <> {self.iso})",
            ]
        counts = self.table.values(measures, table)
        found = list(zip(formats, counts[::2], counts[1::2], strict=True))
        return sorted(found, key=lambda item: (item[1], item[2]))

    def _by_common_reading(self, counts: TimeCounts, rest: int) -> TypedText:
        text, common = self.text, time_formats.common(times=not self.is_date)
        few = f"unnest(list_concat(min({text}, {_EXAMPLES}), max({text}, {_EXAMPLES}))) AS {text}"
        examples = f"(SELECT {few} FROM {self.table.table} WHERE {text} IS NOT NULL AND {self.iso} IS NULL)"  # noqa: S608
        tried = self._misses(common, examples)
        measured = self._misses([format_ for format_, missed, _ in tried if not missed] or [tried[0][0]])
        fitting = [format_ for format_, missed, conflicts in measured if not missed and not conflicts]
        if not fitting:
            best, missed, _ = measured[0]
            return self._text(best) if missed < rest else TypedText("VARCHAR", self.text, self.iso)
        self._check_only(fitting)
        self._check_century(fitting[0])
        return self._typed(counts, fitting[0])

    def _check_only(self, formats: Sequence[TimeFormat]) -> None:
        """Raise RequestError where the readings do not agree on every value."""
        first, *others = (f"{each.sql(self.text)}::TIMESTAMP" for each in formats)
        examples = self.table.values([f"min({self.text}) FILTER ({other} <> {first})" for other in others])
        for example in examples:
            if example is not None:
                raise self.refusal.ambiguous(example, formats)

    def _check_century(self, best: TimeFormat) -> None:
        """Raise RequestError where a year of two digits is of a century nobody can know."""
        if not best.has_short_year:
            return
        low, high = _CENTURY
        unknown = f"year({best.sql(self.text)}) NOT BETWEEN {low} AND {high}"
        [example] = self.table.values([f"min({self.text}) FILTER ({unknown})"])
        if example is not None:
            raise self.refusal.century(example, best)

    def _text(self, best: TimeFormat) -> TypedText:
        """Keep the column as text: no reading fits all of its values, this one fits most."""
        return TypedText("VARCHAR", self.text, f"coalesce({best.sql(self.text)}::TIMESTAMP, {self.iso})", best.name)

    def _typed(self, counts: TimeCounts, format_: TimeFormat | None) -> TypedText:
        if self.is_date:
            return self._day(format_)
        rest = counts.values - counts.naive - counts.zoned if format_ else 0
        zoned = counts.zoned + (rest if format_ and format_.has_zone else 0)
        naive = counts.naive + (rest if format_ and not format_.has_zone else 0)
        days = counts.dates + (rest if format_ and format_.is_date else 0)
        if days == counts.values:
            return self._day(format_)
        unit = "_NS" if counts.finer or (format_ and format_.is_finer) else ""
        return self._times(format_, zoned, naive, unit)

    def _day(self, format_: TimeFormat | None) -> TypedText:
        if format_ is None:
            return TypedText("DATE", f"CAST({self.text} AS DATE)")
        sql = f"coalesce({format_.sql(self.text)}::DATE, {iso_date(self.text)})"
        return TypedText("DATE", sql, format=format_.name)

    def _times(self, format_: TimeFormat | None, zoned: int, naive: int, unit: str) -> TypedText:
        text, with_zone, without = self.text, f"TIMESTAMPTZ{unit}", f"TIMESTAMP{unit}"
        aware = iso_zoned(text, with_zone) if naive or format_ else converted(text, with_zone)
        plain = iso_naive(text, without) if zoned or format_ else converted(text, without)
        if format_ and format_.has_zone:
            aware = f"coalesce({format_.sql(text)}::{with_zone}, {aware})"
        elif format_:
            plain = f"coalesce({format_.sql(text)}::{without}, {plain})"
        if zoned and naive:
            if self.table.zone is None:
                raise self.refusal.mixed()
            aware = f"coalesce({aware}, {plain} AT TIME ZONE {literal(self.table.zone)})"
        stored, sql = (with_zone, aware) if zoned else (without, plain)
        name = format_.name if format_ else None
        if unit and self.table.values([f"count({text}) FILTER ({sql} IS NULL)"])[0]:
            return TypedText("VARCHAR", text, sql, name)  # nanoseconds end in 2262
        return TypedText(stored, sql, format=name)
