"""`maestro suggest`: propose checks for a dataset, as lines for maestro.yaml or as JSON."""

import sys

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import DatasetArgument, with_request
from maestro_ml.cli.request import Request
from maestro_ml.core.boundary import boundary
from maestro_ml.core.node import format_duration
from maestro_ml.steps import find_step
from maestro_ml.steps.history import read_history
from maestro_ml.steps.runner import check_target, step_window
from maestro_ml.validation.suggest.proposals import as_yaml
from maestro_ml.validation.suggest.proposals import suggest as suggested


@with_request
def suggest(
    request: Request,
    dataset: DatasetArgument,
) -> None:
    """Propose checks that the dataset's window passes, as lines for maestro.yaml."""
    with boundary(f"suggestions of {dataset}", request.project):
        _print(request, dataset)


def _print(request: Request, dataset: str) -> None:
    step = find_step("validate")
    check_target(step, request.project, dataset)
    window = step_window(step, request.project, dataset, request.end, request.start)
    history = read_history(request.store, dataset, request.project.datasets[dataset], window)
    for name in history.left_out:
        sys.stderr.write(f"maestro: {name} cannot be read and is left out\n")
    found = suggested(request.project, dataset, window, history)
    if request.as_json:
        document = {
            "dataset": dataset,
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
            "rows": found.rows,
            "columns": found.columns,
            "checks": [{"check": s.check, "evidence": s.evidence} for s in found.checks],
            "freshness": {"max_age": format_duration(found.max_age)} if found.max_age else None,
            "notes": found.notes,
        }
        print_document(document)
    else:
        sys.stdout.write(as_yaml(found, checks_there=bool(request.project.datasets[dataset].checks)))
