"""Every number in the values and in the rendered objects has a range: one that is mistyped lies outside.

Ports are held by the tests of agreements, requests and limits by those of bounds.
"""

import re
from collections.abc import Iterator

import pytest
import yaml
from composition import ROOT
from manifests import identity
from quantities import quantity

VALUES = ["values.yaml", "values/minikube.yaml", "values/prod.yaml"]
VALUES += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("charts/*/values.yaml"))
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MINUTE, HOUR, DAY = 60, 3600, 86_400

# By the end of the path: the least and the most that makes sense, or the only numbers there are.
RANGES: dict[str, tuple[float, float] | set[float]] = {
    # Users and groups of the images; 0 is the group of Airflow's, as OpenShift wants it.
    "runAsUser": {999, 50000, 65534},
    "runAsGroup": {0, 999, 50000, 65534},
    "fsGroup": {0, 999, 50000, 65534},
    # Read by owner and group; scripts are executed too.
    "secret.defaultMode": {0o440},
    "configMap.defaultMode": {0o555},
    # Probes; tests of bounds look at what these are together.
    "startupProbe.periodSeconds": (5, 15),
    "periodSeconds": (5, 120),
    "timeoutSeconds": (5, 30),
    "startupProbe.failureThreshold": (30, 120),
    "failureThreshold": (3, 10),
    "initialDelaySeconds": (0, 90),
    "probe.command": {8},  # curl's limit is shorter than the probe's
    # Pods and their spread.
    "replicas": (1, 3),
    "workers": (1, 4),
    "maxSkew": {1},
    "weight": {100},
    "maxUnavailable": (0, 1),
    "maxSurge": (10, 100),
    "terminationGracePeriodSeconds": (30, 3 * HOUR),
    # Kubernetes' own limits of an autoscaler: an hour, half an hour.
    "stabilizationWindowSeconds": {0, 600},
    "policies.periodSeconds": (30, 1800),
    "policies.value": (1, 100),
    "averageUtilization": (50, 95),
    "keda.minReplicaCount": {1},  # a worker that is just up is not taken away again
    "minReplicaCount": (0, 3),
    "maxReplicaCount": (4, 20),
    "pollingInterval": (5, MINUTE),
    "cooldownPeriod": (5 * MINUTE, HOUR),
    # Jobs.
    "restore.backoffLimit": {0},  # a restore that failed is looked at before it is tried again
    "backoffLimit": (0, 10),
    "activeDeadlineSeconds": (5 * MINUTE, 2 * HOUR),
    "startingDeadlineSeconds": (HOUR, 6 * HOUR),
    "successfulJobsHistoryLimit": (1, 3),
    "failedJobsHistoryLimit": (1, 5),
    "onExitCodes.values": {2},
    "canaryTimeoutSeconds": (2 * MINUTE, 15 * MINUTE),
    "CANARY_TIMEOUT_SECONDS": (2 * MINUTE, 15 * MINUTE),
    "migrationsWaitTimeout": (5 * MINUTE, 30 * MINUTE),
    # Volumes, in GiB.
    "store.size": (1, 20),
    "persistence.size": (1, 50),
    "emptyDir.sizeLimit": (0.0009, 20),
    "emptyDirConfig.sizeLimit": (1, 20),
    # Backups and what is kept.
    "retention": (3, 31),
    "RETENTION": (3, 31),
    "DEADLINE": (30 * MINUTE, 6 * HOUR),
    "initContainers.args": (3, 31),  # how many backups the upload keeps
    "retentionDays": (30, 365),
    "refreshInterval": (MINUTE, 6 * HOUR),
    # The database and the pools before it.
    "maxConnections": (50, 500),
    "default_pool_size": (10, 50),
    "max_client_conn": (200, 1000),
    "max_prepared_statements": (100, 1000),
    "sql_alchemy_max_overflow": (0, 20),
    "slots": {1},
    "onlineStoreDatabase": (1, 15),
    "registryTtlSeconds": (10, 10 * MINUTE),
    # Airflow's settings.
    "dag_file_processor_timeout": (2 * MINUTE, 10 * MINUTE),
    "dagbag_import_timeout": (MINUTE, 5 * MINUTE),
    "min_file_process_interval": (30, 5 * MINUTE),
    "parsing_processes": (1, 4),
    "parallelism": (2, 64),
    "max_active_tasks_per_dag": (2, 32),
    "worker_concurrency": (4, 32),
    "threshold": (4, 32),  # of KEDA: how many tasks a worker takes
    "scheduler_health_check_threshold": (30, 2 * MINUTE),
    "triggerer_health_check_threshold": (30, 2 * MINUTE),
    "task_instance_heartbeat_timeout": (MINUTE, 5 * MINUTE),
    "socket_timeout": (5, MINUTE),
    "socket_connect_timeout": (5, 30),
    "visibility_timeout": (12 * HOUR, 2 * DAY),
    # Metrics and alerts.
    "interval": (10, MINUTE),
    "scrapeTimeout": (5, 30),
    "taskWindow": (10 * MINUTE, 6 * HOUR),
    "dagRunWindow": (6 * HOUR, 2 * DAY),
    "pipelineTtl": (7 * DAY, 31 * DAY),
    "rules.for": (MINUTE, 15 * MINUTE),
    "dagFailedWindow": (5 * MINUTE, HOUR),
    "schedulerDownFor": (2 * MINUTE, 10 * MINUTE),
    "databaseDownFor": (MINUTE, 10 * MINUTE),
    "workersDownFor": (2 * MINUTE, 15 * MINUTE),
    "backupAgeSeconds": (DAY, 2 * DAY),
    "taskDurationSeconds": (30 * MINUTE, 2 * HOUR),
    "taskQueuedSeconds": (MINUTE, 15 * MINUTE),
    "volumeFreeRatio": (0.1, 0.3),
    "grafana_dashboard": {1},  # what Grafana's sidecar looks for by default
}
ELSEWHERE = re.compile(r"(^|\.)(resources|ports)\.|(port|Port|PORT|\.tag)$")


