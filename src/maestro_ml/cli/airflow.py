"""`maestro airflow`: a project's DAGs in a local Airflow, with its UI."""

from pathlib import Path
from typing import Annotated

import typer

from maestro_ml.cli.options import ProjectOption


def airflow(
    project: ProjectOption = Path(),
    home: Annotated[
        Path | None, typer.Option(help="The folder of Airflow's database and logs (default: .maestro in the project).")
    ] = None,
) -> None:
    """Run the project's DAGs in a local Airflow, with its UI, until Ctrl-C."""
    from maestro_ml.demo.serve import serve_project

    raise typer.Exit(serve_project(home or project / ".maestro", project))
