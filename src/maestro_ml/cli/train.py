"""`maestro train`: validate, features, fit, evaluate, gate, register."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.options import EndOption, JsonOption, ProjectOption, Request, StartOption, StoreOption
from maestro_ml.cli.output import finish
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.steps import find_step
from maestro_ml.steps.boundary import boundary
from maestro_ml.steps.preflight import check_model, check_training
from maestro_ml.steps.runner import step_window


def train(
    model: Annotated[str, typer.Argument(help="A model of the project.")],
    project: ProjectOption = Path(),
    start: StartOption = None,
    end: EndOption = None,
    store: StoreOption = None,
    json: JsonOption = False,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Judge the rows it learns from first; stop at an error.")
    ] = True,
    move_alias: Annotated[
        bool, typer.Option("--move-alias", help="Move the alias, also from a later or a better version.")
    ] = False,
) -> None:
    """Validate, features, fit, evaluate, gate, register."""
    request = Request.of(project, start, end, store)
    check_model(request.project, model)
    window = step_window(find_step("build_features"), request.project, model, request.end, request.start)
    with boundary(f"train {model}", request.project):
        check_training(request.project, model, window)
    steps = ["validate_training"] * validate + ["build_features", "train", "evaluate", "register"]
    finish(run_sequence(request, steps, model, {"register": {"move_alias": move_alias}}), json)
