"""The report of a validation, as one model: JSON for machines, and what the pages for people are made from."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from maestro_ml.core.findings import Finding, Stage, Verdict
from maestro_ml.core.node import Severity
from maestro_ml.core.results import Rate, Statistic
from maestro_ml.core.wording import plural
from maestro_ml.project import Window
from maestro_ml.validation.drift.effect import effect_size
from maestro_ml.validation.profile.model import ColumnProfile
from maestro_ml.validation.report.trends import Trends


class Footers(BaseModel):
    """What the footers of Parquet files were used for.

    Counts of rows and nulls, the smallest and the largest value of these `columns` are theirs, as far as they say them;
    `doubt` says why statistics in footers were not used and all rows were read.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    columns: tuple[str, ...] = ()
    doubt: str | None = None


class Report(BaseModel):
    """Everything a validation found. `rows` and `newest` are None where the window could not be cut.

    `configuration` is the dataset's part of the project file; passwords in it are masked. An infinite number is the
    text "Infinity" or "-Infinity" in JSON, which has none.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, ser_json_inf_nan="strings")

    dataset: str
    verdict: Verdict
    window: Window
    whole_table: bool = False  # there is no event time: the rows of the whole table were looked at
    first_rows: bool = False  # there is no event time, and no more rows of the table were wanted
    reference: Window | None
    snapshot: str | None = None  # where the reference is, if it is not of the same table
    rows: int | None
    newest: datetime | None
    stages: tuple[Stage, ...]
    findings: tuple[Finding, ...]
    profiles: tuple[ColumnProfile, ...] = ()
    trends: Trends | None = None
    footers: Footers | None = None  # None: the source is not Parquet
    configuration: dict[str, Any]
    version: str
    created: datetime

    @property
    def scope(self) -> str:
        """Which rows were looked at, and what they were compared with."""
        whole, first = "The whole table", f"The first {plural(self.rows or 0, 'row')} of the table"
        rows = first if self.first_rows else whole if self.whole_table else f"Window {self.window}"
        reference = self.snapshot or self.reference
        return f"{rows}; reference {reference}" if reference else rows

    @property
    def staleness(self) -> timedelta | None:
        """Age of the newest row at the window's end."""
        return self.window.end - self.newest if self.newest else None

    @property
    def violated(self) -> list[Finding]:
        """What is not ok, errors first, the same checks together."""
        violated = (f for f in self.findings if f.violated)
        return sorted(violated, key=lambda f: (f.severity, self.stages.index(f.stage), f.check))

    @property
    def drift_tests(self) -> list[Finding]:
        """The tests of columns that could be compared, the largest difference first."""
        tests = [f for f in self.findings if f.stage == "drift" and f.column and isinstance(f.result, Statistic)]
        return sorted(tests, key=effect_size, reverse=True)

    @property
    def anomaly_rate(self) -> float | None:
        return next((f.result.value for f in self.findings if isinstance(f.result, Rate)), None)

    def count(self, severity: Severity, stage: Stage | None = None) -> int:
        """Count violated findings of a severity, in one stage or in all."""
        return sum(f.violated and f.severity == severity and stage in (None, f.stage) for f in self.findings)

    @property
    def summary(self) -> str:
        """The verdict in a sentence."""
        errors, warnings = self.count("error"), self.count("warn")
        rows = "no window" if self.rows is None else plural(self.rows, "row")
        rows = f"the first {rows}" if self.first_rows else rows
        counts = [plural(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n] or [
            "nothing to report"
        ]
        return f"{self.dataset} {self.verdict}: {', '.join(counts)} in {plural(len(self.findings), 'check')} ({rows})"


def report_schema() -> dict[str, Any]:
    """Return the JSON schema of report.json. A new version may add keys; none changes its meaning or goes away."""
    return Report.model_json_schema(mode="serialization")
