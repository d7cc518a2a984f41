"""The rendered NetworkPolicies let through what the parts need of each other, and nothing else."""

import functools

import pytest
from composition import NAMESPACE, helm_template, loaded
from manifests import load, selected
from reachability import OUTSIDE, Peer, Policies, components

DATABASE_CLIENTS = {"api-server", "scheduler", "dag-processor", "triggerer", "setup", "tests", "doctor"}
DIRECT = {"featurestore", "mlflow", "postgres-databases"}
METRICS = {"api-server", "scheduler", "dag-processor", "triggerer", "setup", "tests", "postgres", "featurestore-redis"}
# By target and port, who may connect. `outside` is any address beyond the cluster.
PROD = {
    ("pgbouncer", 6543): DATABASE_CLIENTS | {"worker", "database-cleanup"},
    ("postgres", 5432): {"pgbouncer", "worker", "doctor", "training", "postgres-backup"} | DIRECT,
    ("api-server", 8080): {"scheduler", "worker", "triggerer", "dag-processor", "tests", "ingress-nginx"},
    ("worker", 8793): {"api-server"},
    ("scheduler", 8793): {"api-server"},
    ("triggerer", 8794): {"api-server"},
    ("redis", 6379): {"scheduler", "worker", "flower"},
    ("mlflow", 5000): {"worker", "doctor", "training"},
    ("featurestore-redis", 6379): {"worker", "doctor", "training", "featurestore"},
    ("featurestore", 6566): {"worker", "doctor", "training"},
    ("statsd", 9125): METRICS | {"worker", "flower", "database-cleanup"},
    ("statsd", 9102): {"tests", "monitoring"},
    ("pgbouncer", 9127): {"monitoring"},
    ("flower", 5555): {"ingress-nginx"},
    # buckets and notifications, and the Kubernetes API for those that start pods and watch them
    ("outside", 443): {
        "api-server", "dag-processor", "worker", "doctor", "triggerer", "training", "mlflow", "featurestore",
        "postgres-backup",
    },
    ("outside", 6443): {"worker", "doctor", "triggerer"},
    ("outside", 8443): {"worker", "doctor", "triggerer"},
}  # fmt: skip
EVERYBODY = {"anybody", "monitoring", "ingress-nginx", "outside"}
MINIKUBE = {
    ("postgres", 5432): DATABASE_CLIENTS | DIRECT,
    ("api-server", 8080): {"scheduler", "triggerer", "dag-processor", "tests"} | EVERYBODY,
    ("scheduler", 8793): {"api-server"},
    ("triggerer", 8794): {"api-server"},
    ("mlflow", 5000): {"scheduler", "doctor"},
    ("featurestore-redis", 6379): {"scheduler", "doctor", "featurestore"},
    ("featurestore", 6566): {"scheduler", "doctor"},
    ("statsd", 9125): METRICS,
    ("statsd", 9102): {"tests"} | EVERYBODY,
    ("outside", 443): {"scheduler", "doctor", "triggerer", "dag-processor"},
}
VISITORS = [
    *(Peer(name, name, {}) for name in ("ingress-nginx", "monitoring")),
    Peer("anybody", "default", {}),
    OUTSIDE,
]
RESOLVER = {("UDP", 53), ("UDP", 5353), ("TCP", 53), ("TCP", 5353)}


def reachable(manifests):
    """Return every connection that is allowed, to a release's pod or to the outside, by target and port."""
    policies = Policies(manifests, NAMESPACE)
    pods = list({peer.name: peer for peer in components(manifests, NAMESPACE)}.values())
    training = f"{NAMESPACE}-training"
    if any(document["metadata"]["name"] == training for document in manifests.of("Namespace")):
        pods.append(Peer("training", training, {"kubernetes_pod_operator": "True"}))
    found = {}
    for protocol, port in policies.ports() - RESOLVER:
        for target in [*pods, OUTSIDE]:
            sources = {
                source.name
                for source in [*pods, *VISITORS]
                if source is not target
                and not (target is OUTSIDE and source in VISITORS)
                and policies.allow(source, target, protocol, port)
            }
            if sources:
                found[target.name, port] = sources
    return found


@pytest.mark.parametrize(("environment", "table"), [("prod", PROD), ("minikube", MINIKUBE)])
def test_who_reaches_whom(environment, table):
    assert reachable(loaded(environment)) == table


def test_every_pod_may_ask_for_names_and_is_covered(manifests):
    policies = Policies(manifests, NAMESPACE)
    for pod in components(manifests, NAMESPACE):
        # The Job that makes room for backups is alone with its volume.
        asks = pod.name != "postgres-backup-volume"
        assert {policies.allow(pod, OUTSIDE, protocol, port) for protocol, port in RESOLVER} == {asks}, pod
        assert not policies.allow(pod, OUTSIDE, "TCP", 25), pod
        assert not policies.allow(Peer("anybody", "default", {}), pod, "TCP", 22), pod


