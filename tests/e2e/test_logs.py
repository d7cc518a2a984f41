"""Task logs of the minikube values: while a task runs, when it is done, and after the pod that ran it is gone."""

import time

import pytest
from harness.airflow_api import AirflowApi
from harness.browser import page_of
from harness.proof import IMAGES
from harness.release import ENDS, Release

DAG = "data_validation_pipeline"
RUN = "e2e-logs"
UNREADABLE = "Could not read served logs"


@pytest.fixture(scope="module")
def seen(platform) -> tuple[Release, list[str], dict]:  # type: ignore[no-untyped-def]
    """Provide a run that is over: the release, what a running task's log said meanwhile, and one of its tasks."""
    release = platform.minikube()
    with release.api() as api:
        api.unpause([DAG])
        api.trigger(DAG, RUN, ENDS[DAG])
        meanwhile = _while_it_runs(api)
        assert api.finished(DAG, RUN)["state"] == "success", api.states(DAG, RUN)
        task = next(task for task in api.tasks(DAG, RUN) if task["task_id"] == "validate")
    return release, meanwhile, task


def _while_it_runs(api: AirflowApi) -> list[str]:
    """Return logs of tasks that were running when they were asked for."""
    logs, deadline = [], time.monotonic() + 300
    while api.run(DAG, RUN)["state"] not in {"success", "failed"} and time.monotonic() < deadline:
        for task in api.tasks(DAG, RUN):
            if task["state"] == "running":
                logs.append(api.log(DAG, RUN, task))
        time.sleep(1)
    return logs


def test_the_log_of_a_running_task_can_be_read(seen: tuple[Release, list[str], dict]) -> None:
    _, logs, _ = seen
    assert logs, "no task was seen running"
    assert not [log for log in logs if UNREADABLE in log]


def test_a_browser_sees_the_log(seen: tuple[Release, list[str], dict]) -> None:
    release, _, task = seen
    with page_of(release.ui(), "admin", "admin") as page:
        page.goto(f"{release.ui()}/dags/{DAG}/runs/{RUN}/tasks/validate/mapped/{task['map_index']}")
        page.get_by_text("report.html").first.wait_for(timeout=60_000)
        assert UNREADABLE not in page.content()
        page.screenshot(path=IMAGES / "cluster-log.png")


def test_the_log_outlives_the_schedulers_pod(seen: tuple[Release, list[str], dict]) -> None:
    release, _, task = seen
    (before,) = release.kubectl.pods("component=scheduler")
    release.kubectl("delete", "pod", before["metadata"]["name"], "--wait=true")
    release.kubectl("rollout", "status", "deployment/maestro-airflow-scheduler", "--timeout=5m")
    with release.api() as api:
        log = api.log(DAG, RUN, task)
    assert "report.html" in log
    assert UNREADABLE not in log


def test_a_browser_sees_the_verdicts_behind_the_same_login(seen: tuple[Release, list[str], dict]) -> None:
    release, _, _ = seen
    with page_of(release.ui(), "admin", "admin") as page:
        page.goto(f"{release.ui()}/plugin/maestro")
        page.frame_locator("iframe").get_by_text("flights warn:").wait_for(timeout=60_000)
