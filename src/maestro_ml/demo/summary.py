"""The summary at the end of the demo."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from maestro_ml.demo.progress import DemoRun
from maestro_ml.project import Project
from maestro_ml.steps import StepFolder, StepRecord, StepResult

SUMMARISED_STEPS = ("validate", "validate_training", "verify_online", "evaluate", "register")


@dataclass(frozen=True)
class Figures:
    """Seconds until Airflow was ready and in all, and the most memory all processes took together (MB)."""

    ready: float
    total: float
    peak_mb: float


def records_of(project: Project, run: DemoRun) -> list[StepRecord[StepResult]]:
    """Read every result that the run left in the store, in the order in which they were finished."""
    folder = Path(StepFolder.of_run(project.locate(project.store), run.dag, run.run, "").run_uri)
    records = [StepRecord[StepResult].model_validate_json(f.read_bytes()) for f in folder.glob("**/result.json")]
    return sorted(records, key=lambda record: record.finished_at)


def deadline_seconds(project: Project, dag: str) -> float:
    """Return the deadline of a DAG in seconds."""
    pipeline = project.pipeline_of(dag)
    return pipeline.deadline.total_seconds() if pipeline else 0.0


def print_summary(console: Console, project: Project, runs: list[DemoRun], figures: Figures) -> None:
    """Print the pipelines, what they found, and where the reports are."""
    console.print()
    console.print(_pipelines(project, runs))
    console.print()
    console.print(_findings(project, runs))
    console.print("\nReports")
    for run in runs:
        for record in records_of(project, run):
            for uri in record.result.artifacts.values():
                if uri.endswith(".html"):
                    console.print(f"  {uri}", soft_wrap=True, highlight=False)
    console.print(
        f"\n{figures.total:.0f} s in all, Airflow ready after {figures.ready:.0f} s;"
        f" at most {figures.peak_mb:.0f} MB for all processes together."
    )


def _pipelines(project: Project, runs: list[DemoRun]) -> Table:
    table = Table("DAG", "state", "duration", "deadline", "met", title="Pipelines", title_justify="left")
    for run in runs:
        limit = deadline_seconds(project, run.dag)
        colour = "green" if run.state == "success" else "red"
        met = "[green]yes[/]" if run.finished and run.seconds <= limit else "[red]no[/]"
        table.add_row(run.dag, f"[{colour}]{run.state}[/]", f"{run.seconds:.0f} s", f"{limit / 60:.0f} min", met)
    return table


def _findings(project: Project, runs: list[DemoRun]) -> Table:
    table = Table("step", "about", "outcome", "result", title="What they found", title_justify="left")
    colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for run in runs:
        for record in records_of(project, run):
            if record.step in SUMMARISED_STEPS:
                outcome = record.result.outcome
                table.add_row(record.step, record.target, f"[{colours[outcome]}]{outcome}[/]", record.result.summary)
    return table
