"""What a value is for: the reference groups the values of all charts by these tasks."""

import re

# By the path from the umbrella's values; the first pattern that fits counts.
_PATTERNS = {
    "Parts": r"airflow|postgres|statsd|ingress|featurestore|mlflow"
    r"|[a-z]+\.enabled|featurestore\.(redis|server)\.enabled",
    "Pods": r".*\.(podSecurityContext|securityContext|podAnnotations|podLabels|nodeSelector|tolerations|affinity"
    r"|topologySpreadConstraints|serviceAccount\..*|extra(Env|EnvFrom|Volumes|VolumeMounts)|terminationGracePeriodSeconds)"
    r"|(.*\.)?commonLabels|extraObjects|schedulerServiceAccount\..*",
    "Images": r".*\.image\..*|.*\.?image(PullSecrets|Registry)|.*MAESTRO_TRAINING_IMAGE",
    "Scaling": r"keda\..*|.*\.(resources|replicas|workers|priorityClassName)(\..*)?|resourceQuota|priorities"
    r"|training\.resourceQuota",
    "Backup and restore": r"postgres\.(backup|restore)\..*",
    "Logins and Secrets": r"(.*\.)?(auth|oidc|existingSecret|\w+SecretName|passwordKey|setup\.users)(\..*)?"
    r"|externalSecrets\..*|developmentSecrets\..*|global\.caBundle\..*|.*\.tls(\..*)?|.*MAESTRO_TRAINING_SECRET",
    "Database": r"(postgres|externalDatabase|pgbouncer)\..*|mlflow\.database\..*|featurestore\.server\.registry\..*",
    "Network": r"(networkPolicies|ingress)\..*|mlflow\.(allowedHosts|corsAllowedOrigins)|.*\.?ipFamil(y|ies).*"
    r"|.*\.service\..*",
    "Storage": r"store\..*|.*\.(storageClass|persistence\..*|artifacts\..*|onlineStore\..*)|.*MAESTRO_(STORE|DATA)",
    "Metrics and alerts": r"statsd\..*|.*MAESTRO_ALERTMANAGER_URL",
    "Runs, training and setup": r".*",
}
# In the order of the page.
TASKS = [
    "Parts",
    "Database",
    "Backup and restore",
    "Storage",
    "Logins and Secrets",
    "Network",
    "Scaling",
    "Images",
    "Runs, training and setup",
    "Metrics and alerts",
    "Pods",
]


def task(path: str) -> str:
    """Return the task of a value, by its path such as `postgres.backup.schedule`."""
    return next(name for name, pattern in _PATTERNS.items() if re.fullmatch(pattern, path))
