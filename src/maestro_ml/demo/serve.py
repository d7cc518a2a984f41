"""Run a project's DAGs in a local Airflow, with its UI."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import STOP_SIGNALS, Components
from maestro_ml.project import Project, load_project


def serve_project(home: Path, project: Path) -> int:
    """Run Airflow with a project until a signal ends it, and return the exit code.

    Raises:
        DemoError: Airflow could not be started or died, or a DAG cannot be imported.
    """
    console = Console(stderr=True, soft_wrap=True)
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        with serving(home, project, console) as (airflow, components, _):
            show_ui(airflow, components, console)
    except KeyboardInterrupt:
        console.print("stopped; no process of Airflow is left", style="yellow")
    return 0


@contextlib.contextmanager
def serving(home: Path, project: Path, console: Console) -> Iterator[tuple[DemoAirflow, Components, Api]]:
    """Run Airflow inside the block, which begins when it knows the project's DAGs."""
    airflow = DemoAirflow.at(home, project)
    loaded = load_project(airflow.project, airflow.environment())
    components = Components(airflow)
    console.print("starting Airflow: scheduler, dag-processor, triggerer, API server ...", style="dim")
    with components.running():
        api = Api(airflow)
        api.wait_until_ready(dags_of(loaded), components.check)
        for pipeline in (loaded.validation, loaded.training, *([loaded.features] if loaded.features else [])):
            api.ensure_pool(pipeline.pool)
        yield airflow, components, api


def dags_of(project: Project) -> set[str]:
    """Return the identifiers of the DAGs that are made for a project."""
    pipelines = [project.validation, project.features, project.training if project.models else None]
    return {project.dag_id_of(pipeline) for pipeline in pipelines if pipeline}


def show_ui(airflow: DemoAirflow, components: Components, console: Console) -> None:
    """Say where the UI is, and wait for Ctrl-C."""
    # whole lines, also in a file or a pipe: an address that is broken cannot be opened
    console.print(
        f"\nThe UI: {airflow.url}   user admin, password {airflow.password()}   (Ctrl-C ends it)", soft_wrap=True
    )
    console.print(
        "A run covers the window that ends at its logical date: give one to check older rows.", soft_wrap=True
    )
    while True:
        components.check()
        time.sleep(1)
