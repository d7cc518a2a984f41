"""Count finished DAG runs: Airflow itself sends only their duration."""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.sdk.observability.stats import Stats

from maestro_ml.observability.metrics import DAG_RUN_FAILED, DAG_RUN_SUCCESS, Counter

if TYPE_CHECKING:
    from airflow.models import DagRun


class RunCounters:
    """A listener. The scheduler calls it for runs that end by themselves, the API server for those marked by hand."""

    @hookimpl
    def on_dag_run_success(self, dag_run: "DagRun") -> None:
        """Count a run that succeeded."""
        _count(DAG_RUN_SUCCESS, dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: "DagRun") -> None:
        """Count a run that failed."""
        _count(DAG_RUN_FAILED, dag_run)


def _count(counter: Counter, dag_run: "DagRun") -> None:
    Stats.incr(counter.name, tags={"dag_id": dag_run.dag_id, "run_type": str(dag_run.run_type)})
