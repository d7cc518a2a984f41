"""values/prod.yaml cut down to this cluster: Celery, two of everything, PgBouncer, a bucket, workers that scale."""

import time

import httpx
import pytest
from harness.airflow_api import AirflowApi
from harness.kubectl import wait_until
from harness.pipelines import Finished, metrics, model, online, run_pipelines
from harness.platform import CELERY, Platform
from harness.proof import machine, prove, table
from harness.release import ENDS, NAME, PIPELINES, Release
from harness.usage import MemoryPeaks, by_component

RUN = "e2e-celery"
CANARY = "maestro_canary"
BURST = 60
WORKERS = "horizontalpodautoscaler", f"{NAME}-airflow-worker-general"


@pytest.fixture(scope="module")
def runs(platform: Platform) -> dict[str, Finished]:
    """Provide one run of each pipeline, by DAG, with its figures in the proof."""
    with MemoryPeaks({CELERY.namespace, CELERY.training.namespace}) as memory:
        release = platform.celery()
        with release.api() as api:
            finished = {run.dag: run for run in run_pipelines(api, RUN)}
    if not platform.seconds:  # the release and its runs stood there already: there is nothing to measure
        return finished
    peaks = {name: peak for name, peak in by_component(memory.peaks, NAME).items() if "wait-for" not in name}
    prove(
        "celery",
        "The Celery profile on the cluster",
        machine(),
        "values/prod.yaml and ci/prod-values.yaml, cut down by tests/e2e/values/celery.yaml: two schedulers, two API "
        "servers, workers 1-3 by HPA, Flower, Redis, PgBouncer, training in pods of its own, everything in MinIO. "
        f"All ready after {platform.seconds:.0f} s.",
        table(("DAG", "state", "seconds"), [(run.dag, run.state, run.seconds) for run in finished.values()]),
        table(("pod / container", "peak MiB"), peaks.items()),
    )
    return finished


def test_all_three_succeed(runs: dict[str, Finished]) -> None:
    assert {dag: run.state for dag, run in runs.items()} == dict.fromkeys(PIPELINES, "success"), {
        dag: run.states for dag, run in runs.items()
    }


def test_there_are_two_schedulers_and_two_api_servers(celery: Release) -> None:
    for component in ("scheduler", "api-server"):
        ready = [pod for pod in celery.kubectl.pods(f"component={component}") if _ready(pod)]
        assert len(ready) == 2, component
    with celery.api() as api:
        jobs = api.call("GET", "/jobs", job_type="SchedulerJob", is_alive=True)
    assert jobs["total_entries"] == 2


def test_helm_test_passes(celery: Release) -> None:
    answer = celery.helm("test", NAME, "--timeout", "10m")
    assert answer.count("Phase:          Succeeded") == 6, answer


def test_what_the_pipelines_leave_can_be_read_from_outside(
    runs: dict[str, Finished], celery: Release, platform: Platform
) -> None:
    _, measured = model(celery, "flights_late_at_pushback")
    assert measured["accuracy"] > 0.85
    assert model(celery, "flights_late_at_scheduling") is None
    answer = online(celery, ["carrier_history:carrier_flights_7d"], {"carrier": ["UA"]})
    assert answer["carrier_flights_7d"][0] > 0
    assert platform.store.keys(f"runs/data_validation_pipeline/{RUN}/")
    names = {name.partition("{")[0] for name in metrics(celery)}
    assert {"maestro_validation_verdict", "maestro_training_gate", "airflow_executor_open_slots"} <= names


def test_task_logs_are_in_the_bucket_and_readable_in_the_api(
    runs: dict[str, Finished], celery: Release, platform: Platform
) -> None:
    run = runs["data_validation_pipeline"]
    assert [key for key in platform.store.keys(f"logs/dag_id={run.dag}/run_id={RUN}/") if key.endswith(".log")]
    with celery.api() as api:
        logs = [api.log(run.dag, RUN, task) for task in run.tasks if task["task_id"] == "validate"]
    assert any("flights" in log for log in logs)


