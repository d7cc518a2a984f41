"""`maestro run STEP`: run a single step, as pods do."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.findings import print_findings
from maestro_ml.cli.options import EndOption, JsonOption, ProjectOption, StartOption, StoreOption
from maestro_ml.cli.output import finish, print_artifacts, print_outcome, progress
from maestro_ml.cli.request import Request
from maestro_ml.project import MaestroError, RequestError
from maestro_ml.steps import STEPS, StepFolder, run_step
from maestro_ml.steps.failure import leave_failure

STEP_HELP = "; ".join(f"{step.name}: {step.summary}" for step in STEPS.values())


def run(
    step: Annotated[str, typer.Argument(help=STEP_HELP)],
    target: Annotated[str, typer.Option(help="The dataset or model to work on.")] = "",
    param: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, a parameter of the step; repeatable.")] = None,
    run_uri: Annotated[
        str | None, typer.Option(help="The run's folder in the run store, for steps of one DAG run.")
    ] = None,
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Run a single step, as pods do."""
    try:
        request = Request.of(project, start, end, store, target=target)
        folder = StepFolder(run_uri, step, target) if run_uri else request.folder(step, target)
        params = dict(_pair(text) for text in param or [])
        record = run_step(
            step, request.project, folder, end=request.end, start=request.start, params=params, progress=progress
        )
    except MaestroError as error:
        if run_uri:  # in a pod: its task reads the error from there
            leave_failure(StepFolder(run_uri, step, target), error)
        raise
    print_outcome(record)
    print_findings(record, folder)
    print_artifacts(record)
    finish([record], json)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise RequestError(f"--param is NAME=VALUE; found '{text}'")
    return name, value
