"""Nothing is in a pod twice: a variable, a volume, a mount, a port."""

import re
from collections import Counter

import pytest
import yaml
from composition import ENVIRONMENTS, ROOT, helm_template
from manifests import Manifests
from workloads import RESTORE, WORKLOADS, merged, nested, pods_of, with_values

EXTRA = {
    "extraEnv": [{"name": "OWN", "value": "own"}],
    "extraVolumes": [{"name": "own", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "own", "mountPath": "/own"}],
}
OF_AIRFLOW = ("scheduler", "dagProcessor", "triggerer", "apiServer", "flower", "workers.celery", "workers.kubernetes")
COMPONENT = {
    "env": [{"name": "OF_COMPONENT", "value": "own"}],
    "extraVolumes": [{"name": "of-component", "emptyDir": {}}],
    "extraVolumeMounts": [{"name": "of-component", "mountPath": "/of-component"}],
}
SHARED = {
    "env": [{"name": "OWN", "value": "own"}],
    "secret": [{"envName": "OWN_SECRET", "secretName": "own"}],
    "extraEnv": '- name: OWN_TEXT\n  value: "{{ .Release.Name }}"\n',
    "volumes": [{"name": "own", "emptyDir": {}}],
    "volumeMounts": [{"name": "own", "mountPath": "/own"}],
}


def everywhere() -> dict:
    """Return every list of one's own that there is, with other names than the chart's."""
    pooler = {
        "env": [{"name": "OF_POOLER", "value": "own"}],
        **{key: COMPONENT[key] for key in COMPONENT if key != "env"},
    }
    parts = [nested(f"airflow.{path}", COMPONENT) for path in OF_AIRFLOW]
    cleaning = nested("airflow.databaseCleanup.env", COMPONENT["env"])
    ours = [nested(path, EXTRA) for path in WORKLOADS]
    return merged(RESTORE, *ours, *parts, cleaning, {"airflow": {**SHARED, "pgbouncer": pooler}})


def names(container: dict) -> list[tuple[str, str]]:
    found = [("env", item["name"]) for item in container.get("env") or []]
    found += [("mount", item["mountPath"].rstrip("/")) for item in container.get("volumeMounts") or []]
    for port in container.get("ports") or []:
        found += [("port", port.get("name", "")), ("port", f"{port['containerPort']}/{port.get('protocol', 'TCP')}")]
    return found


def of_kubernetes_executor(manifests: Manifests) -> dict[str, dict]:
    """Return the pod that Airflow makes others of, which stands in a ConfigMap."""
    key = "pod_template_file.yaml"
    return {
        d["metadata"]["name"]: yaml.safe_load(d["data"][key]) for d in manifests.of("ConfigMap") if key in d["data"]
    }


def twice(manifests: Manifests) -> list[tuple[str, str, str]]:
    found = []
    for owner, pod in (manifests.pods | of_kubernetes_executor(manifests)).items():
        volumes = Counter(("volume", volume["name"]) for volume in pod["spec"].get("volumes") or [])
        for container in [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]:
            counted = volumes + Counter(names(container))
            found += [(f"{owner}/{container['name']}", *item) for item, count in counted.items() if count > 1]
    return found


