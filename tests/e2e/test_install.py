"""values/minikube.yaml from nothing: everything comes up, the chart's own tests pass, a browser sees it."""

from typing import Any

import httpx
import pytest
from harness.browser import page_of
from harness.platform import MINIKUBE, Platform
from harness.proof import IMAGES, machine, prove, table
from harness.release import NAME, Release
from harness.usage import MemoryPeaks, by_component

EXPLAINED = {
    ("Unhealthy", "Startup probe failed"): "a probe ran before the server listened",
    ("Unhealthy", "Readiness probe failed"): "a probe ran before the server listened",
    ("FailedScheduling", "unbound immediate PersistentVolumeClaims"): "a claim waited for its volume",
    ("FailedScheduling", "the object has been modified"): "two claims wanted one volume",
    ("FailedMount", "PVC is not bound"): "a busy kubelet had not read of a claim that was bound",
    ("FailedMount", "failed to sync configmap cache"): "a busy kubelet had not read a ConfigMap yet",
    ("FailedMount", "failed to sync secret cache"): "a busy kubelet had not read a Secret yet",
    ("ClusterIPNotAllocated", "is not allocated; repairing"): "the API server checked its addresses as one was given",
}


def explained(event: dict[str, Any]) -> bool:
    """Return a start that takes time: see EXPLAINED."""
    return any(event["reason"] == reason and text in event["message"] for reason, text in EXPLAINED)


@pytest.fixture(scope="module")
def fresh(platform: Platform) -> tuple[Release, MemoryPeaks]:
    """Provide an installation from nothing, and the memory it took."""
    platform.remove(MINIKUBE)
    with MemoryPeaks({MINIKUBE.namespace}) as memory:
        platform.minikube()
    return MINIKUBE, memory


def test_everything_comes_up_without_a_restart_or_an_unexplained_warning(
    platform: Platform, fresh: tuple[Release, MemoryPeaks]
) -> None:
    release, memory = fresh
    assert release.restarts() == {}
    warnings = release.kubectl.warnings()
    unexplained = [f"{e['reason']} {e['involvedObject']['name']}: {e['message']}" for e in warnings if not explained(e)]
    assert unexplained == []
    peaks = by_component(memory.peaks, NAME)
    explanations = "; ".join(
        sorted({said for (_, text), said in EXPLAINED.items() for e in warnings if text in e["message"]})
    )
    prove(
        "install",
        "Installed on a cluster",
        machine(),
        "`helm install maestro . -f values/minikube.yaml --wait --wait-for-jobs` from nothing to all ready: "
        f"{platform.seconds:.0f} s, "
        f"no restart, {len(warnings)} warnings ({explanations}). "
        "The namespace enforces the restricted pod security standard.",
        table(("pod / container", "peak MiB while it came up"), peaks.items()),
    )


def test_helm_test_passes(minikube: Release) -> None:
    answer = minikube.helm("test", NAME, "--timeout", "10m")
    assert answer.count("Phase:          Succeeded") == 6, answer


def test_the_ui_answers_on_its_node_port_and_only_to_the_password(minikube: Release) -> None:
    url = minikube.ui()
    assert url.endswith(":30880")
    wrong = httpx.post(f"{url}/auth/token", json={"username": "admin", "password": "wrong"}, trust_env=False)
    assert wrong.status_code == 401
    right = httpx.post(f"{url}/auth/token", json={"username": "admin", "password": "admin"}, trust_env=False)
    assert right.status_code == 201


def test_a_browser_sees_the_dags(minikube: Release) -> None:
    with page_of(minikube.ui(), "admin", "admin") as page:
        page.goto(f"{minikube.ui()}/dags")
        for dag in ("data_validation_pipeline", "feast_feature_materialization", "model_training_pipeline"):
            page.get_by_text(dag).first.wait_for(timeout=60_000)
        page.screenshot(path=IMAGES / "cluster-dags.png")
