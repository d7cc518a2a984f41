"""Figures within which a part works: probes that wait and end, limits that hold what is asked for, sizes that fit."""

from composition import RELEASE
from quantities import quantity
from rendered_probes import long_running, probes
from rendered_settings import airflow_config


def seconds(probe: dict) -> int:
    """Return how long a container may fail before the probe acts."""
    return probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)


def ours(manifests):
    """Return what the values can set: the official chart fixes the probes of these two."""
    return [c for c in long_running(manifests) if "pgbouncer" not in c.owner and probes(c)]


def test_one_slow_answer_makes_no_pod_unready_and_a_minute_of_them_restarts_none(manifests):
    hasty = {}
    for container in ours(manifests):
        for kind, probe in probes(container).items():
            least = {"startupProbe": 150, "livenessProbe": 60, "readinessProbe": 30}[kind]
            if seconds(probe) < least or probe.get("timeoutSeconds", 1) < 5 or probe.get("failureThreshold", 3) < 3:
                hasty[container.name, kind] = probe
    assert hasty == {}


def test_what_hangs_is_restarted_within_minutes(manifests):
    patient = {}
    for container in ours(manifests):
        for kind, probe in probes(container).items():
            most = {"startupProbe": 900, "livenessProbe": 420, "readinessProbe": 90}[kind]
            if seconds(probe) > most or probe.get("initialDelaySeconds", 0) > 90 or probe.get("timeoutSeconds", 1) > 30:
                patient[container.name, kind] = probe
    assert patient == {}


def test_a_pod_is_out_of_service_before_it_is_restarted(manifests):
    for container in ours(manifests):
        found = probes(container)
        if {"livenessProbe", "readinessProbe"} <= found.keys():
            assert seconds(found["readinessProbe"]) <= seconds(found["livenessProbe"]), container.name


def test_a_limit_is_the_request_or_a_few_times_it(manifests):
    odd = {}
    for container in manifests.containers:
        asked, limit = (container.spec["resources"][kind] for kind in ("requests", "limits"))
        for resource, most in (("cpu", 20), ("memory", 5)):
            ratio = quantity(limit[resource]) / quantity(asked[resource])
            if not 1 <= ratio <= most:
                odd[container.name, resource] = ratio
    assert odd == {}


def test_no_container_asks_for_more_than_a_common_node_has(manifests):
    for container in manifests.containers:
        limit = container.spec["resources"]["limits"]
        assert quantity(limit["cpu"]) <= 4, container.name
        assert quantity(limit["memory"]) <= 8 * 1024, container.name


def test_every_pod_has_time_to_end_and_none_hours_but_workers(manifests):
    for owner, pod in manifests.pods.items():
        grace = pod["spec"].get("terminationGracePeriodSeconds", 30)
        assert 10 <= grace <= (10800 if "-worker-" in owner else 900), owner


def test_a_task_whose_worker_died_is_tried_again_within_minutes(manifests):
    scheduler = airflow_config(manifests)["scheduler"]
    assert 60 <= scheduler.getint("task_instance_heartbeat_timeout") <= 300
    assert 30 <= scheduler.getint("scheduler_health_check_threshold") <= 120


def test_a_dag_file_has_time_to_be_read_and_is_given_up_later_than_its_import(manifests):
    config = airflow_config(manifests)
    imported = config["core"].getint("dagbag_import_timeout")
    assert 60 <= imported < config["dag_processor"].getint("dag_file_processor_timeout") <= 600


def test_new_dags_wait_to_be_unpaused_and_examples_stay_away(manifests):
    core = airflow_config(manifests)["core"]
    assert core.getboolean("dags_are_paused_at_creation")
    assert not core.getboolean("load_examples")


def test_a_laptop_runs_as_many_tasks_as_it_has_cores(minikube):
    core = airflow_config(minikube)["core"]
    assert core.getint("parallelism") == core.getint("max_active_tasks_per_dag") == 2


def test_sessions_and_logs_are_safe_in_production(prod):
    config = airflow_config(prod)
    assert config["fab"].getboolean("cookie_secure")
    assert config["logging"].getboolean("delete_local_logs")
    assert config["logging"].getboolean("remote_logging")


def test_a_worker_waits_for_a_database_that_restarts(prod):
    import json

    extra = json.loads(airflow_config(prod)["celery"]["extra_celery_config"])
    assert extra["result_backend_always_retry"] is True
    assert 10 <= extra["result_backend_max_retries"] <= 120


def test_jobs_end(manifests):
    for job in [*manifests.of("Job"), *(d["spec"]["jobTemplate"] for d in manifests.of("CronJob"))]:
        spec = job["spec"]
        assert 0 <= spec.get("backoffLimit", 6) <= 10
        assert 60 <= spec.get("activeDeadlineSeconds", 3600) <= 24 * 3600


def test_volumes_have_a_size_that_fits_their_environment(manifests, environment):
    sizes = [d["spec"]["resources"]["requests"]["storage"] for d in manifests.of("PersistentVolumeClaim")]
    for workload in manifests.of("StatefulSet"):
        sizes += [
            c["spec"]["resources"]["requests"]["storage"] for c in workload["spec"].get("volumeClaimTemplates") or []
        ]
    most = {"minikube": 10, "prod": 100}[environment]
    assert sizes
    assert {size for size in sizes if not 1 <= quantity(size) / 1024 <= most} == set()


def test_the_data_of_production_has_more_room_than_that_of_a_laptop(prod, minikube):
    def size(manifests, name):
        (claim,) = manifests.named("StatefulSet", f"{RELEASE}-{name}")["spec"]["volumeClaimTemplates"]
        return quantity(claim["spec"]["resources"]["requests"]["storage"])

    assert size(prod, "postgres") > size(minikube, "postgres")
