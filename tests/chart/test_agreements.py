"""What two objects say of one thing agrees: keys, connections, ports."""

import json
import re
from pathlib import Path

import pytest
from composition import RELEASE, ROOT
from manifests import Manifests
from paths import mount_of
from rendered_settings import addresses, airflow_config, service_ports
from workloads import with_values


def connections(manifests: Manifests) -> dict[str, dict]:
    return json.loads(manifests.named("ConfigMap", f"{RELEASE}-setup")["data"]["connections.json"])


# --- Secrets


def sources(manifests: Manifests) -> dict[str, set[tuple[str, str]]]:
    """Return where each variable of the kind AIRFLOW__* comes from, over all pods."""
    found: dict[str, set[tuple[str, str]]] = {}
    for container in manifests.containers:
        for variable in container.spec.get("env") or []:
            reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
            if reference and variable["name"].startswith("AIRFLOW__"):
                found.setdefault(variable["name"], set()).add((reference["name"], reference["key"]))
    return found


def test_a_setting_of_airflow_comes_from_one_key_in_every_pod(manifests):
    found = sources(manifests)
    assert {name for name, keys in found.items() if len(keys) > 1} == set()
    assert len(found) >= 4


def test_no_two_settings_of_airflow_share_a_key(manifests):
    keys = [key for keys in sources(manifests).values() for key in keys]
    assert sorted(keys) == sorted(set(keys))


def passwords_of(manifests: Manifests) -> dict[tuple[str, str], set[str]]:
    """Return the user and host a password of PostgreSQL is for, and the keys it is read from."""
    found: dict[tuple[str, str], set[str]] = {}
    for container in manifests.containers:
        variables = {v["name"]: v for v in container.spec.get("env") or []}
        if key := (variables.get("PGPASSWORD", {}).get("valueFrom") or {}).get("secretKeyRef"):
            urls = [str(v.get("value")) for v in variables.values()]
            users = {match.group(1) for url in urls if (match := re.search(r"://(\w+)@", url))}
            users |= {variables["PGUSER"]["value"]} if "PGUSER" in variables else set()
            for user in users:
                found.setdefault((user, key["name"]), set()).add(key["key"])
    return found


def test_a_user_of_postgresql_logs_in_with_its_own_password(manifests):
    found = passwords_of(manifests)
    assert {user for user, _ in found} >= {"feast", "mlflow"}
    assert {who: keys for who, keys in found.items() if keys != {f"{who[0]}-password"}} == {}


def test_whoever_calls_postgresql_by_its_programs_names_the_host_and_the_user(manifests):
    """Without PGUSER they take the name of the system's user, which another image or an arbitrary uid does not have."""
    names = {c.name: {e["name"] for e in c.spec.get("env") or []} for c in manifests.containers}
    callers = {name: found for name, found in names.items() if "PGHOST" in found}
    assert callers
    assert {name for name, found in callers.items() if "PGUSER" not in found} == set()


def test_a_password_that_is_given_is_the_one_that_is_required(manifests):
    """Whoever serves and whoever calls read one key: REDIS_PASSWORD here, REDISCLI_AUTH there."""
    found = {}
    for container in manifests.containers:
        if "featurestore" in container.owner:
            for variable in container.spec.get("env") or []:
                reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
                if reference and variable["name"].startswith("REDIS"):
                    found[container.name, variable["name"]] = (reference["name"], reference["key"])
    assert len(found) >= 2
    assert len(set(found.values())) == 1


# --- connections and addresses


def test_every_connection_a_setting_names_is_made(manifests):
    named = {
        value
        for section in airflow_config(manifests).values()
        for option, value in section.items()
        if option.endswith("_conn_id") and value
    }
    assert named <= set(connections(manifests))


def test_the_connection_of_remote_logs_is_of_the_kind_of_their_bucket(prod):
    logging = airflow_config(prod)["logging"]
    kinds = {"s3": "aws", "gs": "google_cloud_platform", "wasb": "wasb"}
    scheme = logging["remote_base_log_folder"].split("://")[0]
    assert connections(prod)[logging["remote_log_conn_id"]]["conn_type"] == kinds[scheme]


