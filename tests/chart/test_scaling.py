"""Autoscalers, shutdown, upgrades: what must hold for workers that come and go."""

from composition import RELEASE, helm_template
from manifests import load
from quantities import quantity


def test_what_an_autoscaler_scales_states_no_replicas(prod):
    targets = [
        (d["spec"]["scaleTargetRef"]["kind"], d["spec"]["scaleTargetRef"]["name"])
        for d in prod.of("HorizontalPodAutoscaler")
    ]
    assert len(targets) == 2
    assert [name for kind, name in targets if "replicas" in prod.named(kind, name)["spec"]] == []


def test_the_general_workers_scale_on_cpu_and_memory_from_3_to_20(prod):
    scaler = prod.named("HorizontalPodAutoscaler", f"{RELEASE}-airflow-worker-general")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 20)
    assert {metric["resource"]["name"] for metric in scaler["metrics"]} == {"cpu", "memory"}
    assert scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] >= 300


def test_two_autoscalers_never_see_the_same_pods(prod):
    # Kubernetes stops scaling where selectors overlap (AmbiguousSelector).
    for scaler in prod.of("HorizontalPodAutoscaler"):
        target = prod.named(scaler["spec"]["scaleTargetRef"]["kind"], scaler["spec"]["scaleTargetRef"]["name"])
        selector = target["spec"]["selector"]["matchLabels"].items()
        assert len([pod for pod in prod.pods.values() if selector <= pod["metadata"].get("labels", {}).items()]) == 1


def test_workers_listen_to_two_queues(prod):
    commands = {
        name: prod.named("Deployment", f"{RELEASE}-airflow-worker-{name}")["spec"]["template"]["spec"]
        for name in ("general", "heavy")
    }
    scripts = {name: " ".join(pod["containers"][0]["args"]) for name, pod in commands.items()}
    assert "-q heavy" in scripts["heavy"]
    # Without -q a worker listens to `default`.
    assert "-q" not in scripts["general"]


def test_a_worker_may_finish_its_longest_task(prod):
    for name in ("general", "heavy"):
        pod = prod.named("Deployment", f"{RELEASE}-airflow-worker-{name}")["spec"]["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] > 2 * 3600


def test_what_must_not_stop_runs_twice(prod):
    for component in ("scheduler", "api-server", "pgbouncer"):
        assert prod.named("Deployment", f"{RELEASE}-airflow-{component}")["spec"]["replicas"] == 2


def test_the_broker_keeps_its_queue(prod):
    (claim,) = prod.named("StatefulSet", f"{RELEASE}-airflow-redis")["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_a_changed_environment_restarts_airflow(minikube):
    path = "charts/airflow/templates/dag-processor/dag-processor-deployment.yaml"
    change = "global.environment.MAESTRO_ALERTMANAGER_URL=http://alertmanager:9093"
    (after,) = load(helm_template("-f", "values/minikube.yaml", "-s", path, "--set", change).stdout)
    before = minikube.named("Deployment", after["metadata"]["name"])
    checksums = {d["spec"]["template"]["metadata"]["annotations"]["checksum/environment"] for d in (before, after)}
    assert len(checksums) == 2


def requests(manifests, resource: str, name: str = "") -> float:
    """Return what the pods that run on ask for together; `name` picks owners."""
    running = [
        c
        for c in manifests.containers
        if not c.init and c.owner.split("/")[0] in {"Deployment", "StatefulSet"} and name in c.owner
    ]
    return sum(quantity(c.spec["resources"]["requests"][resource]) for c in running)


def test_a_laptop_with_two_cores_and_four_gibibytes_is_enough(minikube):
    # What Kubernetes itself needs on minikube: about 0.75 CPU and 0.6 GiB.
    assert requests(minikube, "cpu") <= 1.25
    assert requests(minikube, "memory") <= 3.2 * 1024
    assert requests(minikube, "memory", "-airflow-") <= 2048
    assert requests(minikube, "cpu", "-airflow-") <= 1
