"""`maestro gate simulate`: what a model's gate lets through in a year."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption, ProjectOption
from maestro_ml.cli.request import Request
from maestro_ml.gate_rules.budget import DISAGREEMENT, Budget
from maestro_ml.project import RequestError
from maestro_ml.project.gate_mistakes import looks_of
from maestro_ml.steps.preflight import check_model

app = typer.Typer(name="gate", no_args_is_help=True, add_completion=False)
_BUDGET = 0.05
_LIMIT = 0.85  # of a gate of another metric: only right and wrong answers are simulated
_LOOKS = 52


@app.callback()
def gate() -> None:
    """Study what a model's gate does over time."""


@app.command()
def simulate(
    model: Annotated[str, typer.Argument(help="A model of the project.")],
    rows: Annotated[int, typer.Option(min=1, max=10_000_000, help="Test rows of each candidate.")] = 2_000,
    differ: Annotated[
        float,
        typer.Option(
            min=0.0001, max=1, help="The share of rows that exactly one of candidate and champion gets right."
        ),
    ] = DISAGREEMENT,
    budget: Annotated[
        float | None, typer.Option(min=0.0001, max=10, help="Wrong promotions a year (default: the gate's, or 0.05).")
    ] = None,
    years: Annotated[int, typer.Option(min=1, max=100_000, help="Years to simulate.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the simulation.")] = 0,
    project: ProjectOption = Path(),
    json: JsonOption = False,
) -> None:
    """Simulate years of candidates that are no better, and count how many the gate promotes."""
    from maestro_ml.gate_rules.simulation import as_markdown
    from maestro_ml.gate_rules.simulation import simulate as simulated

    loaded = Request.of(project).project
    check_model(loaded, model)
    spec = loaded.models[model].gate
    if "binary" not in spec.measure.tasks and "multiclass" not in spec.measure.tasks:
        raise RequestError(f"{model} predicts numbers; the simulation is of classes that are right or wrong")
    is_own = spec.metric == "accuracy" and 0 < spec.above < 1
    limit = spec.above if is_own else _LIMIT
    if not is_own:
        side = "above" if spec.below is None else "below"
        sys.stderr.write(
            f"maestro: the gate of {model} asks for {spec.metric} {side} {spec.limit:g}; what is simulated is accuracy"
            f" above {limit:g}, with the same budget\n"
        )
    allowed = budget or spec.max_wrong_promotions_per_year or _BUDGET
    found = simulated(Budget(allowed, looks_of(loaded, spec) or _LOOKS), rows, differ, limit, years, seed)
    if json:
        print_document({"model": model, **found.model_dump(mode="json")})
    else:
        sys.stdout.write(as_markdown(found))