def test_every_address_of_the_release_is_a_service_with_this_port(manifests):
    ports, found = service_ports(manifests), addresses(manifests)
    assert len(found) >= 4
    assert {(host, port) for host, port in found if port not in ports.get(host, set())} == set()


def test_connections_name_services_of_the_release(manifests):
    ports = service_ports(manifests)
    for name, fields in connections(manifests).items():
        if "host" in fields:
            host = fields["host"].split("://")[-1].split(".")[0]
            assert fields["port"] in ports.get(host, set()), f"{name} names {host}:{fields['port']}"


def test_airflow_sends_its_metrics_to_the_exporter_as_it_reads_them(manifests):
    metrics = airflow_config(manifests)["metrics"]
    assert metrics.getboolean("statsd_on")
    service = manifests.named("Service", metrics["statsd_host"])
    assert ("UDP", metrics.getint("statsd_port")) in {
        (port.get("protocol", "TCP"), port["port"]) for port in service["spec"]["ports"]
    }
    # The mapping knows names without a DAG's in them, tags as InfluxDB writes them, and this prefix.
    assert metrics.getboolean("statsd_influxdb_enabled")
    assert not metrics.getboolean("legacy_names_on")
    mapping = manifests.named("ConfigMap", f"{RELEASE}-statsd")["data"]["mapping.yaml"]
    assert f"match: {metrics['statsd_prefix']}.scheduler_heartbeat\n" in mapping


@pytest.mark.parametrize("environment", ["minikube", "prod"], indirect=True)
def test_without_the_exporter_nobody_sends_to_it(environment, tmp_path):
    manifests = with_values(tmp_path, {"statsd": {"enabled": False}}, environment)
    assert not airflow_config(manifests)["metrics"].getboolean("statsd_on")
    variables = [item for c in manifests.containers for item in c.spec.get("env") or []]
    assert [item for item in variables if f"{RELEASE}-statsd" in str(item.get("value"))] == []


