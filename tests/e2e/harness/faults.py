"""Faults: each breaks one thing of the Celery profile and returns what fixes it, where it does not fix itself."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.kubectl import Kubectl
from harness.release import NAME, Release

DNS_SECONDS = 60
TRAINING, VALIDATION, FEATURES = (
    "model_training_pipeline",
    "data_validation_pipeline",
    "feast_feature_materialization",
)
Fix = Callable[[], None]


@dataclass(frozen=True)
class Fault:
    """What is broken while a task of a run is in progress, and the state the run should reach."""

    name: str
    inject: Callable[[Release], Fix | None]
    dag: str = VALIDATION
    task: str = "validate"
    state: str = "success"


def _kill(kubectl: Kubectl, selector: str) -> None:
    """Kill the first pod of the selector, without any time to end."""
    name = kubectl.pods(selector)[0]["metadata"]["name"]
    kubectl("delete", "pod", name, "--grace-period=0", "--force")


def _component(component: str) -> Callable[[Release], None]:
    return lambda release: _kill(release.kubectl, f"component={component}")


def _leading_scheduler(release: Release) -> None:
    """Kill the scheduler that has queued the last task."""
    query = (
        "select j.hostname from task_instance t join job j on j.id = t.queued_by_job_id "
        "where j.state = 'running' order by t.queued_dttm desc limit 1"
    )
    address = release.kubectl.exec(
        f"{NAME}-postgres-0", "psql", "-U", "postgres", "-d", "airflow", "-Atc", query
    ).strip()
    (pod,) = (p for p in release.kubectl.pods("component=scheduler") if p["status"]["podIP"] == address)
    release.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")


def _broker(release: Release) -> None:
    release.kubectl("delete", "pod", f"{NAME}-airflow-redis-0", "--grace-period=0", "--force")


def _database(release: Release) -> None:
    release.kubectl("delete", "pod", f"{NAME}-postgres-0", "--grace-period=0", "--force")


def _heavy_worker(release: Release) -> None:
    """Kill the worker that follows the training pods."""
    _kill(release.kubectl, "component=worker,worker-set=heavy")


def _training_pod(release: Release) -> None:
    _kill(release.training, "maestro/step=train")


def _full_logs(release: Release) -> None:
    """Write more than the volume's limit in a worker: Kubernetes evicts such a pod."""
    name = release.kubectl.pods("component=worker,worker-set=general")[0]["metadata"]["name"]
    release.kubectl.exec(name, "fallocate", "-l", "5G", "/opt/airflow/logs/full", container="worker")


def _no_names(release: Release) -> None:
    system = Kubectl("kube-system")
    system("scale", "deployment/coredns", "--replicas=0")
    time.sleep(DNS_SECONDS)
    system("scale", "deployment/coredns", "--replicas=1")


def _no_model_registry(release: Release) -> Fix:
    release.kubectl("scale", f"deployment/{NAME}-mlflow", "--replicas=0")

    def fix() -> None:
        release.kubectl("scale", f"deployment/{NAME}-mlflow", "--replicas=1")
        release.kubectl("rollout", "status", f"deployment/{NAME}-mlflow", "--timeout=5m")

    return fix


FAULTS = (
    Fault("the leading scheduler is killed", _leading_scheduler),
    Fault("an API server is killed", _component("api-server")),
    Fault("the DAG processor is killed", _component("dag-processor")),
    Fault("a Celery worker is killed in the middle of a task", _heavy_worker, TRAINING, "train"),
    Fault("the Celery broker (Redis) is killed", _broker),
    Fault("PostgreSQL is killed", _database, FEATURES, "materialize"),
    Fault("the triggerer is killed", _component("triggerer")),
    Fault("a training pod is killed", _training_pod, TRAINING, "train"),
    Fault("the log volume of a worker is filled", _full_logs),
    Fault(f"no DNS for {DNS_SECONDS} seconds", _no_names),
    Fault("MLflow is gone", _no_model_registry, TRAINING, "train", "failed"),
)