@pytest.mark.parametrize("authorities", [{}, {"global": {"caBundle": {"configMapName": "authorities"}}}])
@pytest.mark.parametrize("environment", ["prod", "minikube"], indirect=True)
def test_nothing_is_twice_in_a_pod_whatever_is_added(environment, authorities, tmp_path):
    values = merged(everywhere(), authorities)
    if environment == "minikube":
        values["postgres"].pop("restore")
        values["airflow"].pop("pgbouncer")
    else:
        account = {"serviceAccount": {"automountServiceAccountToken": True}}
        values["airflow"] |= {"executor": "CeleryExecutor,KubernetesExecutor"}
        values["airflow"]["scheduler"] |= account
    manifests = with_values(tmp_path, values, environment)
    assert twice(manifests) == []
    for template in of_kubernetes_executor(manifests).values():
        added = {("env", "OWN"), ("env", "OF_COMPONENT"), ("mount", "/of-component")}
        assert added <= set(names(template["spec"]["containers"][0]))
    ours = [c for path in WORKLOADS for c in containers_of(manifests, path, environment)]
    airflow = [c.spec for c in manifests.containers if re.search("-airflow-(api|dag|sched|trig|work)", c.owner)]
    for container in ours:
        assert ("env", "OWN") in names(container)
        assert ("mount", "/own") in names(container)
    for container in airflow:
        if container["name"] in {"scheduler", "worker", "triggerer", "dag-processor", "api-server"}:
            assert {("env", name) for name in ("OWN", "OWN_SECRET", "OWN_TEXT", "OF_COMPONENT")} <= set(
                names(container)
            )
            assert {("mount", "/own"), ("mount", "/of-component")} <= set(names(container))


def containers_of(manifests: Manifests, workload: str, environment: str) -> list[dict]:
    if environment == "minikube" and workload == "postgres.backup":
        return []
    pods = pods_of(manifests, workload).values()
    return [c for pod in pods for c in [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]]


def test_a_variable_and_a_volume_that_are_twice_are_found():
    container = {"name": "c", "env": [{"name": "A"}, {"name": "A"}], "volumeMounts": [{"mountPath": "/a"}] * 2}
    spec = {"volumes": [{"name": "v"}, {"name": "v"}], "containers": [container]}
    manifests = Manifests([{"kind": "Pod", "metadata": {"name": "p"}, "spec": spec}])
    assert {item[1:] for item in twice(manifests)} == {("env", "A"), ("mount", "/a"), ("volume", "v")}


def refused(folder, values: dict) -> str:
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    files = [part for file in ENVIRONMENTS["prod"] for part in ("-f", file)]
    result = helm_template(*files, "-f", str(folder / "values.yaml"))
    assert result.returncode != 0, "these values were accepted"
    return result.stderr


# What each of our pods sets itself: a variable of one of its containers, a volume, a mount.
OURS = {
    "postgres": ("PGDATA", "data", "/tmp"),
    "postgres.backup": ("BACKUP_DIR", "backup", "/backup"),
    "mlflow": ("HOME", "tmp", "/tmp"),
    "featurestore.server": ("FEAST_REGISTRY", "config", "/etc/feast"),
    "featurestore.redis": ("REDISCLI_AUTH", "data", "/data"),
    "setup": ("AIRFLOW_HOME", "setup", "/setup"),
    "tests": ("AIRFLOW_URL", "tests", "/tests"),
}


@pytest.mark.parametrize("workload", OURS)
def test_a_variable_of_the_charts_own_is_refused_by_its_name(composition, tmp_path, workload):
    name = OURS[workload][0]
    message = refused(tmp_path, merged(RESTORE, nested(f"{workload}.extraEnv", [{"name": name, "value": "x"}])))
    chart, _, path = (f"maestro.{workload}" if workload in {"setup", "tests"} else workload).partition(".")
    assert f"{chart}: {path + '.' if path else ''}extraEnv has {name}, and the chart sets it" in message


@pytest.mark.parametrize("workload", [*OURS, "statsd"])
def test_a_volume_of_the_charts_own_is_refused_by_its_name(composition, tmp_path, workload):
    name = OURS.get(workload, ("", "mapping"))[1]
    added = nested(f"{workload}.extraVolumes", [{"name": name, "emptyDir": {}}])
    assert f"extraVolumes has {name}, and the pod has a volume of this name" in refused(
        tmp_path, merged(RESTORE, added)
    )


