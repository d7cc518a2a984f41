"""Datasets: a table with a contract, a reference and, as a rule, an event timestamp."""

from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from maestro_ml.checks.declared import AnyCheck
from maestro_ml.core.errors import NoEventTime
from maestro_ml.core.node import Duration, Mistake, Node, Severity, format_duration
from maestro_ml.project.anomalies import Anomalies
from maestro_ml.project.drift import Drift
from maestro_ml.project.engines import EngineName
from maestro_ml.project.references import Reference, SeasonReference, SnapshotReference
from maestro_ml.project.sources import Source, SqlSource
from maestro_ml.project.time_formats import ISO, check_format
from maestro_ml.project.timeless import timeless_mistakes
from maestro_ml.sql.types import CATEGORICAL, NUMERIC, TIMES, ColumnType


def _known_timezone(name: str) -> str:
    known = available_timezones() - {"localtime"}  # the one name that means something else on each machine
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "names are those of the IANA database, such as Europe/Berlin"
        raise ValueError(f"no timezone '{name}'; {hint}")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]


__all__ = ["CATEGORICAL", "NUMERIC", "Column", "ColumnType", "Dataset", "Freshness"]


class Column(Node):
    """A column of the contract. Values of one that is `pii` are shown in no report.

    Attributes:
        format: how times are written where the source keeps them as text: `iso8601`, or as strptime has it.
        unit: what a number counts where the source keeps times as numbers: a year, or the time since 1970 (UTC).
    """

    type: ColumnType
    format: str | None = None
    unit: Literal["s", "ms", "us", "ns", "days", "year"] | None = None
    required: bool = True
    nullable: bool = True
    pii: bool = False
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
    columns: dict[str, Column] = Field(min_length=1)
    extra_columns: Literal["allow", "warn", "error"] = "warn"
    checks: tuple[AnyCheck, ...] = ()
    freshness: Freshness | None = None
    reference: Reference | None = None
    drift: Drift | None = None
    anomalies: Anomalies | None = None

    def mistakes(self) -> Iterator[Mistake]:
        """Parts that do not go together."""
        if self.reference is None and (self.drift or self.anomalies):
            place = "drift" if self.drift else "anomalies"
            example = "{kind: previous}" if self.timestamp else "{kind: snapshot, path: ...}"
            message = f"drift and anomalies need a reference, such as {example}"
            yield Mistake((place,), message, (("reference",),))
        if self.timestamp is None:
            yield from timeless_mistakes(self)
        elif self.timestamp not in self.columns:
            near = get_close_matches(self.timestamp, self.columns, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            message = f"the timestamp column '{self.timestamp}' is not among the columns{hint}"
            yield Mistake(("timestamp",), message, (("columns",),))
        if isinstance(self.reference, SnapshotReference):
            wrong, right = ("path", "table") if isinstance(self.source, SqlSource) else ("table", "path")
            if getattr(self.reference, wrong):
                message = f"the source is {self.source.kind}: a snapshot of it has a {right}, not a {wrong}"
                yield Mistake(("reference", wrong), message, (("source", "kind"),))
        declared = "window" in self.model_fields_set  # where it is not, runs may be given theirs by hand
        if declared and isinstance(self.reference, SeasonReference) and self.reference.period < self.window:
            message = f"the period is shorter than the window, {format_duration(self.window)}, and would overlap it"
            yield Mistake(("reference", "period"), message, (("window",),))
        if self.drift and not self._drift_columns(self.drift):
            message = "no column to test: without `tests: {categorical: chi_square}` only numbers that are no keys are"
            yield Mistake(("drift",), message, (("drift", "tests"), ("drift", "columns"), ("columns",)))

    @property
    def event_column(self) -> str:
        """The timestamp column; raises NoEventTime if the dataset has none."""
        if self.timestamp is None:
            raise NoEventTime("the dataset has no timestamp")
        return self.timestamp

    def _drift_columns(self, drift: Drift) -> tuple[str, ...]:
        """The columns drift looks at, as far as the contract says."""
        named = (*drift.columns, *drift.labels, *drift.predictions)
        text = [n for n, c in self.columns.items() if c.type in CATEGORICAL and n not in self.keys]
        return named or self.numeric_columns() or (tuple(text) if drift.tests.categorical != "none" else ())

    def hides(self, column: str) -> bool:
        """Whether no value of a column may be shown; engines match names without their case, and so does this."""
        return any(declared.pii and name.lower() == column.lower() for name, declared in self.columns.items())

    def numeric_columns(self) -> tuple[str, ...]:
        """The columns drift and anomalies look at when none are named; keys are not measurements."""
        return tuple(n for n, c in self.columns.items() if c.type in NUMERIC and n not in self.keys)
