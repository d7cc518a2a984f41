"""The pipelines: schedules, deadlines and retries, and the feature views to materialize."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from maestro_ml.checks.base import Share
from maestro_ml.core.node import Cron, Duration, Node
from maestro_ml.core.places import Place


class Pipeline(Node):
    """A pipeline's schedule, deadline (counted from queueing) and number of retries."""

    dag_id: ClassVar[str]

    schedule: Cron | None
    deadline: Duration
    task_timeout: Duration | None = None  # of one try of a task; None: as long as the deadline
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    queue: str = "default"  # of the Celery workers that run its tasks
    pool: str = "default_pool"  # the Airflow pool of its tasks

    @property
    def task_pool(self) -> str:
        """The pool of the tasks for which the DAG names no other."""
        return self.pool


class Validation(Pipeline):
    """The pipeline over the named datasets; none means all."""

    dag_id = "data_validation_pipeline"

    schedule: Cron | None = "0 */6 * * *"
    deadline: Duration = timedelta(minutes=15)
    datasets: tuple[str, ...] = ()


class Training(Pipeline):
    """The pipeline over every model of the project."""

    dag_id = "model_training_pipeline"

    schedule: Cron | None = "0 4 * * 0"
    deadline: Duration = timedelta(hours=2)


class Availability(Node):
    """After materialization, sampled keys are read back from the online store and compared with the offline values."""

    sample: Annotated[int, Field(ge=1)] = 500
    max_missing_share: Share = 0.0
    max_stale_share: Share = 0.0


class Features(Pipeline):
    """The pipeline over the named feature views; none means all. The stores' keys override feature_store.yaml."""

    dag_id = "feast_feature_materialization"

    repo: Place = "feature_repo"
    schedule: Cron | None = "0 2 * * *"
    deadline: Duration = timedelta(minutes=30)
    window: Duration = timedelta(days=7)
    views: tuple[str, ...] = ()
    pool: str = "default_pool"  # an Airflow pool with one slot, where the online store takes one writer
    availability: Availability = Availability.model_construct()
    registry: dict[str, Any] = {}
    online_store: dict[str, Any] = {}
    offline_store: dict[str, Any] = {}

    @property
    def task_pool(self) -> str:
        """The default pool: only the task that writes to the online store waits for `pool`."""
        return "default_pool"
