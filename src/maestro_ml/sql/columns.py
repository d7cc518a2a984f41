"""SQL about a dataset's columns, in the types they have."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from maestro_ml.core.errors import NoEventTime
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.window import Window
from maestro_ml.sql import instants, numbers
from maestro_ml.sql.dialects.base import DUCKDB, Dialect
from maestro_ml.sql.identifiers import quoted, timestamp_literal
from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.numbers import NumberSql
from maestro_ml.sql.predicate_times import predicate_sql
from maestro_ml.sql.types import ColumnType, Kind, kind_of

_FLOATS = ("FLOAT", "DOUBLE")
_TIMES = ("timestamp", "date")
_UNIT = re.compile(r"_(NS|MS|S)$")


class DeclaredColumn(Protocol):
    """A column of the contract."""

    @property
    def type(self) -> ColumnType: ...

    @property
    def required(self) -> bool: ...


class Contract(Protocol):
    """What SQL about a dataset needs of its declaration."""

    @property
    def timestamp(self) -> str | None: ...

    @property
    def event_column(self) -> str:
        """The timestamp column; raises NoEventTime if there is none."""

    @property
    def timezone(self) -> str | None: ...

    @property
    def keys(self) -> tuple[str, ...]: ...

    @property
    def columns(self) -> Mapping[str, DeclaredColumn]: ...

    def hides(self, column: str) -> bool:
        """Return whether no value of a column may be shown."""


@dataclass(frozen=True)
class Columns(ABC):
    """The columns of a dataset that is open, in the dialect of the engine that has its rows."""

    name: str
    spec: Contract

    @property
    def dialect(self) -> Dialect:
        """How SQL is written for the rows."""
        return DUCKDB

    @property
    @abstractmethod
    def types(self) -> dict[str, str]:
        """DuckDB's type of every column that is really there."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, also of those that were not read."""
        return tuple(self.types)

    def kind(self, column: str) -> Kind | None:
        """Return the contract's word for what the column really is; None if it is not there."""
        return kind_of(self.types[column]) if column in self.types else None

    def sql_type(self, column: str) -> str:
        """Return DuckDB's name for the type SQL sees; an engine can have fewer types than the files."""
        stored = self.types[column]
        return stored if self.dialect.holds_nanoseconds else _UNIT.sub("", stored)

    @property
    def zone(self) -> str:
        """The zone of times that carry none."""
        return self.spec.timezone or "UTC"

    @property
    def event_time(self) -> str:
        """SQL for the event timestamp as TIMESTAMPTZ, cut to the microsecond; without a zone, read in the dataset's.

        Raises:
            NoEventTime: the column is not there, or holds no time.
        """
        return self.event_time_of(quoted(self.spec.event_column)).floor

    @property
    def event_order(self) -> str:
        """SQL that sorts as the exact event timestamps do; raises as `event_time`."""
        [order] = instants.comparable(self.event_time_of(quoted(self.spec.event_column)))
        return order

    def event_time_of(self, sql: str) -> TimeSql:
        """Return a value of the event timestamp's type; raises as `event_time`."""
        name = self.spec.event_column
        match self.kind(name):
            case "timestamp" | "date":
                return TimeSql(sql, self.sql_type(name), self.zone)
            case "null":
                return TimeSql(sql, "TIMESTAMPTZ", self.zone)
            case None:
                raise NoEventTime(f"dataset {self.name}: no timestamp column '{name}'{did_you_mean(name, self.types)}")
            case _:
                raise NoEventTime(
                    f"dataset {self.name}: the timestamp column '{name}' is {self.types[name]}, no time; "
                    "`format` or `unit` of the column says how times are written as text or numbers"
                )

    def missing(self, column: str) -> str:
        """Return SQL that is true where the column has no value: null, or NaN in a floating-point column."""
        name = quoted(column)
        return f"({name} IS NULL OR isnan({name}))" if self.can_be_nan(column) else f"({name} IS NULL)"

    def predicate(self, text: str) -> str:
        """Return SQL of a predicate of the project file over these columns.

        Raises:
            PredicateError: a time in it has more than one meaning.
        """
        times = tuple((name, time_of(self, name)) for name in self.types if self._is_time(name))
        return predicate_sql(text, times, self.zone)

    def _is_time(self, column: str) -> bool:
        kind, declared = self.kind(column), self.spec.columns.get(column)
        return kind in _TIMES or bool(kind == "null" and declared and declared.type in _TIMES)

    @property
    def rounded(self) -> Mapping[str, int]:
        """How many values of a column the engine rounds, by the columns that have some."""
        return {}

    def inexact(self, column: str) -> str | None:
        """Say why different values of the column can look equal here; None if they cannot."""
        count = self.rounded.get(column)
        return (
            f"{count:,} values of {column} have nanoseconds, which {self.dialect.name} cannot hold" if count else None
        )

    def unpredictable(self, column: str) -> str | None:
        """Say why a predicate of the column could select other rows than in DuckDB; None if it cannot."""
        if self.dialect.compares_floats or self.types[column] != "FLOAT":
            return None
        return f"{column} is of single precision, which other engines compare as double; store it as double"

    def can_be_nan(self, column: str) -> bool:
        return self.dialect.has_nan and self.types[column] in _FLOATS

    def whole_sum(self, column: str) -> str:
        """Return SQL for a column of whole numbers whose sum cannot overflow."""
        return quoted(column) if self.dialect.widens_sums else f"{quoted(column)}::HUGEINT"

    def inside(self, window: Window) -> str:
        """Return SQL that is true of the window's rows.

        Raises:
            NoEventTime: there is no event time.
        """
        time = self.event_time_of(quoted(self.spec.event_column))
        inside = f"{time.floor} >= {timestamp_literal(window.start)} AND {time.floor} < {timestamp_literal(window.end)}"
        if self.kind(self.spec.event_column) == "timestamp":
            # Statistics and indices are of the bare column only; the exact comparison stands beside it.
            first, last = (f"'{moment}'::{time.stored}" for moment in instants.around(window, time.stored))
            inside += f" AND {time.sql} BETWEEN {first} AND {last}"
        return inside


def comparable(*columns: tuple[Columns, str]) -> list[str]:
    """Return SQL that compares columns, each given with its dataset, by value: times as instants.

    They must be of one kind, or of kinds that can be compared.
    """
    kinds = {side.kind(name) for side, name in columns}
    if kinds <= {"integer", "number"} and all(side.dialect.compares_exactly for side, _ in columns):
        return numbers.comparable(*(NumberSql(quoted(name), side.sql_type(name)) for side, name in columns))
    if "timestamp" not in kinds:
        return [quoted(name) for _, name in columns]
    return instants.comparable(*(time_of(side, name) for side, name in columns))


def time_of(side: Columns, column: str) -> TimeSql:
    """Return a column that holds times."""
    stored = "TIMESTAMPTZ" if side.kind(column) == "null" else side.sql_type(column)
    return TimeSql(quoted(column), stored, side.zone)
