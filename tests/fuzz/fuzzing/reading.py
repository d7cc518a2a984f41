"""Reading a file the way a user does: a project with one dataset, validated and opened."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from maestro_ml.project import MaestroError, Window, load_project
from maestro_ml.tables import open_dataset
from maestro_ml.validation import Report, validate_dataset
from maestro_ml.validation.report.html import render_html

WINDOW = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
LATEST = datetime(2024, 6, 1, tzinfo=UTC)
LONGEST = 120.0  # seconds for one small file: it does not hang
_LEAKS = ("Traceback", "INTERNAL Error", "Stack Trace", 'File "')


@dataclass(frozen=True)
class Outcome:
    """What Maestro made of a file: a report and all its rows, or a refusal."""

    report: Report | None = None
    rows: pa.Table | None = None
    refusal: str | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing says that the table is not what the file holds."""
        return self.report is not None and not any(f.stage == "schema" for f in self.report.violated)


def read(folder: Path, source: Mapping[str, Any], columns: Mapping[str, Any], **dataset: Any) -> Outcome:
    """Validate and open the dataset.

    Raises:
        AssertionError: a message shows a traceback, or it took too long.
        Exception: whatever is not one of Maestro's own errors; that is a fault.
    """
    described = {"source": dict(source), "timestamp": "ts", "window": "31d", "columns": dict(columns), **dataset}
    (folder / "maestro.yaml").write_text(json.dumps({"name": "fuzz", "datasets": {"t": described}}), encoding="utf-8")
    started = time.monotonic()
    try:
        project = load_project(folder, environ={})
        report = validate_dataset(project, "t", WINDOW, now=LATEST)
        messages = [finding.message for finding in report.findings]
        render_html(report)
        with open_dataset(project, "t") as opened:
            outcome = Outcome(report, opened.relation.to_arrow_table())
    except MaestroError as error:
        messages = [str(error)]
        outcome = Outcome(refusal=str(error))
    for message in messages:
        assert not any(leak in message for leak in _LEAKS), message
    assert time.monotonic() - started < LONGEST, "reading took too long"
    return outcome
