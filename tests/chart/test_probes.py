"""Probes as rendered: cheap commands, and room for two busy cores."""

import pytest
from rendered_probes import expensive, long_running, probes

# Official sidecars without a probe value: they only delete old files.
NO_PROBE = ("log-groomer",)


def test_no_probe_starts_airflow(manifests):
    assert {c.name: found for c in manifests.containers if (found := expensive(c))} == {}


def test_everything_that_runs_on_is_probed(manifests):
    unprobed = {c.name for c in long_running(manifests) if not probes(c) and not c.spec["name"].endswith(NO_PROBE)}
    # The official chart's Redis has no probe and no value for one: a broker that hangs shows in the workers' probe.
    assert unprobed <= {"StatefulSet/maestro-airflow-redis/redis"}


def patience(container) -> float:
    """Return seconds a container has to start: before a startup probe gives up, or before liveness does."""
    found = probes(container)
    probe = found.get("startupProbe") or found.get("livenessProbe") or found["readinessProbe"]
    return probe.get("initialDelaySeconds", 0) + probe.get("failureThreshold", 3) * probe.get("periodSeconds", 10)


def test_airflow_has_time_to_start_on_two_busy_cores(manifests):
    # Airflow's own processes were seen to take up to four minutes when eight start at once on two cores.
    impatient = {
        c.name: patience(c)
        for c in long_running(manifests)
        if "maestro-airflow:" in c.spec["image"] and probes(c) and patience(c) < 240
    }
    assert impatient == {}


def test_an_exec_probe_has_time_to_answer(manifests):
    hasty = {
        c.name
        for c in manifests.containers
        for probe in probes(c).values()
        if "exec" in probe and "maestro-airflow:" in c.spec["image"] and probe.get("timeoutSeconds", 1) < 10
    }
    assert hasty == set()


@pytest.mark.parametrize(("component", "job"), [("dag-processor", "DagProcessorJob"), ("triggerer", "TriggererJob")])
def test_each_component_asks_for_its_own_heartbeat(manifests, component, job):
    pod = manifests.named("Deployment", f"maestro-airflow-{component}")["spec"]["template"]["spec"]
    assert pod["containers"][0]["livenessProbe"]["exec"]["command"] == [
        "python",
        "/opt/maestro/probes/heartbeat.py",
        job,
    ]


def test_the_scheduler_is_probed_over_http_and_serves_its_health(manifests):
    pod = manifests.named("Deployment", "maestro-airflow-scheduler")["spec"]["template"]["spec"]
    assert pod["containers"][0]["livenessProbe"]["exec"]["command"][-1] == "http://localhost:8974/health"
    cfg = manifests.named("ConfigMap", "maestro-airflow-config")["data"]["airflow.cfg"]
    assert "enable_health_check = True" in cfg


def test_the_probe_of_workers_lists_what_they_consume(prod):
    pod = prod.named("Deployment", "maestro-airflow-worker-general")["spec"]["template"]["spec"]
    assert pod["containers"][0]["livenessProbe"]["exec"]["command"] == [
        "python",
        "/opt/maestro/probes/celery_queues.py",
    ]
