"""`maestro validate`: schema, quality, drift, anomalies of a dataset; writes report.html."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.options import (
    DatasetArgument,
    EndOption,
    JsonOption,
    ProjectOption,
    Request,
    StartOption,
    StoreOption,
)
from maestro_ml.cli.output import finish
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.cli.summaries import Summaries
from maestro_ml.steps.boundary import boundary


def validate(
    dataset: DatasetArgument,
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
    junit: Annotated[Path | None, typer.Option(help="Write the findings there as JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary there as Markdown.")] = None,
) -> None:
    """Judge schema, quality, drift and anomalies of a dataset; writes report.html."""
    request = Request.of(project, start, end, store)
    summaries = Summaries(junit, markdown)
    records = run_sequence(request, ["validate"], dataset)
    with boundary(f"summary of {dataset}", request.project):
        summaries.write(request, dataset)
    finish(records, json)