def rendered_with(*settings, base=("values/prod.yaml", "ci/prod-values.yaml")):
    files = [part for file in base for part in ("-f", file)]
    result = helm_template(*files, *(part for setting in settings for part in ("--set", setting)))
    assert result.returncode == 0, result.stderr
    return reachable(load(result.stdout))


def test_what_the_values_name_outside_the_release_is_allowed_to_those_who_need_it():
    found = rendered_with(
        "postgres.enabled=false", "externalDatabase.host=db.example.com", "externalDatabase.port=6000",
        "mlflow.enabled=false", "global.environment.MLFLOW_TRACKING_URI=https://mlflow.example.com:8444",
        "global.environment.MAESTRO_ALERTMANAGER_URL=http://alertmanager.monitoring:9093",
        "airflow.config.smtp.smtp_host=mail.example.com", "airflow.config.smtp.smtp_port=587",
        "networkPolicies.featureServerFrom[0].namespaceSelector.matchLabels.team=web",
    )  # fmt: skip
    assert found["outside", 6000] == {"pgbouncer", "worker", "doctor", "training", "featurestore"}
    assert found["outside", 8444] == {"worker", "doctor", "training"}
    assert found["outside", 9093] == {"worker", "doctor"}
    assert found["outside", 587] == {"worker", "doctor", "triggerer", "dag-processor"}
    assert not [target for target, _ in found if target in ("postgres", "mlflow")]


def test_an_endpoint_of_an_object_store_opens_its_port_only():
    found = rendered_with("mlflow.artifacts.s3.endpointUrl=http://minio.storage:9000")
    assert found["outside", 9000] == {"mlflow"}
    assert "mlflow" not in found["outside", 443]


def test_an_endpoint_is_opened_by_whichever_variable_names_it_and_without_remote_logs_only_for_those_who_work():
    found = rendered_with(
        "global.environment.AWS_ENDPOINT_URL_S3=https://minio.storage:9001",
        "global.environment.MLFLOW_S3_ENDPOINT_URL=http://models.storage:9002",
        base=("values/minikube.yaml",),
    )
    assert found["outside", 9001] == found["outside", 9002] == {"scheduler", "doctor", "featurestore"}


def test_a_store_of_ones_own_and_git_are_reached_by_their_ports():
    found = rendered_with("networkPolicies.ports.objectStore={9000}", "networkPolicies.ports.notifications={}")
    assert found["outside", 9000] >= {"worker", "training", "mlflow", "postgres-backup", "api-server"}
    assert found["outside", 443] == {"worker", "doctor", "triggerer"}  # the Kubernetes API


@pytest.mark.parametrize("port", [6379, 6380])
def test_a_broker_and_an_online_store_that_only_secrets_name_are_reached_with_and_without_tls(composition, port):
    found = own_redis()
    assert found["outside", port] == {"scheduler", "worker", "flower", "doctor", "training", "featurestore"}


@functools.cache
def own_redis():
    return rendered_with(
        "airflow.redis.enabled=false",
        "featurestore.redis.enabled=false",
        "featurestore.onlineStore.address=redis.example.com:6379",
    )


def test_addresses_in_other_values_open_their_ports():
    found = rendered_with(
        "mlflow.database.url=postgresql+psycopg://ml@db.example.com:6001/ml",
        "featurestore.server.registry.url=postgresql+psycopg://feast@db.example.com/feast",
        "global.environment.AWS_ENDPOINT_URL=http://minio.storage:9000",
        "setup.connections.warehouse.conn_type=postgres", "setup.connections.warehouse.port=5439",
        "global.dagBundles[0].name=team",
        "global.dagBundles[0].classpath=airflow.providers.git.bundles.git.GitDagBundle",
    )  # fmt: skip
    assert found["outside", 6001] == {"mlflow"}
    assert found["outside", 5432] == {"worker", "doctor", "training", "featurestore"}
    # The API server and the triggerer show task logs, which are in a bucket.
    assert found["outside", 9000] == {"worker", "doctor", "training", "featurestore", "api-server", "triggerer"}
    assert found["outside", 5439] == {"worker", "doctor"}
    assert found["outside", 22] == {"worker", "doctor", "dag-processor", "triggerer", "api-server"}


@pytest.mark.parametrize(
    ("repository", "port"),
    [
        ("kwargs.repo_url=ssh://git@git.example.com:2222/team/dags.git", 2222),
        ("kwargs.repo_url=ssh://git@git.example.com/team/dags.git", 22),
        ("kwargs.repo_url=git@git.example.com:team/dags.git", 22),
        ("kwargs.repo_url=https://git.example.com:8443/team/dags.git", 8443),
        ("kwargs.git_conn_id=dags", 7999),
    ],
)
def test_the_port_of_a_bundles_repository_is_opened_and_no_other(composition, repository, port):
    bundle = "global.dagBundles[0]"
    found = rendered_with(
        f"{bundle}.name=team",
        f"{bundle}.classpath=airflow.providers.git.bundles.git.GitDagBundle",
        f"{bundle}.{repository}",
        "setup.connections.dags.conn_type=git",
        "setup.connections.dags.host=ssh://git@git.{{ .Release.Name }}.example.com:7999/team/dags.git",
    )
    readers = {"worker", "dag-processor", "triggerer", "api-server"}
    assert found["outside", port] >= readers
    assert not [other for other in {22, 2222, 7999} - {port} if ("outside", other) in found]


