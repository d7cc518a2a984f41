"""Datasets: a table with a contract, a reference and, as a rule, an event timestamp."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PrivateAttr

from maestro_ml.checks.declared import AnyCheck
from maestro_ml.core.errors import NoEventTime
from maestro_ml.core.near_names import did_you_mean
from maestro_ml.core.node import Duration, Mistake, Node, Severity, format_duration
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.project.drift import Drift
from maestro_ml.project.engines import EngineName
from maestro_ml.project.patterns import is_pattern, longest_pattern
from maestro_ml.project.references import Reference, SeasonReference, SnapshotReference
from maestro_ml.project.source_kinds import Source
from maestro_ml.project.sources import CsvSource, SqlSource
from maestro_ml.project.time_formats import ISO, check_format
from maestro_ml.project.timeless import timeless_mistakes
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, TIMES, ColumnType, column_type


def _known_timezone(name: str) -> str:
    known = available_timezones() - {"localtime"}  # the one name that means something else on each machine
    if name not in known:
        hint = did_you_mean(name, known, otherwise="names are those of the IANA database, such as Europe/Berlin")
        raise ValueError(f"no timezone '{name}'{hint}")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]


__all__ = ["CATEGORICAL", "NUMERIC", "Column", "ColumnType", "Dataset", "Freshness"]


class Column(Node):
    """A column of the contract. Values of one that is `pii` are shown in no report.

    Attributes:
        format: how times are written where the source keeps them as text: `iso8601`, or as strptime has it.
        unit: what a number counts where the source keeps times as numbers: a year, or the time since 1970 (UTC).
        known_at: the column that says when the value was known; by default it was at the row's own time.
    """

    type: ColumnType
    format: str | None = None
    unit: Literal["s", "ms", "us", "ns", "days", "year"] | None = None
    required: bool = True
    nullable: bool = True
    pii: bool = False
    known_at: str | None = None
    severity: Severity = "error"

    def mistakes(self) -> Iterator[Mistake]:
        """Report a format that is none of the type, or beside a unit."""
        if self.format and self.unit:
            yield Mistake(("unit",), "give format (of a text) or unit (of a number), not both", (("format",),))
        for field in ("format", "unit"):
            if getattr(self, field) and self.type not in TIMES:
                yield Mistake((field,), f"{field} is of dates and times, and the column is {self.type}", (("type",),))
        if self.format and self.format != ISO and self.type in TIMES:
            try:
                check_format(self.format, times=self.type == "timestamp")
            except ValueError as error:
                yield Mistake(("format",), str(error), (("type",),))


class Freshness(Node):
    """The newest row is at most `max_age` older than the window's end."""

    max_age: Duration
    severity: Severity = "error"


