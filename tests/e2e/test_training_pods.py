"""The minikube values with training in pods of its own: the three pipelines, and what they leave, read from outside."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from harness.airflow_api import label
from harness.browser import page_of
from harness.kubectl import wait_until
from harness.pipelines import Finished, metrics, model, online, predictions, run_pipelines
from harness.platform import Platform
from harness.proof import IMAGES, machine, prove, table
from harness.release import ENDS, NAME, PIPELINES, Release
from harness.usage import MemoryPeaks, by_component

RUN = "e2e-pods"
SECRET = "e2e-environment"
OBJECT = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}}
PUSHBACK, SCHEDULING = "flights_late_at_pushback", "flights_late_at_scheduling"


@pytest.fixture(scope="module")
def runs(platform: Platform) -> dict[str, Finished]:
    """Provide one run of each pipeline, by DAG, with its figures in the proof."""
    release = platform.pods()
    with release.api() as api, MemoryPeaks({release.namespace, release.training.namespace}) as memory:
        finished = {run.dag: run for run in run_pipelines(api, RUN)}
    peaks = {name: peak for name, peak in by_component(memory.peaks, NAME).items() if "wait-for" not in name}
    prove(
        "pods",
        "The pipelines on the cluster, training in pods of its own",
        machine(),
        "values/minikube.yaml with tests/e2e/values/pods.yaml: LocalExecutor, registry and MLflow in PostgreSQL, "
        "online features in Redis, runs and artifacts in MinIO.",
        table(("DAG", "state", "seconds"), [(run.dag, run.state, run.seconds) for run in finished.values()]),
        table(("pod / container", "peak MiB while they ran"), peaks.items()),
    )
    return finished


def test_all_three_succeed(runs: dict[str, Finished]) -> None:
    assert {dag: run.state for dag, run in runs.items()} == dict.fromkeys(PIPELINES, "success"), {
        dag: run.states for dag, run in runs.items()
    }


def test_training_ran_in_restricted_pods_of_the_training_namespace(runs: dict[str, Finished], pods: Release) -> None:
    label = pods.training.get("namespace", pods.training.namespace)["metadata"]["labels"]
    assert label["pod-security.kubernetes.io/enforce"] == "restricted"
    started = {
        event["involvedObject"]["name"]
        for event in pods.training.items("events", "--field-selector", "reason=Started")
        if event["involvedObject"]["name"].startswith("maestro-")
    }
    trained = [task for task in runs["model_training_pipeline"].tasks if task["state"] == "success"]
    assert {name.rsplit("-", 1)[0] for name in started} >= {"maestro-train", "maestro-evaluate"}, started
    assert trained
    assert pods.training.pods() == [], "a pod that is done is deleted"


def test_the_model_is_registered_and_the_other_is_not(runs: dict[str, Finished], pods: Release) -> None:
    _, measured = model(pods, PUSHBACK)
    assert measured["accuracy"] > 0.85
    assert model(pods, SCHEDULING) is None
    assert set(predictions(pods, PUSHBACK)) <= {False, True}


def test_a_browser_sees_the_finished_run(runs: dict[str, Finished], pods: Release) -> None:
    with page_of(pods.ui(), "admin", "admin") as page:
        page.goto(f"{pods.ui()}/dags/model_training_pipeline/runs/{RUN}")
        page.get_by_text(PUSHBACK.removeprefix("flights_")).first.wait_for(timeout=60_000)
        page.screenshot(path=IMAGES / "cluster-run.png")


def test_the_online_features_are_served(runs: dict[str, Finished], pods: Release) -> None:
    features = ["carrier_history:carrier_flights_7d", "carrier_history:carrier_late_share_7d"]
    answer = online(pods, features, {"carrier": ["UA", "nobody"]})
    assert answer["carrier_flights_7d"][0] > 0
    assert 0 <= answer["carrier_late_share_7d"][0] <= 1
    assert answer["carrier_flights_7d"][1] is None


def test_the_reports_are_in_the_bucket(runs: dict[str, Finished], pods: Release, platform: Platform) -> None:
    reports = [key for key in platform.store.keys(f"runs/data_validation_pipeline/{RUN}/") if key.endswith(".html")]
    assert len(reports) == 2
    assert all(b"<html" in platform.store.read(key)[:500] for key in reports)


def test_what_the_steps_measured_is_on_the_metrics_page(runs: dict[str, Finished], pods: Release) -> None:
    found = metrics(pods)
    names = {name.partition("{")[0] for name in found}
    assert {
        "maestro_validation_verdict",
        "maestro_features_rows",
        "maestro_training_gate",
        "airflow_dag_run_duration_count",
        "airflow_dag_run_success",
        "airflow_scheduler_heartbeat",
    } <= names, sorted(names)


def test_the_ui_shows_the_log_of_a_training_pod(runs: dict[str, Finished], pods: Release) -> None:
    trained = next(
        t for t in runs["model_training_pipeline"].tasks if t["task_id"].endswith(".train") and t["state"] == "success"
    )
    with pods.api() as api:
        assert "Could not read served logs" not in (log := api.log("model_training_pipeline", RUN, trained))
    assert "train" in log


@contextmanager
def training_secret(release: Release, data: dict[str, str] | None) -> Iterator[None]:
    """Yield the Secret of the training pods, replaced or taken away meanwhile."""
    before = release.training.secret(SECRET)
    release.training("delete", "secret", SECRET)
    try:
        if data is not None:
            release.training.apply({**OBJECT, "stringData": before | data})
        yield
    finally:
        release.training.apply({**OBJECT, "stringData": before})


def failed_step(release: Release, run: str, seconds: float) -> tuple[dict[str, Any], str, float]:
    """Return the first step of a training run that fails in a pod, its log, and after how many seconds."""
    with release.api() as api:
        began = time.monotonic()
        api.trigger("model_training_pipeline", run, ENDS["model_training_pipeline"])
        while time.monotonic() - began < seconds:
            failed = [task for task in api.tasks("model_training_pipeline", run) if task["state"] == "failed"]
            if failed:
                started = datetime.fromisoformat(failed[0]["start_date"])
                ended = datetime.fromisoformat(failed[0]["end_date"])
                return failed[0], api.log("model_training_pipeline", run, failed[0]), (ended - started).total_seconds()
            time.sleep(2)
    raise AssertionError(f"no task of {run} failed within {seconds} s")


def test_a_missing_secret_fails_the_task_within_a_minute_with_its_name(
    runs: dict[str, Finished], pods: Release
) -> None:
    with training_secret(pods, None):
        task, log, seconds = failed_step(pods, f"{RUN}-no-secret", 300)
    assert seconds < 60
    assert f'secret "{SECRET}" not found' in log
    assert task["try_number"] == 1


def test_wrong_credentials_are_said_in_a_sentence_and_not_tried_again(runs: dict[str, Finished], pods: Release) -> None:
    with training_secret(pods, {"AWS_SECRET_ACCESS_KEY": "wrong"}):
        task, log, _ = failed_step(pods, f"{RUN}-wrong-key", 300)
    assert ": Forbidden" in log
    assert "remote_pod:" not in log
    assert task["try_number"] == 1


def test_a_drain_leaves_a_training_pod_until_it_is_forced_and_then_its_step_is_tried_again(
    runs: dict[str, Finished], pods: Release
) -> None:
    run, dag = f"{RUN}-drain", "model_training_pipeline"
    chosen = ["--pod-selector", "kubernetes_pod_operator=True", "--ignore-daemonsets", "--delete-emptydir-data"]
    with pods.api() as api:
        api.trigger(dag, run, ENDS[dag])
        # The longest step: a shorter one may end before the drain reaches its pod.
        pod = wait_until(lambda: _running(pods, "maestro-train-"), "the pod that fits", seconds=300, every=0.3)
        node = pod["spec"]["nodeName"]
        refused = subprocess.run(
            ["kubectl", "drain", node, *chosen, "--dry-run=server"], capture_output=True, text=True, check=False
        )
        assert refused.returncode != 0
        assert "declare no controller" in refused.stderr
        try:
            subprocess.run(["kubectl", "drain", node, *chosen, "--force", "--timeout=120s"], check=True)
        finally:
            subprocess.run(["kubectl", "uncordon", node], check=True)
        assert api.finished(dag, run, 1500)["state"] == "success", api.states(dag, run)
        tries = {label(task): task["try_number"] for task in api.tasks(dag, run)}
    assert max(tries.values()) > 1, tries


def _running(release: Release, prefix: str) -> dict[str, Any] | None:
    """Return a training pod that works and whose name begins like this."""
    pods = release.training.pods("kubernetes_pod_operator=True")
    return next(
        (p for p in pods if p["status"]["phase"] == "Running" and p["metadata"]["name"].startswith(prefix)), None
    )
