"""`maestro validate`: check a dataset and write report.html."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.options import DatasetArgument, with_request
from maestro_ml.cli.output import finish
from maestro_ml.cli.request import Request
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.cli.summaries import Summaries
from maestro_ml.steps.boundary import boundary


@with_request
def validate(
    request: Request,
    dataset: DatasetArgument,
    junit: Annotated[Path | None, typer.Option(help="Write the findings to this file as JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary to this file as Markdown.")] = None,
) -> None:
    """Check schema, quality, drift and anomalies of a dataset, and write report.html."""
    summaries = Summaries(junit, markdown)
    records = run_sequence(request, ["validate"], dataset)
    with boundary(f"summary of {dataset}", request.project):
        summaries.write(request, dataset)
    finish(records, request.as_json)
