"""Every value does something: another one changes what is rendered where it matters, or is refused by name."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from every_value import (
    Leaf,
    airflow_values,
    documented,
    flags,
    marked,
    merged,
    outcome,
    read_together,
    render,
    switched_together,
    unique,
)

_SECRET = {"auth": {"existingSecret": "s"}}
_S3 = {"uri": "s3://bucket/prefix", "existingSecret": "s"}
_FLOWER = {"flower": {"enabled": True, "host": "flower.example.com", "auth": {"existingSecret": "s"}}}
_GIT = {"name": "team", "classpath": "airflow.providers.git.bundles.git.GitDagBundle", "kwargs": {}}
_INGRESS = {"host": "maestro.example.com", "mlflow": {"enabled": True, "host": "mlflow.example.com"}} | _FLOWER
_GATEWAY = {"kind": "HTTPRoute", "gateway": {"parentRefs": [{"name": "g", "sectionName": "https"}]}}
_LOGIN = {"auth": {"enabled": True, "existingSecret": "s", "clientSecret": "s"}}
_MLFLOW = {"database": {"existingSecret": "s"}}

# Values under which each value of a subchart must matter, in one of them.
PROFILES = {
    "postgres": [
        _SECRET,
        _SECRET | {"backup": {"destination": "s3", "s3": _S3}},
        _SECRET | {"restore": {"enabled": True, "backup": "latest", "request": "a"}},
    ],
    "": [
        {"": "minikube"},
        {"": "prod"},
        {
            "": "prod",
            "global": {"caBundle": {"configMapName": "authorities"}, "dagBundles": [_GIT]},
            "postgres": {"enabled": False},
            "externalDatabase": {"host": "db.example.com"},
            "featurestore": {
                "redis": {"enabled": False},
                "onlineStore": {"address": "redis.example.com:6379"},
            },
            "externalSecrets": {"enabled": True, "storeRef": {"name": "s"}, "secrets": {"maestro-airflow": "x"}},
            "keda": {"enabled": True, "serverAddress": "http://prometheus:9090", "authentication": "login"},
            "airflow": {"redis": {"enabled": False}, "workers": {"celery": {"hpa": {"enabled": False}}}},
        },
        {
            "": "prod",
            "externalRedis": {"host": "redis.example.com"},
            "featurestore": {"redis": {"enabled": False}},
            "airflow": {"redis": {"enabled": False}},
        },
    ],
    "statsd": [{}, {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}],
    "ingress": [
        _INGRESS | {"tls": {"existingSecret": "s"}},
        _INGRESS | {"tls": {"issuer": {"name": "i"}}},
        merged(_INGRESS | _GATEWAY, {"flower": {"auth": {"by": "ingress", "filters": [{"type": "x"}]}}}),
        merged(_INGRESS | {"tls": {"enabled": False}, "allowInsecure": True}, {"flower": {"auth": {"by": "flower"}}}),
    ],
    "mlflow": [_MLFLOW, _MLFLOW | {"artifacts": {"destination": "s3", "s3": _S3}}, _MLFLOW | _LOGIN],
    "featurestore": [merged(_SECRET, {"server": {"registry": {"existingSecret": "s"}, "tokenSecret": "s"}})],
}

# Values that may change nothing, each with its reason: at most ten.
EXCEPTIONS: dict[str, str] = {}


def idle(chart: str, profiles: list, leaves: list[Leaf]) -> list[str]:
    """Return what is said of each leaf that is neither read nor refused: most are read together, the others one by
    one.
    """
    marks = dict(marked_leaf for marked_leaf in map(unique, leaves, range(len(leaves))) if marked_leaf[1])
    read: set[str] = set()
    for profile in profiles:
        unread = {leaf: mark for leaf, mark in marks.items() if str(leaf) not in read}
        read |= {str(leaf) for leaf in read_together(chart, profile, unread)}
    left = [leaf for leaf in leaves if str(leaf) not in read]
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda leaf: outcome(chart, profiles, leaf), left)
    return [said for leaf, said in zip(left, found, strict=True) if said and f"{chart}.{leaf}" not in EXCEPTIONS]


def test_every_value_of_the_umbrella_matters(composition):
    leaves = [leaf for leaf in documented("") if leaf.path[0] != "airflow"]
    assert len(leaves) > 50
    assert "\n".join(idle("", PROFILES[""], leaves)) == ""


# Texts and numbers under `airflow` that cannot be anything: what a marked one would be refused for.
FIXED = {
    "executor",
    "airflowVersion",
    "config.api.base_url",
    "config.dag_processor.dag_bundle_config_list",
    "config.metrics.statsd_port",
    "config.metrics.statsd_prefix",
    "config.scheduler.enable_health_check",
    "pgbouncer.command",
    "databaseCleanup.schedule",
    "workers.celery.sets[0].queue",
    "workers.celery.sets[1].queue",
    "pgbouncer.extraVolumes[1].secret.secretName",
    "airflowPodAnnotations.checksum/environment",
}


def test_every_text_and_number_that_we_set_for_airflow_is_read(composition):
    unread, found = {}, set()
    volume = {"persistence": {"enabled": True}}
    volumes = {"logs": volume, "dags": volume, "workers": {"celery": volume}, "cleanup": {"enabled": True}}
    token = {"scheduler": {"serviceAccount": {"automountServiceAccountToken": True}}}
    volumes |= {"executor": "CeleryExecutor,KubernetesExecutor", **token}
    for environment, more in (("prod", {}), ("minikube", {}), ("prod", volumes)):
        marks: dict[str, str] = {}
        values = marked(merged(airflow_values(environment), more), "", FIXED, marks)
        room = {"postgres": {"maxConnections": 2_000_000_000}}
        rendered, text = render("", {"": environment, "airflow": values, **room})
        assert rendered, text
        found |= {path for path, mark in marks.items() if mark in text}
        unread |= dict.fromkeys(marks)
    assert len(found) > 200
    assert set(unread) - found == set()


def test_every_switch_that_we_set_for_airflow_matters(composition):
    leaves = list(flags(airflow_values("prod")))
    token = {"scheduler": {"serviceAccount": {"automountServiceAccountToken": True}}}
    both = {"": "prod", "airflow": {"executor": "CeleryExecutor,KubernetesExecutor", **token}}
    assert len(leaves) > 20
    matter = switched_together(both, leaves)
    assert len(matter) > 20
    left = [leaf for leaf in leaves if str(leaf) not in matter]
    assert "\n".join(idle("", [both, {"": "minikube"}, {"": "prod"}], left)) == ""


@pytest.mark.parametrize("chart", sorted(set(PROFILES) - {""}))
def test_every_value_of_a_subchart_matters(composition, chart):
    leaves = documented(chart)
    assert len(leaves) > 15
    assert "\n".join(idle(chart, PROFILES[chart], leaves)) == ""


def test_the_exceptions_are_few():
    assert len(EXCEPTIONS) <= 10
