"""Does a task run here at all? Triggered by `helm test` and by people in doubt; touches no data."""

from datetime import timedelta

from airflow.sdk import dag, task


@dag(schedule=None, catchup=False, max_active_runs=100, doc_md=__doc__, tags={"maestro", "canary"})
def maestro_canary() -> None:
    # Together they outlast a restart of the broker or of DNS; the executor fails a task it cannot send.
    @task(
        execution_timeout=timedelta(minutes=5),
        retries=3,
        retry_delay=timedelta(seconds=15),
        retry_exponential_backoff=True,
    )
    def sing() -> str:
        import maestro_ml

        return f"maestro-ml {maestro_ml.__version__}"

    sing()


maestro_canary()
