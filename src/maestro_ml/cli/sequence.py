"""Run several steps in order, and stop at the first that does not pass."""

from collections.abc import Mapping, Sequence
from typing import Any

from maestro_ml.cli.console import progress_lines
from maestro_ml.cli.findings import print_findings
from maestro_ml.cli.output import print_artifacts, print_outcome
from maestro_ml.cli.request import Request
from maestro_ml.steps import StepRecord, StepResult, run_step


def run_sequence(
    request: Request, steps: Sequence[str], target: str = "", params: Mapping[str, Mapping[str, Any]] | None = None
) -> list[StepRecord[StepResult]]:
    """Run the steps for the target and return their records.

    Args:
        params: parameters by step, for the steps that take some.
    """
    records = []
    for step in steps:
        folder = request.folder(step, target)
        with progress_lines() as progress:
            record = run_step(
                step,
                request.project,
                folder,
                end=request.end,
                start=request.start,
                params=(params or {}).get(step),
                progress=progress,
            )
        print_outcome(record)
        print_findings(record, folder)
        print_artifacts(record)
        records.append(record)
        if record.result.outcome != "passed":
            break
    return records