def test_without_the_exporter_metrics_go_where_the_values_say(prod, tmp_path):
    values = {
        "statsd": {"enabled": False},
        "airflow": {"config": {"metrics": {"statsd_host": "statsd.example.com"}}},
        "postgres": {"metrics": {"host": "statsd.example.com"}},
    }
    manifests = with_values(tmp_path, values, "prod")
    assert airflow_config(manifests)["metrics"].getboolean("statsd_on")
    server = manifests.named("StatefulSet", f"{RELEASE}-postgres")["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "STATSD_HOST", "value": "statsd.example.com"} in server["env"]


def test_the_mapping_knows_only_names_that_are_sent(manifests):
    """A name nobody sends is a spelling mistake: the metric would arrive without its help and its labels."""
    import yaml
    from airflow._shared.observability import metrics

    from maestro_ml.observability.metrics import CATALOGUE

    template = yaml.safe_load(Path(metrics.__file__).with_name("metrics_template.yaml").read_text())["metrics"]
    sent = {metric["name"].replace("{", "*").replace("}", "*") for metric in template} | {m.name for m in CATALOGUE}
    mapping = yaml.safe_load(manifests.named("ConfigMap", f"{RELEASE}-statsd")["data"]["mapping.yaml"])
    prefix = airflow_config(manifests)["metrics"]["statsd_prefix"]
    matched = {entry["match"] for entry in mapping["mappings"]}
    assert {match for match in matched if match.startswith(f"{prefix}.")} >= {f"{prefix}.task.queued_duration"}
    # What our own probes and scripts send stands in them.
    senders = [*ROOT.glob("ci/images/probes/*.py"), *ROOT.glob("charts/*/files/*.sh"), *ROOT.glob("src/**/*.py")]
    texts = "".join(path.read_text() for path in senders)
    unknown = {match.removeprefix(f"{prefix}.") for match in matched} - sent
    written = {name for name in unknown if name in texts or name.removeprefix("maestro.") in texts}
    written |= {name for name in unknown if f"{name.rpartition('.')[0]}.{{" in texts}
    assert unknown - written == set()


def test_every_probe_asks_a_port_the_container_has(manifests):
    lost = []
    for container in manifests.containers:
        ports = {p.get("name") for p in container.spec.get("ports") or []}
        ports |= {p["containerPort"] for p in container.spec.get("ports") or []}
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe = container.spec.get(kind, {})
            for how in ("httpGet", "tcpSocket"):
                if how in probe and probe[how]["port"] not in ports:
                    lost.append((container.name, kind, probe[how]["port"]))
    assert lost == []


def test_every_port_a_command_opens_is_declared(manifests):
    for container in manifests.containers:
        declared = {p["containerPort"] for p in container.spec.get("ports") or []}
        arguments = " ".join(str(a) for a in container.spec.get("args") or [])
        opened = {
            int(port) for port in re.findall(r"--port=(\d+)|(?<=[=])(?::)(\d{4,5})", arguments) for port in port if port
        }
        assert opened <= declared, container.name


# --- what lasts


def test_every_schedule_of_a_cron_job_is_one(manifests):
    from croniter import croniter

    schedules = {d["metadata"]["name"]: d["spec"]["schedule"] for d in manifests.of("CronJob")}
    assert {name for name, when in schedules.items() if len(when.split()) != 5 or not croniter.is_valid(when)} == set()


def test_a_worker_leaves_a_silent_broker_before_its_probe_restarts_it(prod):
    """A broker that was replaced never answers what the old one was asked: without these a worker waits for ever."""
    transport = airflow_config(prod)["celery_broker_transport_options"]
    worker = next(c for c in prod.containers if c.spec["name"] == "worker")
    probe = worker.spec["livenessProbe"]
    restarted = probe["periodSeconds"] * probe["failureThreshold"]
    for option in ("socket_timeout", "socket_connect_timeout"):
        assert 5 <= transport.getint(option) <= restarted / 4


def test_every_image_is_of_this_release(manifests):
    version = re.search(r'^appVersion: "(.+)"', (ROOT / "Chart.yaml").read_text(), re.MULTILINE)[1]
    ours = {c.spec["image"] for c in manifests.containers if "/maestro-" in c.spec["image"]}
    assert {image.rsplit(":")[-1] for image in ours} == {version}
    assert len(ours) == 2


@pytest.mark.parametrize("path", ["/", "/home", "/dags/flights/runs/1", "/api/v2/dags"])
def test_every_page_of_the_ui_is_reached_through_the_ingress(prod, path):
    (ingress,) = (i for i in prod.of("Ingress") if i["metadata"]["name"].endswith("-api"))
    (rule,) = ingress["spec"]["rules"]
    base = airflow_config(prod)["api"]["base_url"]
    assert base.startswith(f"https://{rule['host']}")
    for route in rule["http"]["paths"]:
        prefix = route["path"].rstrip("/")
        inside = path == prefix or path.startswith(f"{prefix}/")
        if (route["pathType"] == "Prefix" and inside) or (route["pathType"] == "Exact" and path == route["path"]):
            service = route["backend"]["service"]
            assert service["port"]["number"] in service_ports(prod)[service["name"]]
            return
    pytest.fail(f"no path of the ingress leads to {path}")


def test_tls_covers_every_host_of_an_ingress(prod):
    for ingress in prod.of("Ingress"):
        hosts = {host for entry in ingress["spec"]["tls"] for host in entry["hosts"]}
        assert {rule["host"] for rule in ingress["spec"]["rules"]} <= hosts


def test_a_disk_for_backups_and_data_is_mounted_where_it_is_used(manifests):
    for container in manifests.containers:
        for variable in container.spec.get("env") or []:
            if variable["name"] == "BACKUP_DIR":
                assert mount_of(container, variable["value"])["mountPath"] == variable["value"]
