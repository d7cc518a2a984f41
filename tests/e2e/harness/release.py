"""A release of the chart in the cluster."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.airflow_api import AirflowApi
from harness.forward import Forward
from harness.kubectl import CommandFailed, Kubectl, run

ROOT = Path(__file__).parents[3]
HELM = str(ROOT / ".tools" / "helm")
NAME = "maestro"
PIPELINES = ("data_validation_pipeline", "feast_feature_materialization", "model_training_pipeline")
# The windows of the demo: they end on the first of December of the data's year.
ENDS = {
    "data_validation_pipeline": "2013-12-01T00:00:00Z",
    "feast_feature_materialization": "2013-12-01T02:00:00Z",
    "model_training_pipeline": "2013-12-01T04:00:00Z",
}


@dataclass(frozen=True)
class Release:
    """The chart with some values in a namespace that enforces the restricted pod security standard."""

    namespace: str
    values: tuple[Path, ...]
    admin: tuple[str, str]  # the Secret and the key with the admin's password
    chart: Path = ROOT
    kubectl: Kubectl = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kubectl", Kubectl(self.namespace))

    @property
    def training(self) -> Kubectl:
        return Kubectl(f"{self.namespace}-training")

    def prepare(self) -> None:
        """Make the namespace, with its label."""
        self.kubectl("create", "namespace", self.namespace, check=False)
        label = "pod-security.kubernetes.io/enforce=restricted"
        self.kubectl("label", "namespace", self.namespace, label, "--overwrite")

    def install(self, *more: str, timeout: str = "15m") -> float:
        """Run `helm upgrade --install --wait --wait-for-jobs` with the values; return the seconds it took."""
        values = [word for file in self.values for word in ("--values", str(file))]
        waiting = ["--wait", "--wait-for-jobs", "--timeout", timeout]
        command = ["upgrade", "--install", NAME, str(self.chart), *values, *waiting, *more]
        began = time.monotonic()
        self.helm(*command)
        return time.monotonic() - began

    def helm(self, *words: str, timeout: float = 1800, check: bool = True) -> str:
        return run([HELM, "--namespace", self.namespace, *words], timeout=timeout, check=check)

    @property
    def status(self) -> str:
        """Helm's word for it; empty where there is none."""
        try:
            return str(json.loads(self.helm("status", NAME, "--output", "json"))["info"]["status"])
        except CommandFailed:
            return ""

    def uninstall(self) -> None:
        """Remove the release, its volumes and its namespaces."""
        self.helm("uninstall", NAME, "--ignore-not-found", "--wait", "--timeout", "10m", check=False)
        for namespace in (self.training.namespace, self.namespace):
            run(["kubectl", "delete", "namespace", namespace, "--ignore-not-found", "--wait=true"], timeout=600)

    @contextmanager
    def api(self, username: str = "admin", password: str | None = None) -> Iterator[AirflowApi]:
        secret, key = self.admin
        word = self.kubectl.secret(secret)[key] if password is None else password
        with Forward(self.namespace, f"service/{NAME}-airflow-api-server", 8080) as forward:
            yield AirflowApi(forward, username, word)

    def forward(self, service: str, port: int) -> Forward:
        return Forward(self.namespace, f"service/{NAME}-{service}", port)

    def ui(self) -> str:
        """Return the address of the node port, as somebody beside the cluster sees it."""
        path = "{.items[0].status.addresses[?(@.type=='InternalIP')].address}"
        address = run(["kubectl", "get", "nodes", "--output", f"jsonpath={path}"])
        service = self.kubectl.get("service", f"{NAME}-airflow-api-server")
        return f"http://{address}:{service['spec']['ports'][0]['nodePort']}"

    def restarts(self) -> dict[str, int]:
        """Return restarts of each container that has been started more than once."""
        return {
            f"{pod['metadata']['name']}/{status['name']}": status["restartCount"]
            for pod in self.kubectl.pods()
            for status in pod["status"].get("containerStatuses", [])
            if status["restartCount"]
        }

    def tasks(self) -> dict[str, str]:
        """Return the Secret whose keys are environment variables of tasks."""
        deployment = self.kubectl.get("deployment", f"{NAME}-airflow-api-server")
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        [secret] = [source["secretRef"]["name"] for source in container["envFrom"] if "secretRef" in source]
        return self.kubectl.secret(secret)

    @contextmanager
    def mlflow(self) -> Iterator[str]:
        """Yield the address of MLflow; what is called in the block logs in as tasks do, where a login is asked for."""
        login = {key: value for key, value in self.tasks().items() if key.startswith("MLFLOW_TRACKING_")}
        before = {key: os.environ.get(key) for key in login}
        os.environ |= login
        try:
            with self.forward("mlflow", 5000) as forward:
                yield forward.url
        finally:
            for key, value in before.items():
                if value is None:
                    del os.environ[key]
                else:
                    os.environ[key] = value

    def environment(self, pod_component: str) -> dict[str, Any]:
        """Return a pod's document by its component."""
        return self.kubectl.pods(f"component={pod_component}")[0]
