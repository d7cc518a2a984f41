"""Datasets: a table with an event timestamp, a contract and a reference."""

from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from maestro_ml.project.anomalies import Anomalies
from maestro_ml.project.base import Duration, Node, Severity
from maestro_ml.project.checks import Check, CompareCheck, LengthCheck, RangeCheck, RegexCheck
from maestro_ml.project.drift import Drift
from maestro_ml.project.engines import EngineName, obstacles
from maestro_ml.project.references import Reference
from maestro_ml.project.sources import Source

ColumnType = Literal["string", "integer", "number", "boolean", "timestamp", "date"]
NUMERIC: tuple[ColumnType, ...] = ("integer", "number")
CATEGORICAL: tuple[ColumnType, ...] = ("string", "boolean")


def _known_timezone(name: str) -> str:
    known = available_timezones() - {"localtime"}  # the one name that means something else on each machine
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "names are those of the IANA database, such as Europe/Berlin"
        raise ValueError(f"no timezone '{name}'; {hint}")
    return name


Timezone = Annotated[str, AfterValidator(_known_timezone)]


class Column(Node):
    """A column of the contract. Values of one that is `pii` are shown in no report."""

    type: ColumnType
    required: bool = True
    nullable: bool = True
    pii: bool = False
    severity: Severity = "error"


class Freshness(Node):
    """The newest row is at most `max_age` older than the window's end."""

    max_age: Duration
    severity: Severity = "error"


class Dataset(Node):
    """A named table that runs look at window by window."""

    source: Source
    engine: EngineName = "duckdb"  # runs the checks; models and features read the source themselves
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
        for what, names, types, told in self._typed():
            for name in names:
                if name in self.columns and self.columns[name].type not in types:
                    raise ValueError(f"{what} needs {told}, and column '{name}' is {self.columns[name].type}")
        for check in self.checks:
            if isinstance(check, CompareCheck):
                self._comparable(check)
        for obstacle in obstacles(self):
            raise ValueError(obstacle)
        return self

    def _typed(self) -> Iterator[tuple[str, tuple[str, ...], tuple[ColumnType, ...], str]]:
        """What looks at columns of some types only: its name, its columns, the types, and what they are to a person."""
        for check in self.checks:
            match check:
                case RangeCheck():
                    yield "a range check", (check.column,), NUMERIC, "numbers"
                case RegexCheck() | LengthCheck():
                    yield f"a {check.check} check", (check.column,), ("string",), "text"
        if self.drift:
            labels = (*self.drift.labels, *self.drift.predictions)
            yield "label and prediction drift", labels, (*NUMERIC, *CATEGORICAL), "numbers, text or booleans"
            if self.drift.tests.categorical == "none":
                yield "drift without `tests: {categorical: chi_square}`", self.drift.columns, NUMERIC, "numbers"
            else:
                yield "drift", self.drift.columns, (*NUMERIC, *CATEGORICAL), "numbers, text or booleans"
        yield "anomalies", self.anomalies.columns if self.anomalies else (), NUMERIC, "numbers"

    def _comparable(self, check: CompareCheck) -> None:
        pair = [self.columns[name].type for name in (check.left, check.right) if name in self.columns]
        if len(set(pair)) > 1 and not any(set(pair) <= set(alike) for alike in (NUMERIC, ("timestamp", "date"))):
            raise ValueError(f"'{check.left}' is {pair[0]} and '{check.right}' is {pair[1]}: they cannot be compared")

    def hides(self, column: str) -> bool:
        """Whether no value of a column may be shown; engines match names without their case, and so does this."""
        return any(declared.pii and name.lower() == column.lower() for name, declared in self.columns.items())

    def numeric_columns(self) -> tuple[str, ...]:
        """The columns drift and anomalies look at when none are named; keys are not measurements."""
        return tuple(n for n, c in self.columns.items() if c.type in NUMERIC and n not in self.keys)