def test_a_bundles_repository_that_no_value_names_is_reached_by_https_and_ssh(composition):
    bundle = "global.dagBundles[0]"
    found = rendered_with(
        f"{bundle}.name=team",
        f"{bundle}.classpath=airflow.providers.git.bundles.git.GitDagBundle",
        f"{bundle}.kwargs.git_conn_id=from_a_secret",
        base=("values/minikube.yaml",),
    )
    assert (
        found["outside", 22]
        == found["outside", 443]
        == {"scheduler", "doctor", "dag-processor", "triggerer", "api-server"}
    )


def test_visitors_are_let_in_by_name():
    peer = "namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=monitoring"
    found = rendered_with(f"networkPolicies.mlflowFrom[0].{peer}", f"networkPolicies.featureServerFrom[0].{peer}")
    assert found["mlflow", 5000] == PROD["mlflow", 5000] | {"monitoring"}
    assert found["featurestore", 6566] == PROD["featurestore", 6566] | {"monitoring"}


def test_extra_egress_is_for_the_pods_that_run_a_projects_code():
    rule = "networkPolicies.extraEgress[0].ports[0]"
    found = rendered_with(f"{rule}.protocol=TCP", f"{rule}.port=1521")
    assert found["outside", 1521] == {"worker", "doctor", "training", "triggerer", "dag-processor"}


def test_without_policies_everything_is_open():
    result = helm_template("-f", "values/minikube.yaml", "--set", "networkPolicies.enabled=false")
    manifests = load(result.stdout)
    assert manifests.of("NetworkPolicy") == []
    assert Policies(manifests, NAMESPACE).allow(OUTSIDE, next(components(manifests, NAMESPACE)), "TCP", 22)


def test_every_rule_names_its_ports(manifests):
    """A rule without ports lets through all of them."""
    for policy in manifests.of("NetworkPolicy"):
        for rule in [*(policy["spec"].get("ingress") or []), *(policy["spec"].get("egress") or [])]:
            assert rule.get("ports"), policy["metadata"]["name"]
            for port in rule["ports"]:
                assert port["protocol"] in ("TCP", "UDP"), policy["metadata"]["name"]
                assert 0 < port["port"] < 65536, policy["metadata"]["name"]


def test_every_peer_and_every_policy_means_pods_of_one_component(manifests):
    """A selector that lost a label reaches others too: at one end of a connection nobody would notice."""

    def kinds(labels: dict) -> set[tuple]:
        names = ("app.kubernetes.io/name", "app.kubernetes.io/component", "tier", "component")
        return {tuple(p["metadata"]["labels"].get(n) for n in names) for p in selected(labels, manifests)}

    for policy in manifests.of("NetworkPolicy"):
        rules = [*(policy["spec"].get("ingress") or []), *(policy["spec"].get("egress") or [])]
        peers = [peer for rule in rules for peer in [*rule.get("from", []), *rule.get("to", [])]]
        labels = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
        if "default-deny" not in policy["metadata"]["name"]:
            labels.append(policy["spec"]["podSelector"]["matchLabels"])
        for each in labels:
            assert "kubernetes_pod_operator" in each or len(kinds(each)) == 1, (policy["metadata"]["name"], each)


def test_the_port_a_service_leads_to_is_the_one_that_the_policies_open(manifests):
    """A Service leads to a port of the container by its name; policies and programs know its number."""
    policies = [d["spec"] for d in manifests.of("NetworkPolicy") if d["spec"].get("ingress")]
    checked = 0
    for service in manifests.of("Service"):
        for pod in selected(service["spec"]["selector"], manifests):
            labels = pod["metadata"]["labels"].items()
            mine = [p for p in policies if p["podSelector"].get("matchLabels", {}).items() <= labels]
            opened = {port["port"] for p in mine for rule in p["ingress"] for port in rule.get("ports", [])}
            declared = [port for c in pod["spec"]["containers"] for port in c.get("ports") or []]
            for port in service["spec"]["ports"]:
                protocol, target = port.get("protocol", "TCP"), port.get("targetPort", port["port"])
                led_to = {
                    (each.get("protocol", "TCP"), each["containerPort"])
                    for each in declared
                    if target in (each.get("name"), each["containerPort"])
                }
                assert {number for _, number in led_to} & opened, (service["metadata"]["name"], port)
                assert protocol in {found for found, _ in led_to}, (service["metadata"]["name"], port)
                checked += 1
    assert checked >= 8
