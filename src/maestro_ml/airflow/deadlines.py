"""Deadlines: by when a run must be done, counted from when it was queued, and who hears if it is not."""

import asyncio
from typing import Any

# Airflow 3.3 exports them, but its type stub does not.
from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference  # type: ignore[attr-defined]

from maestro_ml.airflow.notifier import send
from maestro_ml.project.pipelines import Pipeline


def deadline(project_path: str, dag_id: str, pipeline: Pipeline) -> DeadlineAlert:
    """Counted from queueing, so that a run for a time long past is not late by birth."""
    minutes = round(pipeline.deadline.total_seconds() / 60)
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=pipeline.deadline,
        callback=AsyncCallback(
            deadline_missed, kwargs={"project_path": project_path, "dag_id": dag_id, "minutes": minutes}
        ),
        name=f"{dag_id} within {minutes} min",
    )


async def deadline_missed(project_path: str, dag_id: str, minutes: int, context: dict[str, Any] | None = None) -> None:
    """Runs in the triggerer."""
    run = (context or {}).get("dag_run") or {}
    run_id = run.get("dag_run_id") or run.get("run_id") if isinstance(run, dict) else getattr(run, "run_id", None)
    title = f"Deadline missed: {dag_id}"
    body = f"The run {run_id or ''} was not done {minutes} minutes after it was queued."
    await asyncio.to_thread(send, project_path, title, body)
