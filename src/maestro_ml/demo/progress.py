"""Live progress of DAG runs: every step with its state and seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from maestro_ml.demo.api import Api

FINISHED = ("success", "failed")
COLOURS = {"success": "green", "failed": "red", "upstream_failed": "red", "skipped": "yellow", "running": "cyan"}


@dataclass
class DemoRun:
    """A DAG run and its last known state."""

    dag: str
    run: str
    state: str = "queued"
    seconds: float = 0.0
    tasks: list[dict[str, Any]] = field(default_factory=list)
    printed: dict[tuple[str, int], str | None] = field(default_factory=dict)  # the last state printed of each task

    def refresh(self, api: Api) -> None:
        """Read the state of the run and its tasks from Airflow."""
        seen = api.run(self.dag, self.run)
        self.tasks = api.tasks(self.dag, self.run)
        self.state = seen["state"]
        queued, ended = _time(seen["queued_at"]), _time(seen["end_date"])
        if queued:
            self.seconds = ((ended if self.finished and ended else datetime.now(UTC)) - queued).total_seconds()

    @property
    def finished(self) -> bool:
        """Whether the run has succeeded or failed."""
        return self.state in FINISHED

    def failed_tasks(self) -> list[dict[str, Any]]:
        """Return the task instances that failed."""
        return [task for task in self.tasks if task["state"] == "failed"]


def follow(api: Api, runs: list[DemoRun], console: Console, check: Callable[[], None]) -> None:
    """Show progress until all runs have finished: a live table on a terminal, otherwise a line for each change."""
    with Live(console=console, refresh_per_second=4, transient=True, auto_refresh=console.is_terminal) as live:
        while True:
            check()
            for run in runs:
                run.refresh(api)
            if console.is_terminal:
                live.update(_table(runs))
            else:
                _print_changes(runs, console)
            if all(run.finished for run in runs):
                return
            time.sleep(1)


def _table(runs: list[DemoRun]) -> Table:
    table = Table("DAG", "step", "state", "seconds", box=None, pad_edge=False)
    for run in runs:
        for task in sorted(run.tasks, key=lambda t: (t["start_date"] or "9", t["task_id"], t["map_index"])):
            table.add_row(run.dag, name_of(task), _coloured(task["state"]), seconds_of(task))
    return table


def _print_changes(runs: list[DemoRun], console: Console) -> None:
    for run in runs:
        for task in run.tasks:
            key, state = (task["task_id"], task["map_index"]), task["state"]
            if run.printed.get(key) != state and state in (
                *FINISHED,
                "running",
                "skipped",
                "up_for_retry",
                "upstream_failed",
            ):
                console.print(f"  {run.dag} {name_of(task)}: {_coloured(state)} {seconds_of(task)}", highlight=False)
            run.printed[key] = state


def name_of(task: dict[str, Any]) -> str:
    """Return a task's name, with the dataset or model of a mapped one."""
    label = task.get("rendered_map_index") or (task["map_index"] if task["map_index"] >= 0 else "")
    return f"{task['task_id'].rsplit('.', 1)[-1]}" + (f" ({label})" if label != "" else "")


def seconds_of(task: dict[str, Any]) -> str:
    """Return how long a task has run, as text; empty if it has not started."""
    started, ended = _time(task["start_date"]), _time(task["end_date"])
    return f"{((ended or datetime.now(UTC)) - started).total_seconds():.1f}" if started else ""


def _coloured(state: str | None) -> str:
    colour = COLOURS.get(state or "")
    return f"[{colour}]{state}[/]" if colour else str(state or "waiting")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
