"""`maestro validate`: schema, quality, drift, anomalies of a dataset; writes report.html."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.history import print_history
from maestro_ml.cli.options import EndOption, JsonOption, ProjectOption, Request, StartOption, StoreOption
from maestro_ml.cli.output import finish
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.cli.suggest import print_suggestions
from maestro_ml.cli.summaries import Summaries
from maestro_ml.project import RequestError
from maestro_ml.steps.boundary import boundary


def command(
    dataset: Annotated[str, typer.Argument(help="A dataset of the project.")],
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
    junit: Annotated[Path | None, typer.Option(help="Write the findings there as JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary there as Markdown.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Print the trend of earlier runs; judge nothing.")] = False,
    suggest: Annotated[bool, typer.Option("--suggest", help="Print checks that would pass; judge nothing.")] = False,
) -> None:
    request = Request.of(project, start, end, store)
    if (history and suggest) or ((history or suggest) and (junit or markdown)):
        raise RequestError("--history and --suggest only print, one at a time: there is no verdict to summarise")
    if history or suggest:
        with boundary(f"{'history' if history else 'suggestions'} of {dataset}", request.project):
            (print_history if history else print_suggestions)(request, dataset, json)
        return
    summaries = Summaries(junit, markdown)
    records = run_sequence(request, ["validate"], dataset)
    with boundary(f"summary of {dataset}", request.project):
        summaries.write(request, dataset)
    finish(records, json)


command.__name__, command.__doc__ = "validate", "Schema, quality, drift and anomalies of a dataset; writes report.html."
