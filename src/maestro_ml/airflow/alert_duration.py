"""How long a posted alert fires unless it is posted again."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro_ml.project import Project

# For a pipeline that no schedule runs again, and for a DAG of the project's own.
UNSCHEDULED = timedelta(days=1)
_GRACE = timedelta(minutes=5)


def alert_lasts(project: "Project", dag_id: str, now: datetime | None = None) -> timedelta:
    """Return the time until the pipeline's next scheduled run must be done, with five minutes of grace.

    That run posts the alert again, or finds nothing and lets it end.
    """
    from croniter import croniter

    pipeline = project.pipeline_of(dag_id)
    if pipeline is None or pipeline.schedule is None:
        return UNSCHEDULED
    now = now or datetime.now(UTC)
    following: datetime = croniter(pipeline.schedule, now).get_next(datetime)
    return following - now + pipeline.deadline + _GRACE
