from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from maestro_ml.project import Window
from maestro_ml.validation import Finding, Report, validate_dataset
from maestro_ml.validation.history.runs import NO_HISTORY, History
from maestro_ml.validation.run import ALL_STAGES

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
_TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "timestamp"}


def _contract(frame: pd.DataFrame) -> dict[str, dict]:
    return {name: {"type": _TYPES.get(kind.kind, "string")} for name, kind in frame.dtypes.items()}


@pytest.fixture
def events() -> Callable[..., pd.DataFrame]:
    """Provide a frame with one row an hour from the start of January 2024 (or `start`), and the columns given."""

    def build(start: str = "2024-01-01", **columns: object) -> pd.DataFrame:
        length = max(len(values) for values in columns.values())
        return pd.DataFrame({"at": pd.date_range(start, periods=length, freq="h", tz="UTC"), **columns})

    return build


@pytest.fixture
def judge(tmp_path: Path, dataset_project: Callable) -> Callable[..., Report]:
    """Provide the report on a frame (or on what already lies at `source`) in January 2024.

    The contract is the frame's own.
    """

    def report(
        frame: pd.DataFrame | None = None,
        *stages: str,
        window: Window = JANUARY,
        now: datetime = JANUARY.end + timedelta(days=100),
        history: History = NO_HISTORY,
        **dataset: object,
    ) -> Report:
        given: dict = {"timestamp": "at", "source": {"kind": "parquet", "path": "events.parquet"}}
        if frame is not None:
            frame.to_parquet(tmp_path / "events.parquet", index=False)
            given["columns"] = _contract(frame)
        return validate_dataset(
            dataset_project(**given | dataset), "events", window, stages or ALL_STAGES, now=now, history=history
        )

    return report


@pytest.fixture
def pick() -> Callable[..., Finding]:
    """Provide the one finding of a check (and column) in a report."""

    def only(report: Report, check: str, column: str | None = None) -> Finding:
        (found,) = [f for f in report.findings if f.check == check and column in (None, f.column)]
        return found

    return only
