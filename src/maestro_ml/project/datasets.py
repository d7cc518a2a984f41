"""Datasets: a table with an event timestamp, a contract and a reference."""

from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from maestro_ml.project.base import Duration, Node, Severity, Time
from maestro_ml.project.checks import Check, RangeCheck, Share
from maestro_ml.project.sources import Source

ColumnType = Literal["string", "integer", "number", "boolean", "timestamp", "date"]
NUMERIC: tuple[ColumnType, ...] = ("integer", "number")


def _known_timezone(name: str) -> str:
    known = available_timezones() - {"localtime"}  # the one name that means something else on each machine
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "names are those of the IANA database, such as Europe/Berlin"
        raise ValueError(f"no timezone '{name}'; {hint}")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]


class Column(Node):
    """A column of the contract."""

    type: ColumnType
    required: bool = True
    nullable: bool = True
    severity: Severity = "error"


class Freshness(Node):
    """The newest row is at most `max_age` older than the window's end."""

    max_age: Duration
    severity: Severity = "error"


class FixedReference(Node):
    """The same range of time for every run."""

    kind: Literal["fixed"]
    start: Time
    end: Time

    @model_validator(mode="after")
    def _order(self) -> "FixedReference":
        if self.start >= self.end:
            raise ValueError("start must be before end")
        return self


class PreviousReference(Node):
    """The range of `length` just before the run's window (default: as long as the window)."""

    kind: Literal["previous"]
    length: Duration | None = None


Reference = Annotated[FixedReference | PreviousReference, Field(discriminator="kind")]


class Drift(Node):
    """Kolmogorov-Smirnov per numeric column against the reference."""

    columns: tuple[str, ...] = ()  # empty: every numeric column of the contract
    p_value: Annotated[float, Field(gt=0, lt=1)] = 0.05
    severity: Severity = "warn"


class Anomalies(Node):
    """IsolationForest fitted on the reference; `contamination` is the share of the reference it calls anomalous."""

    columns: tuple[str, ...] = ()  # empty: every numeric column of the contract
    max_rate: Share = 0.10
    contamination: Annotated[float, Field(gt=0, le=0.5)] = 0.05
    sample: Annotated[int, Field(ge=256)] = 50_000
    seed: int = 0
    severity: Severity = "warn"


class Dataset(Node):
    """A named table that runs look at window by window."""

    source: Source
    timestamp: str
    timezone: Timezone | None = None  # of timestamp columns that carry none
    keys: tuple[str, ...] = ()
    window: Duration = timedelta(days=30)
    columns: dict[str, Column] = Field(min_length=1)
    extra_columns: Literal["allow", "warn", "error"] = "warn"
    checks: tuple[Check, ...] = ()
    freshness: Freshness | None = None
    reference: Reference | None = None
    drift: Drift | None = None
    anomalies: Anomalies | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Dataset":
        if self.reference is None and (self.drift or self.anomalies):
            raise ValueError("drift and anomalies need a reference, such as {kind: previous}")
        if self.timestamp not in self.columns:
            raise ValueError(f"the timestamp column '{self.timestamp}' is not among the columns")
        for where, names in self._measured():
            for name in names:
                if name in self.columns and self.columns[name].type not in NUMERIC:
                    raise ValueError(f"{where} needs numbers, and column '{name}' is {self.columns[name].type}")
        return self

    def _measured(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from (("a range check", (check.column,)) for check in self.checks if isinstance(check, RangeCheck))
        yield "drift", self.drift.columns if self.drift else ()
        yield "anomalies", self.anomalies.columns if self.anomalies else ()

    def numeric_columns(self) -> tuple[str, ...]:
        """The columns drift and anomalies look at when none are named; keys are not measurements."""
        return tuple(n for n, c in self.columns.items() if c.type in NUMERIC and n not in self.keys)
