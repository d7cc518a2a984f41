"""SQL about a dataset's columns, in the types they have."""

from functools import cached_property
from typing import TYPE_CHECKING

from maestro_ml.core.errors import NoEventTime
from maestro_ml.sql import instants, numbers
from maestro_ml.sql.identifiers import quoted
from maestro_ml.sql.instants import TimeSql
from maestro_ml.sql.numbers import NumberSql
from maestro_ml.sql.predicate_times import predicate_sql
from maestro_ml.sql.types import Kind, kind_of

if TYPE_CHECKING:
    from maestro_ml.project.datasets import Dataset

_FLOATS = ("FLOAT", "DOUBLE")
_TIMES = ("timestamp", "date")


class Columns:
    """The columns of a dataset that is open."""

    name: str
    spec: "Dataset"

    @cached_property
    def types(self) -> dict[str, str]:
        """DuckDB's type of every column that is really there."""
        raise NotImplementedError

    def kind(self, column: str) -> Kind | None:
        """Return the contract's word for what the column really is; None if it is not there."""
        return kind_of(self.types[column]) if column in self.types else None

    def sql_type(self, column: str) -> str:
        """Return DuckDB's name for the type SQL sees; an engine can have fewer types than the files."""
        return self.types[column]

    @property
    def is_elsewhere(self) -> bool:
        """Whether the rows are in another engine, and only SQL reaches them."""
        return False

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
        return self.event_time_of(quoted(self.spec.timestamp)).floor

    @property
    def event_order(self) -> str:
        """SQL that sorts as the exact event timestamps do; raises as `event_time`."""
        [order] = instants.comparable(self.event_time_of(quoted(self.spec.timestamp)))
        return order

    def event_time_of(self, sql: str) -> TimeSql:
        """Return a value of the event timestamp's type; raises as `event_time`."""
        name = self.spec.timestamp
        match self.kind(name):
            case "timestamp" | "date":
                return TimeSql(sql, self.sql_type(name), self.zone)
            case "null":
                return TimeSql(sql, "TIMESTAMPTZ", self.zone)
            case None:
                raise NoEventTime(
                    f"dataset {self.name}: no timestamp column '{name}'; there are: {', '.join(self.types)}"
                )
            case _:
                raise NoEventTime(f"dataset {self.name}: the timestamp column '{name}' is {self.types[name]}, no time")

    def missing(self, column: str) -> str:
        """Return SQL that is true where the column has no value: null, or NaN in a floating-point column."""
        name = quoted(column)
        return f"({name} IS NULL OR isnan({name}))" if self.can_be_nan(column) else f"({name} IS NULL)"

    def predicate(self, text: str) -> str:
        """Return SQL of a predicate of the project file over these columns.

        Raises:
            PredicateError: a time in it has more than one meaning.
        """
        times = tuple((name, _time(self, name)) for name in self.types if self._is_time(name))
        return predicate_sql(text, times, self.zone)

    def _is_time(self, column: str) -> bool:
        kind, declared = self.kind(column), self.spec.columns.get(column)
        return kind in _TIMES or bool(kind == "null" and declared and declared.type in _TIMES)

    def inexact(self, column: str) -> str | None:  # noqa: ARG002 - here all columns are as they are
        """Say why different values of the column can look equal here; None if they cannot."""
        return None

    def unpredictable(self, column: str) -> str | None:  # noqa: ARG002 - here all columns are as they are
        """Say why a predicate of the column could select other rows than in DuckDB; None if it cannot."""
        return None

    def nan_count(self, column: str) -> str:
        """Return SQL for how many values of a floating-point column are NaN."""
        return f"count(*) FILTER (WHERE isnan({quoted(column)}))"

    def nan_sign(self, column: str) -> str:
        """Return SQL whose value is NaN if the column holds one (or, possibly, both infinities)."""
        return f"sum({quoted(column)})"  # quicker than counting

    def can_be_nan(self, column: str) -> bool:
        return self.types[column] in _FLOATS


def comparable(*columns: tuple[Columns, str]) -> list[str]:
    """Return SQL that compares columns, each given with its dataset, by value: times as instants.

    They must be of one kind, or of kinds that can be compared.
    """
    kinds = {side.kind(name) for side, name in columns}
    if kinds <= {"integer", "number"} and not any(side.is_elsewhere for side, _ in columns):
        return numbers.comparable(*(NumberSql(quoted(name), side.sql_type(name)) for side, name in columns))
    if "timestamp" not in kinds:
        return [quoted(name) for _, name in columns]
    return instants.comparable(*(_time(side, name) for side, name in columns))


def _time(side: Columns, column: str) -> TimeSql:
    stored = "TIMESTAMPTZ" if side.kind(column) == "null" else side.sql_type(column)
    return TimeSql(quoted(column), stored, side.zone)
