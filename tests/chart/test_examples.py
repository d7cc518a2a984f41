"""The example of every common case renders, is valid, does what it says, and stands in the documentation."""

import functools
import subprocess

import pytest
import yaml
from composition import CUSTOM_APIS, ENVIRONMENTS, HELM, KUBERNETES_VERSIONS, ROOT
from manifests import Manifests, identity, load
from pod_security import violations
from rendered_settings import addresses, service_ports
from schema_errors import errors

EXAMPLES = sorted(path.stem for path in (ROOT / "ci/examples").glob("*.yaml"))
PAGE = ROOT / "docs/chart/examples.md"
# Those that pages of their own describe.
FURTHER = {
    "kubernetes-executor-values": "docs/chart/executors.md",
    "own-project-values": "docs/own-project-on-the-cluster.md",
}


@functools.cache
def rendered(name: str, kubernetes: str = KUBERNETES_VERSIONS[-1], release: str = "maestro") -> Manifests:
    folder = "ci" if name in FURTHER else "ci/examples"
    files = [*ENVIRONMENTS["prod"], *([f"{folder}/{name}.yaml"] if name else [])]
    apis = [part for api in CUSTOM_APIS for part in ("--api-versions", api)]
    flags = [part for file in files for part in ("-f", file)]
    command = [HELM, "template", release, ".", "--namespace", "ml", "--kube-version", kubernetes, *apis, *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return load(done.stdout)


def leaves(values: dict, path: tuple = ()) -> list[tuple]:
    found = []
    for key, value in values.items():
        found += leaves(value, (*path, key)) if isinstance(value, dict) and value else [(*path, key)]
    return found


# What is between is held by test_schemas.py.
@pytest.mark.parametrize("kubernetes", [KUBERNETES_VERSIONS[0], KUBERNETES_VERSIONS[-1]])
@pytest.mark.parametrize("name", [*EXAMPLES, *FURTHER])
def test_an_example_is_valid(composition, name, kubernetes):
    assert list(errors(rendered(name, kubernetes), kubernetes)) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_changes_what_is_installed_and_stays_restricted(composition, name):
    assert rendered(name) != rendered("")
    assert {c.name: found for c in rendered(name).containers if (found := violations(c))} == {}


def test_every_example_stands_in_the_documentation_and_no_other():
    text = PAGE.read_text()
    assert {name for name in EXAMPLES if f"ci/examples/{name}.yaml" not in text} == set()
    assert text.count("(../../ci/examples/") == len(EXAMPLES)
    assert {name for name, page in FURTHER.items() if f"ci/{name}.yaml" not in (ROOT / page).read_text()} == set()


def test_no_example_holds_a_secret():
    words = ("password", "token", "secretkey", "access_key")
    for name in EXAMPLES:
        for path in leaves(yaml.safe_load((ROOT / f"ci/examples/{name}.yaml").read_text())):
            key = path[-1].lower()
            assert not any(word in key for word in words) or key.endswith(("name", "key", "secret")), path


def test_a_private_registry_serves_every_image_and_every_pod_logs_in(composition):
    manifests = rendered("private-registry")
    images = {c.spec["image"] for c in manifests.containers}
    assert {image for image in images if not image.startswith("registry.example.com/")} == set()
    without = {
        owner
        for owner, pod in manifests.pods.items()
        if {"name": "registry-login"} not in (pod["spec"].get("imagePullSecrets") or [])
    }
    assert without == set()


def test_a_gateway_takes_the_place_of_every_ingress_and_reaches_the_pods(composition):
    manifests = rendered("gateway-api")
    assert manifests.of("Ingress") == []
    routes = manifests.of("HTTPRoute")
    assert {host for route in routes for host in route["spec"]["hostnames"]} == {
        "maestro.example.com",
        "flower.example.com",
    }
    ports = service_ports(manifests)
    for route in routes:
        (gateway,) = route["spec"]["parentRefs"]
        assert gateway["sectionName"] == "https"
        for rule in route["spec"]["rules"]:
            assert {backend["port"] for backend in rule["backendRefs"]} <= ports[rule["backendRefs"][0]["name"]]
    for name in ("maestro-api-server", "maestro-flower"):
        peers = [
            peer for rule in manifests.named("NetworkPolicy", name)["spec"]["ingress"] for peer in rule.get("from", [])
        ]
        assert {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": gateway["namespace"]}}} in peers


def test_a_cloud_role_stands_at_every_account_that_reads_or_writes_a_bucket(composition):
    manifests = rendered("cloud-roles")
    annotated = {
        account["metadata"]["name"].removeprefix("maestro-")
        for account in manifests.of("ServiceAccount")
        if "eks.amazonaws.com/role-arn" in (account["metadata"].get("annotations") or {})
    }
    airflow = {"airflow-api-server", "airflow-triggerer", "airflow-worker-general", "airflow-worker-heavy"}
    assert annotated == {*airflow, "mlflow", "postgres-backup", "training"}
    # Whoever is told of a bucket's region, and of no keys, has an account with a role.
    by_role = {
        container.pod["serviceAccountName"].removeprefix("maestro-")
        for container in manifests.containers
        if "AWS_DEFAULT_REGION" in {variable["name"] for variable in container.spec.get("env") or []}
    }
    assert by_role == {"mlflow", "postgres-backup"}


def test_with_workload_identity_every_pod_that_uses_a_bucket_reaches_the_metadata_server(composition):
    manifests = rendered("workload-identity")
    accounts = {d["metadata"]["name"] for d in manifests.of("ServiceAccount") if "annotations" in d["metadata"]}
    assert {name.removeprefix("maestro-") for name in accounts} == {
        "airflow-api-server", "airflow-triggerer", "airflow-worker-general", "airflow-worker-heavy", "training"
    }  # fmt: skip
    policies = [d for d in manifests.of("NetworkPolicy") if d["metadata"]["name"] == "maestro-cloud-identity"]
    assert {d["metadata"].get("namespace") for d in policies} == {None, "ml-training"}
    assert [d["spec"]["podSelector"] for d in policies] == [{}, {}]


def test_on_openshift_the_namespace_chooses_the_users_of_our_pods(composition):
    manifests = rendered("openshift")
    named = {
        owner
        for owner, pod in manifests.pods.items()
        for field in ("runAsUser", "runAsGroup", "fsGroup")
        if (pod["spec"].get("securityContext") or {}).get(field) is not None
    }
    ours = {
        owner
        for owner in manifests.pods
        if any(part in owner for part in ("postgres", "featurestore", "mlflow", "statsd"))
        and "/maestro-test-" not in owner
    }
    assert len(ours) >= 5
    assert ours & named == set()


def test_two_releases_share_a_namespace_and_no_object(composition):
    first, second = rendered(""), rendered("two-releases", release="staging")
    assert {identity(d) for d in first} & {identity(d) for d in second} == set()
    assert {host for host, _ in addresses(second)} == set()  # none of the first release's


def test_keda_scales_every_set_of_workers_and_nothing_else_does(composition):
    manifests = rendered("keda")
    targets = [d["spec"]["scaleTargetRef"]["name"] for d in manifests.of("ScaledObject")]
    workers = [d["metadata"]["name"] for d in manifests.of("Deployment") if "-worker" in d["metadata"]["name"]]
    assert sorted(targets) == sorted(workers)
    assert manifests.of("HorizontalPodAutoscaler") == []


def test_an_outside_postgresql_is_the_only_one(composition):
    manifests = rendered("external-postgresql")
    assert not [d for d in manifests.of("StatefulSet", "Service") if d["metadata"]["name"] == "maestro-postgres"]
    assert "maestro-postgres" not in {host for host, _ in addresses(manifests)}
    assert "host=db.example.com port=5432" in manifests.named("ConfigMap", "maestro-pgbouncer")["data"]["pgbouncer.ini"]


def secrets_of(node: object) -> set[str]:
    """Return names of the Secrets that a part of a pod reads."""
    if isinstance(node, list):
        return set().union(*map(secrets_of, node))
    if not isinstance(node, dict):
        return set()
    here = {node[key]["name"] for key in ("secretRef", "secretKeyRef") if key in node}
    here |= {node["secret"]["secretName"]} if "secretName" in (node.get("secret") or {}) else set()
    return here.union(*map(secrets_of, node.values()))


def test_the_operator_writes_every_secret_that_a_pod_reads(composition):
    manifests = rendered("external-secrets")
    written = {(d["metadata"].get("namespace"), d["spec"]["target"]["name"]) for d in manifests.of("ExternalSecret")}
    made = {d["metadata"]["name"] for d in manifests.of("Secret")}
    assert secrets_of(list(manifests.pods.values())) - made == {name for place, name in written if place is None}
    assert {place for place, _ in written} == {None, "ml-training"}
    assert {name for place, name in written if place} == {"maestro-environment", "maestro-ca"}