@pytest.mark.parametrize("workload", [*OURS, "statsd"])
def test_a_place_where_something_is_mounted_is_refused_by_its_path(composition, tmp_path, workload):
    path = OURS.get(workload, ("", "", "/etc/statsd-exporter"))[2]
    added = {"extraVolumes": EXTRA["extraVolumes"], "extraVolumeMounts": [{"name": "own", "mountPath": f"{path}/"}]}
    message = refused(tmp_path, merged(RESTORE, nested(workload, added)))
    assert f"extraVolumeMounts has {path}, and the container" in message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mlflow": {"extraEnv": [{"name": "A", "value": "x"}] * 2}}, "mlflow: extraEnv has A twice: leave one out"),
        (
            {"statsd": {"extraVolumeMounts": EXTRA["extraVolumeMounts"]}},
            "statsd: extraVolumeMounts mounts the volume own, which is not in extraVolumes",
        ),
        (
            {"global": {"caBundle": {"secretName": "a"}}, "statsd": {"extraEnv": [{"name": "SSL_CERT_FILE"}]}},
            "statsd: extraEnv has SSL_CERT_FILE, and the chart sets it",
        ),
    ],
)
def test_lists_of_ones_own_that_cannot_be_are_refused(composition, tmp_path, values, words):
    assert words in refused(tmp_path, values)


def one(name: str, value: str = "x") -> list[dict]:
    return [{"name": name, "value": value}]


TWICE_IN_AIRFLOW: list[tuple[dict, str]] = [
    ({"env": one("AIRFLOW_HOME")}, "airflow.env sets AIRFLOW_HOME, and the official chart sets it itself"),
    (
        {"secret": [{"envName": "AIRFLOW__CORE__FERNET_KEY", "secretName": "s"}]},
        "airflow.secret sets AIRFLOW__CORE__FERNET_KEY, and the official chart sets it itself",
    ),
    ({"env": one("MAESTRO_STORE")}, "airflow.env sets MAESTRO_STORE, and so does the environment of all pods"),
    ({"env": one("PGSSLMODE")}, "airflow.env sets PGSSLMODE, and so does the environment of all pods"),
    (
        {"extraEnv": '- name: AIRFLOW__METRICS__STATSD_ON\n  value: "x"\n'},
        "airflow.extraEnv sets AIRFLOW__METRICS__STATSD_ON, and would win over airflow.config.metrics.statsd_on",
    ),
    ({"env": one("AIRFLOW__CORE__PARALLELISM")}, "would win over airflow.config.core.parallelism"),
    (
        {"env": one("A"), "secret": [{"envName": "A", "secretName": "s"}]},
        "airflow.env and airflow.secret both set A: leave one out",
    ),
    ({"env": one("A"), "scheduler": {"env": one("A")}}, "airflow.scheduler.env sets A, which the container has"),
    (
        {"scheduler": {"waitForMigrations": {"env": one("AIRFLOW_HOME")}}},
        "airflow.scheduler.waitForMigrations.env sets AIRFLOW_HOME",
    ),
    (
        {"triggerer": {"logGroomerSidecar": {"env": one("AIRFLOW__LOG_RETENTION_DAYS")}}},
        "airflow.triggerer.logGroomerSidecar.env sets AIRFLOW__LOG_RETENTION_DAYS",
    ),
    (
        {"workers": {"celery": {"sets": [{"name": "default", "queue": "default,heavy", "env": one("AIRFLOW_HOME")}]}}},
        "airflow.workers.celery.sets[0].env sets AIRFLOW_HOME, which the container has already",
    ),
    (
        {"volumes": [{"name": "config", "emptyDir": {}}]},
        "airflow.volumes has config, and pods of Airflow have a volume of this name already",
    ),
    (
        {"scheduler": {"extraVolumes": [{"name": "tmp", "emptyDir": {}}]}},
        "airflow.scheduler.extraVolumes has tmp, and the pod has a volume of this name already",
    ),
    (
        {"workers": {"celery": {"extraVolumeMounts": [{"name": "tmp", "mountPath": "/opt/airflow/logs/"}]}}},
        "airflow.workers.celery.extraVolumeMounts has /opt/airflow/logs, and the pod has something mounted there",
    ),
    (
        {"workers": {"celery": {"extraPorts": [{"name": "own", "containerPort": 8793}]}}},
        "airflow.workers.celery.extraPorts has 8793, which the container has already",
    ),
]


