"""Run one task, to see whether tasks run at all. `helm test` triggers it, and so can people; it touches no data."""

from datetime import timedelta

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False, max_active_runs=100, doc_md=__doc__, tags={"maestro", "canary"})
def maestro_canary() -> None:
    """Run one task that reports the installed version."""

    # The retries outlast a restart of the broker or of DNS: the executor fails a task that it cannot send.
    @task(
        execution_timeout=timedelta(minutes=5),
        retries=3,
        retry_delay=timedelta(seconds=15),
        retry_exponential_backoff=True,
    )
    def report_version() -> str:
        import maestro_ml

        return f"maestro-ml {maestro_ml.__version__}"

    report_version()


maestro_canary()
