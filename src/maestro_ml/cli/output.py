"""The output of a command: sentences for people, one JSON document for programs."""

from collections.abc import Sequence

import typer
from rich.console import Console

from maestro_ml.cli.documents import print_document
from maestro_ml.steps import StepRecord, StepResult

MARKS = {"passed": "[green]passed[/]", "failed": "[red]failed[/]", "skipped": "[yellow]skipped[/]"}


def progress(text: str) -> None:
    """Print a line of progress on stderr."""
    Console(stderr=True).print(f"  {text}", style="dim", highlight=False)


def print_outcome(record: StepRecord[StepResult]) -> None:
    """Print a step's outcome on stderr."""
    console = Console(stderr=True)
    target = f" {record.target}" if record.target else ""
    console.print(f"{MARKS[record.result.outcome]} {record.step}{target} ({record.seconds:.1f} s): ", end="")
    console.print(record.result.summary, highlight=False, markup=False)
    for name, uri in record.result.artifacts.items():
        console.print(f"  {name}: {uri}", highlight=False, markup=False, soft_wrap=True)


def finish(records: Sequence[StepRecord[StepResult]], as_json: bool) -> None:
    """Print the JSON document and exit: 0 if every step passed, otherwise 1."""
    rejected = any(record.result.outcome != "passed" for record in records)
    if as_json:
        steps = [record.model_dump(mode="json") for record in records]
        print_document({"outcome": "failed" if rejected else "passed", "steps": steps})
    raise typer.Exit(1 if rejected else 0)
