"""Proposed checks of a dataset, as lines for maestro.yaml or as JSON."""

import sys
from pathlib import Path

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import (
    DatasetArgument,
    EndOption,
    JsonOption,
    ProjectOption,
    Request,
    StartOption,
    StoreOption,
)
from maestro_ml.core.node import format_duration
from maestro_ml.steps import find_step
from maestro_ml.steps.boundary import boundary
from maestro_ml.steps.history import read_history
from maestro_ml.steps.runner import check_target, step_window
from maestro_ml.validation.suggest.proposals import as_yaml
from maestro_ml.validation.suggest.proposals import suggest as suggested


def suggest(
    dataset: DatasetArgument,
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Print checks that a dataset's window would pass."""
    request = Request.of(project, start, end, store)
    with boundary(f"suggestions of {dataset}", request.project):
        _print(request, dataset, json)


def _print(request: Request, dataset: str, as_json: bool) -> None:
    step = find_step("validate")
    check_target(step, request.project, dataset)
    window = step_window(step, request.project, dataset, request.end, request.start)
    history = read_history(request.store, dataset, request.project.datasets[dataset], window)
    for name in history.left_out:
        sys.stderr.write(f"maestro: {name} cannot be read and is left out\n")
    found = suggested(request.project, dataset, window, history)
    if as_json:
        document = {
            "dataset": dataset,
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
            "rows": found.rows,
            "checks": [{"check": s.check, "evidence": s.evidence} for s in found.checks],
            "freshness": {"max_age": format_duration(found.max_age)} if found.max_age else None,
            "notes": found.notes,
        }
        print_document(document)
    else:
        sys.stdout.write(as_yaml(found, checks_there=bool(request.project.datasets[dataset].checks)))