class Dataset(Node):
    """A named table that runs look at window by window; without a `timestamp`, all of it is the window."""

    source: Source
    engine: EngineName = "duckdb"  # runs the checks; models and features read the source themselves
    timestamp: str | None = None
    timezone: Timezone | None = None  # of timestamp columns that carry none
    keys: tuple[str, ...] = ()
    window: Duration = timedelta(days=30)
    columns: dict[str, Column] = Field(
        {},
        description="What is agreed of each column, by its name or a pattern of names such as `gene_*`; the longest "
        "pattern counts, and an exact name before any. Left out, the table's own columns and types are taken.",
    )
    extra_columns: Literal["allow", "warn", "error"] = "warn"
    checks: tuple[AnyCheck, ...] = ()
    freshness: Freshness | None = None
    reference: Reference | None = None
    drift: Drift | None = None
    anomalies: Anomalies | None = None

    _covering: tuple[tuple[str, Column], ...] = PrivateAttr(default=())  # patterns whose columns stand in their place

    def mistakes(self) -> Iterator[Mistake]:
        """Find parts that do not go together."""
        if self.reference is None and (self.drift or self.anomalies):
            place = "drift" if self.drift else "anomalies"
            example = "{kind: previous}" if self.timestamp else "{kind: snapshot, path: ...}"
            message = f"drift and anomalies need a reference, such as {example}"
            yield Mistake((place,), message, (("reference",),))
        if self.timestamp is None:
            yield from timeless_mistakes(self)
        elif not self.may_have(self.timestamp):
            hint = did_you_mean(self.timestamp, self.columns, otherwise="")
            message = f"the timestamp column '{self.timestamp}' is not among the columns{hint}"
            yield Mistake(("timestamp",), message, (("columns",),))
        yield from self._contract_mistakes()
        if isinstance(self.reference, SnapshotReference):
            wrong, right = ("path", "table") if isinstance(self.source, SqlSource) else ("table", "path")
            if getattr(self.reference, wrong):
                message = f"the source is {self.source.kind}: a snapshot of it has a {right}, not a {wrong}"
                yield Mistake(("reference", wrong), message, (("source", "kind"),))
        declared = "window" in self.model_fields_set  # where it is not, runs may be given theirs by hand
        if declared and isinstance(self.reference, SeasonReference) and self.reference.period < self.window:
            message = f"the period is shorter than the window, {format_duration(self.window)}, and would overlap it"
            yield Mistake(("reference", "period"), message, (("window",),))
        if self.drift and self.columns and not self._drift_columns(self.drift):
            message = "no column to test: without `tests: {categorical: chi_square}` only numbers that are not keys are"
            yield Mistake(("drift",), message, (("drift", "tests"), ("drift", "columns"), ("columns",)))

    def _contract_mistakes(self) -> Iterator[Mistake]:
        if not self.columns and "extra_columns" in self.model_fields_set and self.extra_columns != "allow":
            message = "without `columns` every column would be one too many; name them, or leave extra_columns out"
            yield Mistake(("extra_columns",), message, (("columns",),))
        if isinstance(self.source, CsvSource) and not self.source.header:
            because = (("source", "header"),)
            if not self.columns:
                yield Mistake((), "a file without a header needs `columns`, which name its columns in order", because)
            for name in filter(is_pattern, self.columns):
                message = f"'{name}' is a pattern, and the columns of a file without a header are named one by one"
                yield Mistake(("columns", name), message, because)

    @property
    def event_column(self) -> str:
        """The timestamp column; raises NoEventTime if the dataset has none."""
        if self.timestamp is None:
            raise NoEventTime("the dataset has no timestamp")
        return self.timestamp

    def _drift_columns(self, drift: Drift) -> tuple[str, ...]:
        """Return the columns drift looks at, as far as the contract says."""
        named = (*drift.columns, *drift.labels, *drift.predictions)
        text = [n for n, c in self.columns.items() if c.type in CATEGORICAL and n not in self.keys]
        return named or self.numeric_columns() or (tuple(text) if drift.tests.categorical != "none" else ())

    def hides(self, column: str) -> bool:
        """Return whether no value of a column may be shown; like engines, this matches names without their case."""
        names, patterns = self._personal
        name = column.lower()
        if name in names:
            return names[name]
        pattern = longest_pattern(name, patterns)
        return pattern is not None and patterns[pattern]

    @cached_property
    def _personal(self) -> tuple[dict[str, bool], dict[str, bool]]:
        """Whether columns are personal by their names, and by patterns of names, all in lower case."""
        names: dict[str, bool] = {}
        for name, declared in self.columns.items():
            names[name.lower()] = declared.pii or names.get(name.lower(), False)
        covering = (*self._covering, *self.columns.items())
        return names, {name.lower(): declared.pii for name, declared in covering if is_pattern(name)}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, which works out for itself what follows from its own columns."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("_personal", None)
        return copied

    def column(self, name: str) -> Column | None:
        """Return what is agreed of a column, by its name or a pattern; an unnamed event time is a timestamp."""
        if found := self.columns.get(name):
            return found
        pattern = longest_pattern(name, self.columns)
        covering = self.columns[pattern] if pattern is not None else None
        if name == self.timestamp:
            return Column(type="timestamp", pii=covering is not None and covering.pii)
        return covering

    def declares(self, name: str) -> bool:
        """Return whether a column is in the contract, or can be: without one, every column of the table is."""
        return not self.columns or name in self.columns or longest_pattern(name, self.columns) is not None

    def may_have(self, name: str) -> bool:
        """Return whether the table can have a column, as far as the contract says: not where it is complete."""
        return self.extra_columns == "allow" or self.declares(name)

    def used_columns(self) -> tuple[str, ...]:
        """Return the columns that a part of the dataset names, whether or not the contract does."""
        used = [self.timestamp] if self.timestamp else []
        used += [*self.keys, *(name for check in self.checks for _, name in check.named_columns())]
        if self.drift:
            used += [*self.drift.columns, *self.drift.labels, *self.drift.predictions]
        return (*used, *(self.anomalies.columns if self.anomalies else ()))

    def expanded(self, names: Iterable[str]) -> Self:
        """Return the dataset with a table's columns in the place of the patterns that cover them.

        A pattern that covers none stays, as a column that is missing.
        """
        there = dict.fromkeys(names)
        patterns = [key for key in self.columns if is_pattern(key) and key not in there]
        covered: dict[str, list[str]] = {}
        if patterns:
            for name in there:
                if name not in self.columns and name != self.timestamp and (pattern := longest_pattern(name, patterns)):
                    covered.setdefault(pattern, []).append(name)
        columns: dict[str, Column] = {}
        for key, column in self.columns.items():
            columns |= dict.fromkeys(covered.get(key, [key]), column)
        if self.timestamp is not None and self.timestamp not in columns and (time := self.column(self.timestamp)):
            columns[self.timestamp] = time
        dataset = self.model_copy(update={"columns": columns})
        dataset._covering = (*self._covering, *((key, self.columns[key]) for key in covered))
        return dataset

    def completed(self, types: Mapping[str, str]) -> Self:
        """Return the dataset with the columns of a table (its types as DuckDB prints them) as its contract.

        Where no contract is declared, each column of a known type is agreed as it is.
        """
        if self.columns:
            return self.expanded(types)
        columns = {
            name: Column(type=kind, severity="warn") for name, stored in types.items() if (kind := column_type(stored))
        }
        if self.timestamp is not None:
            columns[self.timestamp] = Column(type="timestamp")
        return self.model_copy(update={"columns": columns, "extra_columns": "allow"})

    def numeric_columns(self) -> tuple[str, ...]:
        """Return the columns drift and anomalies look at when none are named; keys are not measurements."""
        return tuple(n for n, c in self.columns.items() if c.type in NUMERIC and n not in self.keys)
