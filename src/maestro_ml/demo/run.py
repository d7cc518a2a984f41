"""Run the demo: prepare, start, trigger, follow, summarise, stop."""

import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from maestro_ml.demo.api import Api
from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.figures import write_proof
from maestro_ml.demo.flights import prepare
from maestro_ml.demo.logs import last_lines
from maestro_ml.demo.processes import STOP_SIGNALS, Components
from maestro_ml.demo.progress import DemoRun, follow, name_of
from maestro_ml.demo.serve import show_ui
from maestro_ml.demo.summary import Figures, print_summary
from maestro_ml.project import load_project
from maestro_ml.project.pipelines import Features, Training, Validation

VALIDATION, FEATURES, TRAINING = Validation.dag_id, Features.dag_id, Training.dag_id
# The ends of the windows on a Sunday, at the times of the three schedules.
RUNS = {
    VALIDATION: datetime(2013, 12, 1, 0, tzinfo=UTC),
    FEATURES: datetime(2013, 12, 1, 2, tzinfo=UTC),
    TRAINING: datetime(2013, 12, 1, 4, tzinfo=UTC),
}
# Validation and materialization are independent; training needs the feature registry, and the whole machine.
WAVES = ((VALIDATION, FEATURES), (TRAINING,))


def run_demo(home: Path, *, keep_ui: bool, proof: Path | None) -> int:
    """Run the demo and return the exit code: 0 if all runs succeeded, 1 if not, 130 after a signal.

    Raises:
        DemoError: Airflow itself could not be started or died.
    """
    console = Console(width=None if Console().is_terminal else 140)
    airflow = DemoAirflow.at(home)
    components = Components(airflow)
    # A terminal that closes and a `kill` end the demo as Ctrl-C does: in order.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(airflow, components, console, keep_ui=keep_ui, proof=proof)
    except KeyboardInterrupt:
        console.print("stopped; no process of the demo is left", style="yellow")
        return 130


def _run(airflow: DemoAirflow, components: Components, console: Console, *, keep_ui: bool, proof: Path | None) -> int:
    began = time.monotonic()
    console.print("preparing the flights of 2013 ...", style="dim")
    prepare(str(airflow.project))
    project = load_project(airflow.project, airflow.environment())
    console.print("starting Airflow: scheduler, dag-processor, triggerer, API server ...", style="dim")
    with components.running():
        api = Api(airflow)
        api.wait_until_ready(set(RUNS), components.check)
        if project.features:
            api.ensure_pool(project.features.pool)
        ready = time.monotonic() - began
        console.print(f"ready after {ready:.0f} s: {airflow.url}", style="dim")
        runs = _follow_all(api, components, console)
        figures = Figures(ready=ready, total=time.monotonic() - began, peak_mb=components.peak_mb)
        _explain_failures(runs, airflow, console)
        print_summary(console, project, runs, figures)
        if proof:
            write_proof(proof, project, runs, figures)
        if keep_ui:
            show_ui(airflow, components, console)
    return 0 if all(run.state == "success" for run in runs) else 1


def _follow_all(api: Api, components: Components, console: Console) -> list[DemoRun]:
    runs: list[DemoRun] = []
    for wave in WAVES:
        for dag in wave:
            run = DemoRun(dag, f"demo__{RUNS[dag]:%Y-%m-%dT%H%M}")
            api.start_run(dag, run.run, RUNS[dag])
            runs.append(run)
        follow(api, runs, console, components.check)
    return runs


def _explain_failures(runs: list[DemoRun], airflow: DemoAirflow, console: Console) -> None:
    for run in runs:
        for task in run.failed_tasks():
            console.print(f"\n{run.dag}: {name_of(task)} failed; the end of its log:", style="bold red")
            console.print(last_lines(airflow.logs, task), markup=False, highlight=False)
