"""What a check measured, typed by what kind of number it is."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from typing import Any, ClassVar

Number = int | float | str | None


@dataclass(frozen=True)
class Result:
    """Numbers of a finding; `details` are those that only people and programs outside read.

    `fields` are all of them under their names in report.json, where order and names are fixed.
    """

    details: Mapping[str, Number] = field(default_factory=dict, kw_only=True)

    def fields(self) -> dict[str, Number]:
        """Return all numbers by name."""
        return {**self._own(), **self.details}

    def _own(self) -> dict[str, Number]:
        return {}


NOTHING = Result()


@dataclass(frozen=True)
class Count(Result):
    """How many of the rows a check concerns; `names` are those of the two in report.json."""

    count: int
    rows: int
    names: tuple[str, str] = ("count", "rows")

    @property
    def share(self) -> float | None:
        """The share of the rows; None where there are none."""
        return self.count / self.rows if self.rows else None

    def _own(self) -> dict[str, Number]:
        return dict(zip(self.names, (self.count, self.rows), strict=True))


@dataclass(frozen=True)
class Bounded(Result):
    """A value and the bounds it must lie between, None where there is none; `names` as in report.json."""

    value: Number
    low: Number
    high: Number
    names: tuple[str, str, str] = ("value", "min", "max")

    def _own(self) -> dict[str, Number]:
        return dict(zip(self.names, (self.value, self.low, self.high), strict=True))


@dataclass(frozen=True)
class AgainstHistory(Result):
    """What was `measured`, and the limits that earlier runs give; None where `runs` were too few to compare with."""

    measured: Result
    runs: int
    low: float | None = None
    high: float | None = None
    median: float | None = None

    @property
    def share(self) -> float | None:
        """The share that was measured, if it is one."""
        return self.measured.share if isinstance(self.measured, Count) else None

    def _own(self) -> dict[str, Number]:
        limits = {"low": self.low, "high": self.high, "median": self.median} if self.median is not None else {}
        return {**limits, "runs": self.runs, **self.measured.fields()}


@dataclass(frozen=True)
class PValue:
    """A p-value as it is and corrected for all `tests` of the run, and how large the difference is.

    `NAMES` are those of report.json, in the order of the fields.
    """

    NAMES: ClassVar = (
        "p_value",
        "p_limit",
        "p_holm",
        "p_benjamini_hochberg",
        "correction",
        "tests",
        "effect",
        "min_effect",
    )

    value: float
    limit: float
    holm: float
    benjamini_hochberg: float
    correction: str
    tests: int
    effect: float | None
    min_effect: float | None

    def fields(self) -> dict[str, Number]:
        """Return the numbers under their names in report.json."""
        return dict(zip(self.NAMES, astuple(self), strict=True))


@dataclass(frozen=True)
class Statistic(Result):
    """How far two samples are apart: judged by its size (`limit`) or by its p-value (`p`)."""

    value: float
    limit: float | None = None
    p: PValue | None = None

    @property
    def size(self) -> float:
        """The effect where the test has one, between 0 and 1; else the statistic itself."""
        return float(self.value if self.p is None or self.p.effect is None else self.p.effect)

    def _own(self) -> dict[str, Number]:
        return {"statistic": self.value, **(self.p.fields() if self.p else {"limit": self.limit})}


@dataclass(frozen=True)
class Rate(Result):
    """The share of anomalous rows, and the interval it lies in if only some rows were scored."""

    anomalous: int
    value: float
    low: float
    high: float
    limit: float

    def _own(self) -> dict[str, Number]:
        names = ("anomalous", "rate", "rate_low", "rate_high", "max_rate")
        return dict(zip(names, (self.anomalous, self.value, self.low, self.high, self.limit), strict=True))


# The names that report.json has for counts, and for the number of rows.
COUNTS = (("count", "rows"), ("missing", "rows"), ("nulls", "rows"))
ROWS = ("rows", "min", "max")


def result_of(fields: Mapping[str, Any]) -> Result:  # noqa: PLR0911 - one case a kind
    """Return the result that a report.json holds: the reverse of `Result.fields`."""
    rest = dict(fields)

    def taken(*names: str) -> list[Any]:
        return [rest.pop(name) for name in names]

    if {"anomalous", "rate", "rate_low", "rate_high", "max_rate"} <= rest.keys():
        return Rate(*taken("anomalous", "rate", "rate_low", "rate_high", "max_rate"), details=rest)
    if rest.keys() >= {"statistic", *PValue.NAMES}:
        [value], p = taken("statistic"), PValue(*taken(*PValue.NAMES))
        return Statistic(value, p=p, details=rest)
    if {"statistic", "limit"} <= rest.keys():
        return Statistic(*taken("statistic", "limit"), details=rest)
    if "runs" in rest:
        [runs], limits = taken("runs"), [rest.pop(name, None) for name in ("low", "high", "median")]
        return AgainstHistory(result_of(rest), runs, *limits)
    for names in COUNTS:
        if {*names} <= rest.keys():
            count, rows = taken(*names)
            return Count(count, rows, names=names, details=rest)
    if {*ROWS} <= rest.keys():
        value, low, high = taken(*ROWS)
        return Bounded(value, low, high, names=ROWS, details=rest)
    return Result(details=rest)
