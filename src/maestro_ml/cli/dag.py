"""`maestro dag`: one run of a DAG, here."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.console import console
from maestro_ml.cli.documents import print_document
from maestro_ml.cli.options import JsonOption, ProjectOption, parse_time
from maestro_ml.core.boundary import boundary
from maestro_ml.project import load_project
from maestro_ml.rehearsal.dag_run import run_dag

app = typer.Typer(name="dag", no_args_is_help=True)


@app.callback()
def dag() -> None:
    """Run a pipeline or a DAG of the project once."""


@app.command("test")
def run_once(
    name: Annotated[
        str, typer.Argument(metavar="DAG", help="A DAG, such as data_validation_pipeline or one in dags/.")
    ],
    project: ProjectOption = Path(),
    at: Annotated[
        datetime | None, typer.Option("--at", parser=parse_time, help="The run's logical date (default: now).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run a DAG once with Airflow's dag.test() and a temporary database."""
    load_project(project)
    folder = project if project.is_dir() else project.parent
    with boundary(f"run of {name}"):
        run = run_dag(folder, name, at or datetime.now(UTC).replace(microsecond=0))
    passed = run.state == "success"
    out = console()
    for task, state in run.tasks.items():
        out.print(f"  {task}: {state}", markup=False)
    out.print(f"{name}: {run.state}", markup=False)
    if json:
        print_document(
            {"outcome": "passed" if passed else "failed", "dag": name, "state": run.state, "tasks": run.tasks}
        )
    raise typer.Exit(0 if passed else 1)
