"""`maestro validate`: check a dataset, or all of them, print what is wrong and write report.html."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.browser import open_report
from maestro_ml.cli.documents import print_error
from maestro_ml.cli.options import with_request
from maestro_ml.cli.output import documents_of, finish
from maestro_ml.cli.request import Request
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.cli.summaries import Summaries
from maestro_ml.core.boundary import boundary
from maestro_ml.project import MaestroError
from maestro_ml.steps import StepRecord, StepResult


@with_request
def validate(
    request: Request,
    dataset: Annotated[str | None, typer.Argument(help="A dataset of the project; without one, all of them.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the findings to this file as JUnit XML.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary to this file as Markdown.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show the reports in a browser.")] = False,
) -> None:
    """Check schema, quality, drift and anomalies, print what is wrong, and write report.html."""
    summaries = Summaries(junit, markdown)
    names = [dataset] if dataset is not None else list(request.project.datasets)
    records: list[StepRecord[StepResult]] = []
    failures: list[MaestroError] = []
    done: dict[str, Request] = {}
    for name in names:
        try:
            own = request if dataset is not None else request.about(name)
            records += run_sequence(own, ["validate"], name)
            done[name] = own
        except MaestroError as error:
            if len(names) == 1:
                raise
            sys.stderr.write(f"maestro: {error}\n")
            failures.append(error)
    with boundary(f"summary of {', '.join(names)}", request.project):
        summaries.write(done)
    if open_:
        for record in records:
            open_report(record.result.artifacts["report"])
    if failures:
        code = max(error.exit_code for error in failures)
        if request.as_json:
            print_error("\n".join(map(str, failures)), code, steps=documents_of(records))
        raise typer.Exit(code)
    finish(records, request.as_json)
