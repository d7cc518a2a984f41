"""Columns of text, read as the contract's types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from maestro_ml.project.datasets import Column
from maestro_ml.sql import text_values
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.types import NUMERIC, STORED_AS, TIMES, ColumnType, fits, kind_of
from maestro_ml.tables.sources.csv.times import TimeCounts, TimeReader, expressions
from maestro_ml.tables.sources.typed_text import TypedText

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AT_ONCE = 200  # aggregates of a query: with many more, DuckDB plans longer than it counts
_COLUMNS = 25  # columns of a query, with at most four aggregates each
_BEYOND_BIGINT = 2.0**63
# Counted for every column; other candidates only if none of these fits.
_FIRST: "dict[ColumnType, tuple[str, ...]]" = {
    "integer": ("BIGINT",),
    "number": ("BIGINT", "DOUBLE"),
    "boolean": ("BOOLEAN",),
}


class Formats(Protocol):
    """How a source writes what is not written as usual."""

    @property
    def date_format(self) -> str | None: ...

    @property
    def timestamp_format(self) -> str | None: ...

    def number_style(self, column: str) -> tuple[str, str]:
        """Return the sign before the decimals and that between thousands."""


@dataclass(frozen=True)
class TextTable:
    """A table whose columns are all text, missing where a field is empty.

    Attributes:
        table: SQL for the table.
        place: where it is, for a person.
        zone: the timezone of times that carry none.
        is_personal: whether a column of the contract is `pii`: a row in disorder has its values in other columns.
    """

    connection: "DuckDBPyConnection"
    table: str
    place: str
    source: Formats
    zone: str | None = None
    is_personal: bool = False

    def typed(self, columns: Mapping[str, Column]) -> dict[str, TypedText]:
        """Choose what each column of the contract becomes.

        Raises:
            RequestError: a column has more than one meaning, and the project does not choose one.
        """
        typed = {name: column for name, column in columns.items() if column.type != "string"}
        times = {name: column for name, column in typed.items() if column.type in TIMES}
        found = self._counts_of_times(times) | self._counts_of_others(
            {n: c for n, c in typed.items() if n not in times}
        )
        return {name: self._of(name, column, found[name]) for name, column in typed.items()}

    def _counts_of_times(self, columns: Mapping[str, Column]) -> dict[str, Sequence[Any]]:
        wanted = {name: expressions(quoted(name), column.type) for name, column in columns.items()}
        counts = iter(self.values([each for some in wanted.values() for each in some]))
        return {name: [next(counts) for _ in some] for name, some in wanted.items()}

    def _counts_of_others(self, columns: Mapping[str, Column]) -> dict[str, Sequence[Any]]:
        """Return how many values each column has, how many of them its first candidates read, and the largest number.

        A text is read in a subquery, once: DuckDB plans an expression that stands in two aggregates twice.
        """
        names, found = list(columns), dict[str, Sequence[Any]]()
        for start in range(0, len(names), _COLUMNS):
            some, fields, wanted = names[start : start + _COLUMNS], [], []
            for i, name in enumerate(some):
                type_ = columns[name].type
                candidates = dict(_candidates(self._number(name, type_), type_))
                reads = {f"r{i}_{stored}": candidates[stored] for stored in _FIRST[type_]}
                fields += [f"{quoted(name)} AS v{i}", *(f"{read} AS {alias}" for alias, read in reads.items())]
                largest = (f"max(abs(r{i}_DOUBLE))",) if type_ == "number" else ()
                wanted.append((f"count(v{i})", *(f"count({alias})" for alias in reads), *largest))
            rows = f"(SELECT {', '.join(fields)} FROM {self.table})"  # noqa: S608
            counts = iter(self.values([each for of_one in wanted for each in of_one], rows))
            found |= {name: [next(counts) for _ in of_one] for name, of_one in zip(some, wanted, strict=True)}
        return found

    def _of(self, name: str, column: Column, counts: Sequence[Any]) -> TypedText:
        text, values = quoted(name), counts[0]
        if not values:
            return TypedText(STORED_AS[column.type], f"{text}::{STORED_AS[column.type]}")
        if column.type in ("date", "timestamp"):
            return TimeReader(self, name, column).read(TimeCounts(*counts))
        known = dict(zip(_FIRST[column.type], counts[1:], strict=False))
        largest = counts[-1] if column.type == "number" else None
        number = self._number(name, column.type)
        for stored, read in _candidates(number, column.type):
            if stored not in known and largest is not None and largest < _BEYOND_BIGINT:
                continue
            count = known[stored] if stored in known else self.values([f"count({read})"])[0]
            if count == values:
                sql = f"CAST({f'trim({text})' if stored == 'BOOLEAN' else number} AS {stored})"
                attempt = None if fits(kind_of(stored), column.type) else text_values.read_as(number, column.type)
                return TypedText(stored, sql, attempt)
        return TypedText("VARCHAR", text, text_values.read_as(number, column.type))

    def _number(self, name: str, type_: ColumnType) -> str:
        """Return SQL for a field; of a number, with the point and without separators of thousands."""
        if type_ not in NUMERIC:
            return quoted(name)
        return text_values.plain_number(quoted(name), *self.source.number_style(name))

    def values(self, expressions: Sequence[str], table: str | None = None) -> tuple[Any, ...]:
        """Return the values of SQL aggregates over the table (or another)."""
        values: list[Any] = []
        for start in range(0, len(expressions), _AT_ONCE):
            part = expressions[start : start + _AT_ONCE]
            sql = f"SELECT {', '.join(part)} FROM {table or self.table}"  # noqa: S608
            [found] = self.connection.execute(sql).fetchall()
            values += found
        return tuple(values)


def _candidates(text: str, type_: ColumnType) -> tuple[tuple[str, str], ...]:
    """Return the types a column may be stored as, each with how values are read; the first that holds all is used."""
    integers = tuple((stored, text_values.whole(text, stored)) for stored in ("BIGINT", "HUGEINT"))
    match type_:
        case "integer":
            return (*integers, ("DOUBLE", text_values.exact_double(text)))
        case "number":
            return (*integers, ("DOUBLE", text_values.number(text)))
        case _:
            return (("BOOLEAN", text_values.boolean(text)),)
