"""A task that takes longer than half an hour: the broker does not give it to a second worker meanwhile."""

import os
import time
from pathlib import Path

from harness.platform import CELERY, HERE, Platform
from harness.proof import machine, prove
from harness.release import Release

DAG, RUN = "e2e_long_task", f"long-{int(time.time())}"
MINUTES = float(os.environ.get("E2E_LONG_MINUTES", "31"))
LONG = Release(CELERY.namespace, (*CELERY.values, HERE / "values" / "long_task.yaml"), CELERY.admin)


def test_a_task_of_more_than_half_an_hour_runs_once(platform: Platform) -> None:
    platform.celery()
    release = platform.use(LONG, before=_dags)
    with release.api() as api:
        api.patience = 600
        api.unpause([DAG])
        api.trigger(DAG, RUN, minutes=MINUTES)
        finished = api.finished(DAG, RUN, seconds=60 * MINUTES + 900)
        assert finished["state"] == "success", api.states(DAG, RUN)
        [task] = api.tasks(DAG, RUN)
        log = api.log(DAG, RUN, task)
    assert task["try_number"] == 1
    assert task["duration"] >= 60 * MINUTES
    assert log.count("the wait begins") == 1
    received = sum(_received(release, pod["metadata"]["name"]) for pod in release.kubectl.pods("component=worker"))
    assert received == 1
    prove(
        "long-task",
        "A long task",
        machine(),
        f"values/prod.yaml, cut down. A task of {task['duration'] / 60:.1f} minutes: one try, sent to one worker once.",
    )


def _dags() -> None:
    file = Path(__file__).parents[1] / "dags" / "long_task.py"
    data = {file.name: file.read_text()}
    CELERY.kubectl.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "e2e-dags"}, "data": data})


def _received(release: Release, pod: str) -> int:
    """Return how often Celery gave this worker the task."""
    log = release.kubectl("logs", pod, "--container", "worker", "--tail", "-1")
    return sum("Executing workload in Celery" in line and DAG in line for line in log.splitlines())
