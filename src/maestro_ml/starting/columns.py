"""The columns of a table: types that hold every value, and what was counted in them."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from maestro_ml.core.errors import RequestError
from maestro_ml.project.sources import CsvSource
from maestro_ml.sql.identifiers import literal, quoted
from maestro_ml.sql.types import NUMERIC, TIMES, ColumnType, is_naive
from maestro_ml.starting.column_types import read_in, types_of
from maestro_ml.starting.number_styles import PLAIN, Style
from maestro_ml.starting.number_times import are_years, formats_with_months, time_of_numbers
from maestro_ml.starting.rows import NAME, all_rows, parts, project_of
from maestro_ml.tables import LocalTable, open_dataset

_NEARLY = 0.8  # of the rows
_LISTED = 20_000  # rows
_EXACTLY_COUNTED = 2_000  # estimated distinct values up to which they are counted


@dataclass(frozen=True)
class Column:
    """A column with the type its values have, and what was counted.

    Attributes:
        naive: whether it holds times without a zone.
        strays: how many texts are not what others are, `meant`, and some of them.
        written: how its times are written, as a contract says it: a unit or a format of numbers.
    """

    name: str
    type: ColumnType
    rows: int
    missing: int = 0
    distinct: int = 0
    low: Any = None
    high: Any = None
    length: float = 0.0  # of texts, on average
    naive: bool = False
    stored: str = ""
    meant: ColumnType | None = None
    strays: tuple[int, tuple[str, ...]] = (0, ())
    written: dict[str, str] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        return self.rows - self.missing

    @property
    def is_unique(self) -> bool:
        """Whether every row has another value."""
        return self.rows > 1 and not self.missing and self.distinct == self.rows

    @property
    def is_number(self) -> bool:
        return self.type in NUMERIC


@dataclass(frozen=True)
class Described:
    """A table, its columns in order, and what is left out of a contract because no type of one holds it."""

    source: dict[str, Any]
    rows: int
    columns: tuple[Column, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    ambiguous: dict[str, str] = field(default_factory=dict)  # columns of dates that can be read in several ways

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@contextmanager
def described(
    source: dict[str, Any], years: Sequence[str] = (), **options: Any
) -> Iterator[tuple[LocalTable, Described]]:
    """Look at every row of a table, and yield it, open, with what was found.

    Args:
        years: columns whose whole numbers are years.
        options: further keys of the dataset, such as a timezone.

    Raises:
        DataError: it cannot be read.
        RequestError: it has no column.
    """
    source, types, strays, left_out = types_of(source)
    ambiguous: dict[str, str] = {}  # dates that can be read in several ways stay text
    written: dict[str, dict[str, str]] | None = None
    while True:
        with ExitStack() as opening:
            try:
                table = opening.enter_context(open_dataset(project_of(source, types, written or {}, **options), NAME))
            except RequestError as error:
                text = str(error)
                name = next((n for n, t in types.items() if t in TIMES and f"column {n}: " in text), None)
                if name is None:
                    raise
                why = _in_words_of_the_command(text.partition(f"column {name}: ")[2])
                types, ambiguous = {**types, name: "string"}, {**ambiguous, name: why}
                continue
            rows, columns = _counted(table, source, types, strays, written or {})
            if written is None:
                written = {}
                for column in columns:
                    if found := _as_time(column, years) or _as_date(table, column):
                        types[column.name], written[column.name] = found
                if written:
                    continue
            yield table, Described(source, rows, columns, left_out, ambiguous)
            return


def _as_time(column: Column, years: Sequence[str]) -> tuple[ColumnType, dict[str, str]] | None:
    if column.type != "integer" or column.low is None:
        return None
    if column.name in years and are_years(column.low, column.high):
        return "date", {"unit": "year"}
    return time_of_numbers(column.name, column.low, column.high)


def _as_date(table: LocalTable, column: Column) -> tuple[ColumnType, dict[str, str]] | None:
    if column.type != "string" or column.meant:
        return None
    for form in formats_with_months(column.low, column.high):
        read = all_rows(table).aggregate(f"count(try_strptime({quoted(column.name)}, {literal(form)}))").fetchall()
        if read == [(column.filled,)]:
            return "date", {"format": form}
    return None


def _in_words_of_the_command(why: str) -> str:
    """Return why times cannot be read, with the option that helps in the place of the key of a project."""
    why = re.sub(r"the key `date_format` of the source, such as date_format: ", "--date-format ", why)
    why = re.sub(r"the key `timestamp_format` of the source, such as timestamp_format: ", "--date-format ", why)
    return why.replace("the key `timezone` of the dataset", "--timezone")


def _counted(
    table: LocalTable,
    source: dict[str, Any],
    types: dict[str, ColumnType],
    strays: dict[str, tuple[ColumnType, int]],
    written: dict[str, dict[str, str]],
) -> tuple[int, tuple[Column, ...]]:
    """Return the number of rows, and the columns with what was counted in them."""
    relation = all_rows(table)
    [(rows,)] = relation.aggregate("count(*)").fetchall()
    found: dict[str, list[Any]] = {}
    for some in parts(list(types)):
        measures = [measure for name in some for measure in _measures(quoted(name), table, name)]
        [row] = relation.aggregate(", ".join(measures)).fetchall()
        found |= {name: list(row[i * 5 : i * 5 + 5]) for i, name in enumerate(some)}
    few = [n for n, (_, about, *_) in found.items() if about <= _EXACTLY_COUNTED or about >= _NEARLY * rows]
    for some in parts(few):
        [row] = relation.aggregate(", ".join(_distinct(quoted(name), rows) for name in some)).fetchall()
        for name, exact in zip(some, row, strict=True):
            found[name][1] = exact
    columns = tuple(
        _column(table, source, name, types[name], rows, counts, strays.get(name), written.get(name, {}))
        for name, counts in found.items()
    )
    return int(rows), columns


def _column(
    table: LocalTable,
    source: dict[str, Any],
    name: str,
    type_: ColumnType,
    rows: int,
    counts: Sequence[Any],
    stray: tuple[ColumnType, int] | None,
    written: dict[str, str],
) -> Column:
    count, distinct, low, high, length = counts
    stored = table.types[name]
    column = Column(name, type_, rows, rows - count, distinct, low, high, float(length or 0), is_naive(stored), stored)
    if stray is None:
        return replace(column, written=written)
    meant, strays = _strays(table, name, *stray, _style(source, name))
    return replace(column, meant=meant, strays=strays)


def _measures(field: str, table: LocalTable, name: str) -> Iterator[str]:
    is_float = table.types[name] in ("DOUBLE", "FLOAT")
    value = f"nullif({field}, 'NaN'::{table.types[name]})" if is_float else field
    yield f"count({value})"
    yield f"approx_count_distinct({field})"
    yield f"min({value})"
    yield f"max({value})"
    yield f"avg(length({field}))" if table.kind(name) == "string" else "0"


def _distinct(field: str, rows: int) -> str:
    """Return SQL for the number of values; of few rows without a hash table for each column, which costs much more."""
    return f"coalesce(list_unique(list({field})), 0)" if rows <= _LISTED else f"count(DISTINCT {field})"


def _strays(
    table: LocalTable, name: str, meant: ColumnType, count: int, style: Style
) -> tuple[ColumnType, tuple[int, tuple[str, ...]]]:
    text = quoted(name)
    odd = all_rows(table).filter(f"{text} IS NOT NULL AND {read_in(text, meant, style)} IS NULL")
    values = odd.aggregate(f"{text}, count(*) AS n").order("n DESC").limit(3).fetchall()
    return meant, (count, tuple(value for value, _ in values))


def _style(source: dict[str, Any], name: str) -> Style:
    return CsvSource.model_validate(source).number_style(name) if source["kind"] == "csv" else PLAIN
