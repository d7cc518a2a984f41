"""`maestro history`: the metrics of a dataset's earlier runs, as a table or as JSON."""

import sys
from datetime import timedelta

from rich.table import Table

from maestro_ml.cli.console import visible
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import DatasetArgument, with_request
from maestro_ml.cli.request import Request
from maestro_ml.cli.tables import print_on_stdout
from maestro_ml.core.boundary import boundary
from maestro_ml.project import Window
from maestro_ml.steps import find_step
from maestro_ml.steps.history import SHOWN_RUNS, read_history
from maestro_ml.steps.runner import check_target
from maestro_ml.validation.history.runs import RunMetrics

_METRICS = {"rows": "rows", "errors": "errors", "warnings": "warns", "drifted_columns": "drifted"}
_METRICS |= {"anomaly_rate": "anomalous"}
_TICK = timedelta(microseconds=1)


@with_request
def history(
    request: Request,
    dataset: DatasetArgument,
) -> None:
    """Print the metrics of a dataset's earlier runs."""
    with boundary(f"history of {dataset}", request.project):
        _print(request, dataset)


def _print(request: Request, dataset: str) -> None:
    """Print the runs whose window ends at the request's end or before, oldest first."""
    check_target(find_step("validate"), request.project, dataset)
    spec = request.project.datasets[dataset]
    length = request.end - request.start if request.start else spec.window
    window = Window.ending(request.end + _TICK, length)
    history = read_history(request.store, dataset, spec, window)
    for name in history.left_out:
        sys.stderr.write(f"maestro: {name} cannot be read and is left out\n")
    runs = history.before(window)[-SHOWN_RUNS:]
    if request.as_json:
        document = {"dataset": dataset, "runs": [run.model_dump(mode="json") for run in runs]}
        print_document(document)
    elif runs:
        print_on_stdout(history_table(dataset, runs))
    else:
        sys.stderr.write(f"no run of {dataset} before {request.end:%Y-%m-%d %H:%M} UTC is in {request.store}\n")


def history_table(dataset: str, runs: list[RunMetrics]) -> Table:
    title = f"{dataset}: {len(runs)} run{'' if len(runs) == 1 else 's'}, by the end of their window (UTC)"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("end", "verdict"):
        table.add_column(heading, no_wrap=True)
    for heading in _METRICS.values():
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("most missing", overflow="fold")
    for run in runs:
        measured = (_shown(metric, run.value(metric)) for metric in _METRICS)
        table.add_row(f"{run.end:%Y-%m-%d %H:%M}", run.verdict, *measured, _most_missing(run))
    return table


def _shown(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2%}" if metric.endswith("rate") else f"{value:,.0f}"


def _most_missing(run: RunMetrics) -> str:
    shares = run.values.get("missing_share", {})
    column = max(shares, key=lambda name: shares[name], default=None)
    return f"{visible(column)} {shares[column]:.2%}" if column and shares[column] else "-"