def test_the_log_of_a_task_that_runs_on_a_worker_can_be_read(runs: dict[str, Finished], celery: Release) -> None:
    dag, run, logs = "data_validation_pipeline", f"{RUN}-logs", []
    with celery.api() as api:
        api.trigger(dag, run, ENDS[dag])
        while api.run(dag, run)["state"] not in {"success", "failed"}:
            logs += [api.log(dag, run, task) for task in api.tasks(dag, run) if task["state"] == "running"]
            time.sleep(1)
    assert logs, "no task was seen running"
    assert not [log for log in logs if "Could not read served logs" in log]


def test_a_worker_that_is_to_go_ends_its_task_first(runs: dict[str, Finished], celery: Release) -> None:
    dag, run = "data_validation_pipeline", f"{RUN}-leaving"
    with celery.api() as api:
        api.trigger(dag, run, ENDS[dag])
        wait_until(lambda: [t for t in api.tasks(dag, run) if t["state"] == "running"], "a running task", seconds=180)
        # What an eviction does: SIGTERM, then as long as the pod's grace period says.
        celery.kubectl("delete", "pod", "--selector", "component=worker,worker-set=general", "--wait=false")
        assert api.finished(dag, run)["state"] == "success", api.states(dag, run)
        begun = [task["try_number"] for task in api.tasks(dag, run) if task["task_id"] == "validate"]
    assert set(begun) == {1}


def test_flower_shows_the_workers_to_those_who_log_in(celery: Release) -> None:
    user, password = celery.kubectl.secret("maestro-flower")["basicAuth"].split(":")
    with celery.forward("airflow-flower", 5555) as forward:
        assert httpx.get(f"{forward.url}/api/workers", trust_env=False).status_code == 401
        assert httpx.get(f"{forward.url}/api/workers", auth=(user, "wrong"), trust_env=False).status_code == 401
        answer = httpx.get(f"{forward.url}/workers", auth=(user, password), trust_env=False, timeout=30)
    assert answer.status_code == 200


def test_workers_scale_up_under_load_and_down_after_it_without_losing_a_task(
    runs: dict[str, Finished], celery: Release
) -> None:
    began = time.monotonic()
    with celery.api() as api:
        api.unpause([CANARY])
        names = [f"burst-{int(time.time())}-{i}" for i in range(BURST)]
        for name in names:
            api.trigger(CANARY, name)
        most = wait_until(lambda: _replicas(celery) > 1 and _replicas(celery), "a second worker", seconds=420)
        up = time.monotonic() - began
        while not all(_done(api, name) for name in names) and time.monotonic() - began < 900:
            most = max(most, _replicas(celery))
            time.sleep(3)
        drained = time.monotonic() - began
        # Work goes on while workers go away.
        while _replicas(celery) > 1 and time.monotonic() - began < 1800:
            names.append(f"trickle-{int(time.time())}")
            api.trigger(CANARY, names[-1])
            time.sleep(30)
        down = time.monotonic() - began
        assert _replicas(celery) == 1
        ended = [api.finished(CANARY, name)["state"] for name in names]
        tries = [task["try_number"] for name in names for task in api.tasks(CANARY, name)]
    assert ended == ["success"] * len(names)
    assert tries == [1] * len(names)
    assert most > 1
    prove(
        "hpa",
        "Workers that scale",
        machine(),
        f"{BURST} runs of the canary at once, workers 1-3 by CPU and memory: a second worker requested after "
        f"{up:.0f} s, at most {most}, the last of the runs done after {drained:.0f} s, one worker again after "
        f"{down:.0f} s while {len(names) - BURST} more runs came in. "
        f"All {len(names)} tasks succeeded at their first try.",
    )


def _ready(pod: dict) -> bool:
    return all(status["ready"] for status in pod["status"].get("containerStatuses", [{"ready": False}]))


def _replicas(release: Release) -> int:
    return int(release.kubectl.get(*WORKERS)["status"].get("desiredReplicas", 0))


def _done(api: AirflowApi, run: str) -> bool:
    return api.run(CANARY, run)["state"] in {"success", "failed"}
