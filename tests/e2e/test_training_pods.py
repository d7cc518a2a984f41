"""The minikube values with training in pods of its own: the three pipelines, and what they leave, read from outside."""

import pytest
from harness.browser import page_of
from harness.pipelines import Finished, metrics, model, online, predictions, run_pipelines
from harness.platform import Platform
from harness.proof import IMAGES, machine, prove, table
from harness.release import NAME, PIPELINES, Release
from harness.usage import MemoryPeaks, by_component

RUN = "e2e-pods"
PUSHBACK, SCHEDULING = "flights_late_at_pushback", "flights_late_at_scheduling"


@pytest.fixture(scope="module")
def runs(platform: Platform) -> dict[str, Finished]:
    """One run of each pipeline, by DAG, with its figures in the proof."""
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
        "airflow_scheduler_heartbeat",
    } <= names, sorted(names)