def numbers(node: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number below a node by its path: times in seconds, sizes in GiB, shares in percent."""
    if isinstance(node, dict):
        variable = node["name"] if {"name", "value"} == node.keys() else "value"
        for key, value in node.items():
            yield from numbers(value, f"{path}.{variable if key == 'value' else key}")
    elif isinstance(node, list):
        for item in node:
            yield from numbers(item, path)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path.lstrip("."), node
    elif isinstance(node, str) and (match := re.fullmatch(r"(\d+)(s|m|h|d|[KMG]i|%)?", node)):
        amount, unit = int(match[1]), match[2]
        size = quantity(node) / 1024 if unit and unit.endswith("i") else amount
        size /= 1024**3 if not unit and path.endswith("sizeLimit") else 1
        yield path.lstrip("."), size * SECONDS.get(unit or "", 1)


def wrong(node: object) -> list[str]:
    """Return each number that has no range, or lies outside."""
    found = []
    for path, number in numbers(node):
        if ELSEWHERE.search(path):
            continue
        known = re.sub(r"(startup|liveness)Probe\.command$", "probe.command", path)
        ends = [end for end in RANGES if f".{known}".endswith(f".{end}")]
        if not ends:
            found.append(f"{path}: {number} has no range")
            continue
        allowed = RANGES[max(ends, key=len)]
        inside = number in allowed if isinstance(allowed, set) else allowed[0] <= number <= allowed[1]
        found += [] if inside else [f"{path}: {number} is not within {allowed}"]
    return found


@pytest.mark.parametrize("file", VALUES)
def test_every_number_in_the_values_lies_where_it_does_its_work(file):
    values = yaml.safe_load((ROOT / file).read_text())
    assert wrong(values) == []
    assert file.startswith("charts/") or len(list(numbers(values))) > 10


def test_every_number_in_an_object_of_ours_lies_where_it_does_its_work(manifests):
    seen = 0
    for document in manifests:
        if str((document["metadata"].get("labels") or {}).get("chart", "")).startswith("airflow-"):
            continue
        if document["kind"] in {"ResourceQuota", "NetworkPolicy", "Ingress"}:
            continue
        named = {"restore" if "-restore-" in document["metadata"]["name"] else "spec": document.get("spec")}
        assert wrong(named) == [], identity(document)
        seen += len(list(numbers(named)))
    assert seen > 60


@pytest.mark.parametrize(
    "mistake",
    [
        {"livenessProbe": {"failureThreshold": 61}},
        {"metadata": {"some": {"newNumber": 3}}},
        {"volumes": [{"emptyDir": {"sizeLimit": "41Gi"}}]},
        {"keda": {"cooldownPeriod": 6001}},
    ],
)
def test_a_number_outside_its_range_or_without_one_is_found(mistake):
    assert len(wrong(mistake)) == 1


def test_ports_of_others_are_those_of_their_protocols():
    """HTTPS; the Kubernetes API of clouds, kubeadm and minikube; Git over SSH; Redis without TLS and with it."""
    ports = yaml.safe_load((ROOT / "values.yaml").read_text())["networkPolicies"]["ports"]
    assert ports == {
        "objectStore": [443],
        "kubernetesApi": [443, 6443, 8443],
        "notifications": [443],
        "git": [443, 22],
        "redis": [6379, 6380],
        "broker": [6379, 6380],
    }
