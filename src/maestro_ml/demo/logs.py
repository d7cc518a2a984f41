"""The end of a failed task's log, for a person."""

import json
from pathlib import Path
from typing import Any

LINES = 25


def last_lines(logs: Path, task: dict[str, Any]) -> str:
    """Return the last lines of the last attempt's log, in which Airflow writes one JSON object a line."""
    folder = logs / f"dag_id={task['dag_id']}" / f"run_id={task['dag_run_id']}" / f"task_id={task['task_id']}"
    if task["map_index"] >= 0:
        folder /= f"map_index={task['map_index']}"
    attempts = sorted(folder.glob("attempt=*.log"))
    if not attempts:
        return f"(no log in {folder})"
    lines = [text for line in attempts[-1].read_text(errors="replace").splitlines() for text in _readable(line)]
    return "\n".join([*lines[-LINES:], f"whole log: {attempts[-1]}"])


def _readable(line: str) -> list[str]:
    try:
        entry = json.loads(line)
    except ValueError:
        return [line]
    errors = [f"  {error['exc_type']}: {error['exc_value']}" for error in entry.get("error_detail") or []]
    return [f"{entry.get('level', ''):8} {entry.get('event', line)}", *errors]
