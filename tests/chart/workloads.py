"""The pods of ours, where their values are, and a render with other values."""

import yaml
from composition import ENVIRONMENTS, helm_template
from manifests import Manifests, load

RESTORE = {"postgres": {"backup": {"destination": "pvc"}, "restore": {"enabled": True, "backup": "latest"}}}
# Where the values of a pod are, and the pods that take them, by the end of their owner's name.
WORKLOADS = {
    "postgres": ["StatefulSet/maestro-postgres", "Job/maestro-postgres-databases"],
    "postgres.backup": [
        "CronJob/maestro-postgres-backup",
        "Job/maestro-postgres-backup-volume",
        "Job/maestro-postgres-restore",
    ],
    "statsd": ["Deployment/maestro-statsd"],
    "mlflow": ["Deployment/maestro-mlflow"],
    "featurestore.server": ["Deployment/maestro-featurestore"],
    "featurestore.redis": ["StatefulSet/maestro-featurestore-redis"],
    "setup": ["Job/maestro-setup"],
    "tests": ["Pod/maestro-test"],
}


def nested(path: str, value: object) -> dict:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def merged(*trees: dict) -> dict:
    out: dict = {}
    for tree in trees:
        for key, value in tree.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


def with_values(folder, values: dict, environment: str) -> Manifests:
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    files = [part for file in ENVIRONMENTS[environment] for part in ("-f", file)]
    result = helm_template(*files, "-f", str(folder / "values.yaml"))
    assert result.returncode == 0, result.stderr
    return load(result.stdout)


def pods_of(manifests: Manifests, workload: str) -> dict[str, dict]:
    found = {}
    for start in WORKLOADS[workload]:
        exact = start.startswith(("Deployment", "StatefulSet", "CronJob"))
        for owner, pod in manifests.pods.items():
            if owner == start or (not exact and owner.startswith(start + "-")):
                found[owner] = pod
    assert len(found) >= len(WORKLOADS[workload]), sorted(manifests.pods)
    return found
