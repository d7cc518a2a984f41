"""One task that lasts as many minutes as the run's `minutes` says."""

import time

from airflow.sdk import dag, get_current_context, task


@dag(schedule=None, catchup=False, params={"minutes": 31.0})
def e2e_long_task() -> None:
    """Wait, and count how often that was begun."""

    @task(retries=0)
    def wait() -> float:
        began = time.monotonic()
        print("the wait begins")
        time.sleep(60 * get_current_context()["params"]["minutes"])
        return time.monotonic() - began

    wait()


e2e_long_task()
