"""Counts finished DAG runs: Airflow itself sends only how long they took."""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.sdk.observability.stats import Stats

from maestro_ml.observability.metrics import DAG_RUN_FAILED, DAG_RUN_SUCCESS, Counter

if TYPE_CHECKING:
    from airflow.models import DagRun


class RunCounters:
    """A listener. The scheduler calls it for what ended by itself, the API server for what a person marked."""

    @hookimpl
    def on_dag_run_success(self, dag_run: "DagRun") -> None:
        _count(DAG_RUN_SUCCESS, dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: "DagRun") -> None:
        _count(DAG_RUN_FAILED, dag_run)


def _count(counter: Counter, dag_run: "DagRun") -> None:
    Stats.incr(counter.name, tags={"dag_id": dag_run.dag_id, "run_type": str(dag_run.run_type)})