def together(*trees: dict) -> dict:
    """Return all of the values at once: lists one after the other."""
    out: dict = {}
    for tree in trees:
        for key, value in tree.items():
            here = out.get(key)
            if isinstance(value, dict):
                out[key] = together(here or {}, value)
            else:
                out[key] = [*(here or []), *value] if isinstance(value, list) else value
    return out


@pytest.fixture(scope="module")
def refusals_of_airflow(composition, tmp_path_factory) -> str:
    """Provide the one message in which all reasons stand."""
    everything = together(*(values for values, _ in TWICE_IN_AIRFLOW))
    return refused(tmp_path_factory.mktemp("values"), {"airflow": everything})


@pytest.mark.parametrize("words", [words for _, words in TWICE_IN_AIRFLOW])
def test_what_would_be_twice_in_a_pod_of_airflow_is_refused_by_its_name(refusals_of_airflow, words):
    assert words in refusals_of_airflow


def test_a_variable_of_the_environment_that_the_official_chart_sets_is_refused(composition, tmp_path):
    environment = {"AIRFLOW__CELERY__BROKER_URL": "redis://x", "AIRFLOW__API__WORKERS": "9"}
    message = refused(tmp_path, {"global": {"environment": environment}})
    assert "global.environment sets AIRFLOW__CELERY__BROKER_URL, and the official chart sets it itself" in message
    assert "global.environment sets AIRFLOW__API__WORKERS, and would win over airflow.config.api.workers" in message


def test_a_variable_of_airflow_replaces_what_the_official_chart_no_longer_sets(composition, tmp_path):
    airflow = {
        "enableBuiltInSecretEnvVars": {"AIRFLOW__CORE__FERNET_KEY": False},
        "secret": [{"envName": "AIRFLOW__CORE__FERNET_KEY", "secretName": "own", "secretKey": "key"}],
    }
    scheduler = with_values(tmp_path, {"airflow": airflow}, "prod").named("Deployment", "maestro-airflow-scheduler")
    (container,) = [c for c in scheduler["spec"]["template"]["spec"]["containers"] if c["name"] == "scheduler"]
    (key,) = [e for e in container["env"] if e["name"] == "AIRFLOW__CORE__FERNET_KEY"]
    assert key["valueFrom"]["secretKeyRef"] == {"name": "own", "key": "key"}


def test_a_volume_of_airflow_with_the_name_of_one_of_ours_takes_its_place(composition, tmp_path):
    larger = {"name": "tmp", "emptyDir": {"sizeLimit": "64Gi"}}
    scheduler = with_values(tmp_path, {"airflow": {"volumes": [larger]}}, "prod")
    volumes = scheduler.named("Deployment", "maestro-airflow-scheduler")["spec"]["template"]["spec"]["volumes"]
    assert [volume for volume in volumes if volume["name"] == "tmp"] == [larger]


def test_every_key_of_airflows_configuration_that_a_check_reads_is_guarded():
    """A variable wins over the file, so a check of the file would look at the wrong value."""
    texts = "".join(path.read_text() for path in sorted((ROOT / "templates").glob("*.tpl")))
    read = {".".join(key) for key in re.findall(r'maestro\.airflowConfig" \(list [.$]+ "(\w+)" "(\w+)"', texts)}
    fixed = set(re.findall(r'"(\w+\.\w+)" "', re.search(r"\$must := dict (.*) }}", texts)[1]))
    guarded = set(re.search(r"\$read := list (.*) }}", texts)[1].replace('"', "").split())
    assert len(read) >= 10
    assert len(fixed) >= 5
    assert read | fixed <= guarded


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("charts/*/templates/*.yaml")) + sorted(ROOT.glob("templates/**/*.yaml")), ids=str
)
def test_every_workload_passes_the_helper_that_refuses_what_is_twice(file):
    text = file.read_text()
    if re.search(r"^kind: (Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod)$", text, re.MULTILINE):
        assert re.search(r'include "maestro\.(workload|job)"', text), file
