"""Deadlines: by when a run must be done, counted from when it was queued, and who is notified if it is not."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from maestro_ml.airflow.current_project import project_at
from maestro_ml.airflow.notifier import send
from maestro_ml.core.node import format_duration
from maestro_ml.project.pipelines import Pipeline

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RunQueued(BaseDeadlineReference):
    """Refer to the time when the run was first queued.

    Airflow has this as DAGRUN_QUEUED_AT, but up to 3.3.2 no run with such a deadline can be cleared: the API
    answers 500 (apache/airflow#70368, docs/adr/0002).
    """

    required_kwargs = frozenset({"dag_id", "run_id"})

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        return session.scalar(select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))


def deadline(
    project_path: str, pipeline: Pipeline, waits: timedelta = timedelta(), dag_id: str | None = None
) -> DeadlineAlert:
    """Build a pipeline's deadline. It counts from queueing, so a backfill run does not start out late.

    Args:
        waits: how long its runs may wait for a person.
        dag_id: of the DAG, where it is not the pipeline's own.
    """
    called = dag_id or pipeline.dag_id
    limit = format_duration(pipeline.deadline + waits)
    return DeadlineAlert(
        reference=RunQueued(),
        interval=pipeline.deadline + waits,
        callback=AsyncCallback(
            deadline_missed, kwargs={"project_path": project_path, "dag_id": called, "limit": limit}
        ),
        name=f"{called} within {limit}",
    )


async def deadline_missed(project_path: str, dag_id: str, limit: str, context: dict[str, Any] | None = None) -> None:
    """Notify the project's people of a missed deadline. Runs in the triggerer."""
    run = (context or {}).get("dag_run") or {}
    run_id = run.get("dag_run_id") or run.get("run_id") if isinstance(run, dict) else getattr(run, "run_id", None)
    title = f"Deadline missed: {dag_id}"
    body = f"The run {run_id or ''} was not done {limit} after it was queued."
    await asyncio.to_thread(_notify, project_path, title, body)


def _notify(project_path: str, title: str, body: str) -> None:
    send(project_at(project_path).alerting.notify, title, body)
