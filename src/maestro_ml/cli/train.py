"""`maestro train`: train a model and register it if it passes the gate."""

from typing import Annotated

import typer

from maestro_ml.cli.options import with_request
from maestro_ml.cli.output import finish
from maestro_ml.cli.request import Request
from maestro_ml.cli.sequence import run_sequence
from maestro_ml.core.boundary import boundary
from maestro_ml.core.stdout import printing_to_stderr
from maestro_ml.steps import find_step
from maestro_ml.steps.preflight import check_model, check_training
from maestro_ml.steps.runner import step_window


@with_request
def train(
    request: Request,
    model: Annotated[str, typer.Argument(help="A model of the project.")],
    validate: Annotated[
        bool,
        typer.Option(
            "--validate/--no-validate", help="First validate the rows that the model learns from, and stop at an error."
        ),
    ] = True,
    move_alias: Annotated[
        bool, typer.Option("--move-alias", help="Move the alias, even from a later or better version.")
    ] = False,
) -> None:
    """Validate the training rows, build features, fit, evaluate, and register a model that passes the gate."""
    check_model(request.project, model)
    window = step_window(find_step("build_features"), request.project, model, request.end, request.start)
    with boundary(f"train {model}", request.project), printing_to_stderr():
        check_training(request.project, model, window)
    steps = ["validate_training"] * validate + ["build_features", "train", "evaluate", "register"]
    steps += ["promote"] * (request.project.models[model].register_as.promotion == "automatic")
    finish(run_sequence(request, steps, model, {"register": {"move_alias": move_alias}}), request.as_json)
