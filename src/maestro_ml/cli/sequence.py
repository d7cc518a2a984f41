"""Several steps one after the other, stopping at the first that says no."""

from collections.abc import Mapping, Sequence
from typing import Any

from maestro_ml.cli.options import Request
from maestro_ml.cli.output import progress, say
from maestro_ml.steps import StepRecord, StepResult, run_step


def run_sequence(
    request: Request, steps: Sequence[str], target: str = "", params: Mapping[str, Mapping[str, Any]] | None = None
) -> list[StepRecord[StepResult]]:
    """Run the steps about the target; `params` holds the parameters of those that take some."""
    records = []
    for step in steps:
        folder = request.folder(step, target)
        record = run_step(
            step,
            request.project,
            folder,
            end=request.end,
            start=request.start,
            params=(params or {}).get(step),
            progress=progress,
        )
        say(record)
        records.append(record)
        if record.result.outcome != "passed":
            break
    return records
