"""The output of a command: sentences for people, one JSON document for programs."""

from collections.abc import Sequence

import typer

from maestro_ml.cli.console import console
from maestro_ml.cli.documents import print_document
from maestro_ml.steps import StepRecord, StepResult

MARKS = {"passed": "[green]passed[/]", "failed": "[red]failed[/]", "skipped": "[yellow]skipped[/]"}


def progress(text: str) -> None:
    """Print a line of progress on stderr, for the log of a pod."""
    console().print(f"  {text}", style="dim", markup=False)


def print_outcome(record: StepRecord[StepResult]) -> None:
    """Print a step's outcome on stderr."""
    out = console()
    target = f" {record.target}" if record.target else ""
    out.print(f"{MARKS[record.result.outcome]} {record.step}{target} ({record.seconds:.1f} s): ", end="")
    out.print(record.result.summary, markup=False)


def print_artifacts(record: StepRecord[StepResult]) -> None:
    """Print where the files of a step are, on stderr."""
    for name, uri in record.result.artifacts.items():
        console().print(f"  {name}: {uri}", markup=False)


def finish(records: Sequence[StepRecord[StepResult]], as_json: bool) -> None:
    """Print the JSON document and exit: 0 if every step passed, otherwise 1."""
    rejected = any(record.result.outcome != "passed" for record in records)
    if as_json:
        print_document({"outcome": "failed" if rejected else "passed", "steps": documents_of(records)})
    raise typer.Exit(1 if rejected else 0)


def documents_of(records: Sequence[StepRecord[StepResult]]) -> list[dict[str, object]]:
    """Return the records as the JSON document has them."""
    return [record.model_dump(mode="json") for record in records]
