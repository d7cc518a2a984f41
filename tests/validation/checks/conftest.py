from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest

from maestro_ml.project import Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.tables import LocalTable
from maestro_ml.tables.duckdb import connect
from maestro_ml.validation import Finding
from maestro_ml.validation.context import ValidationContext
from maestro_ml.validation.quality import quality_findings


@pytest.fixture(scope="session")
def january() -> Window:
    return Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))


@pytest.fixture
def check(judge) -> Callable[..., Finding]:
    """Provide `check(frame, **declared, given={...})`: the finding of one declared check on a frame."""

    def run(frame: pd.DataFrame, given: dict | None = None, **declared: object) -> Finding:
        report = judge(frame, "quality", checks=[declared], **(given or {}))
        (*_, found) = [f for f in report.findings if f.check == declared["check"]]
        return found

    return run


@pytest.fixture(scope="session")
def on_texts(january) -> Iterator[Callable[..., list[Finding]]]:
    """Provide `on_texts(values, *checks)`: the findings of checks of a column of these texts, without a file."""
    with connect() as connection:

        def run(values: list[str | None], *checks: dict) -> list[Finding]:
            declared = {
                "source": {"kind": "parquet", "path": "unused"},
                "timestamp": "at",
                "columns": {"at": {"type": "timestamp"}, "s": {"type": "string"}},
                "checks": [{"column": "s"} | check for check in checks],
            }
            at = pa.array([january.start] * len(values), pa.timestamp("us", tz="UTC"))
            rows = connection.from_arrow(pa.table({"at": at, "s": pa.array(values, pa.string())}))
            dataset = LocalTable("events", Dataset.model_validate(declared), connection, rows)
            return quality_findings(ValidationContext(dataset, january, january.end))[-len(checks) :]

        yield run
