"""What objects say of each other: Services and pods, Secrets, ConfigMaps, claims, service accounts."""

import json

import production_secrets
import yaml
from composition import NAMESPACE, RELEASE, helm_template
from manifests import Manifests, selected


def secret_references(manifests: Manifests) -> set[tuple[str, str | None]]:
    """Return (Secret, key) for every use by a pod of the release's namespace.

    Key None where the whole Secret is used.
    """
    found = set()
    for container in manifests.containers:
        for variable in container.spec.get("env") or []:
            reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                found.add((reference["name"], reference["key"]))
        found |= {
            (source["secretRef"]["name"], None)
            for source in container.spec.get("envFrom") or []
            if "secretRef" in source
        }
    for pod in manifests.pods.values():
        for volume in pod["spec"].get("volumes") or []:
            sources = [volume, *(volume.get("projected") or {}).get("sources", [])]
            for secret in filter(None, (source.get("secret") for source in sources)):
                name = secret.get("secretName") or secret["name"]
                found |= {(name, item["key"]) for item in secret.get("items") or []} or {(name, None)}
    return found


def config_references(manifests: Manifests) -> set[str]:
    found = {
        source["configMapRef"]["name"]
        for c in manifests.containers
        for source in c.spec.get("envFrom") or []
        if "configMapRef" in source
    }
    for pod in manifests.pods.values():
        found |= {volume["configMap"]["name"] for volume in pod["spec"].get("volumes") or [] if "configMap" in volume}
    return found


def secrets(documents: list[dict]) -> dict[str, set[str]]:
    return {
        d["metadata"]["name"]: set(d.get("data") or {}) | set(d.get("stringData") or {})
        for d in documents
        if d["kind"] == "Secret"
    }


def dangling(manifests: Manifests, existing: dict[str, set[str]]) -> set[tuple[str, str | None]]:
    return {
        (name, key)
        for name, key in secret_references(manifests)
        if name not in existing or (key and key not in existing[name])
    }


def test_on_a_laptop_every_secret_is_rendered(minikube):
    assert dangling(minikube, secrets(minikube)) == set()


def test_in_production_every_secret_is_declared_external(prod):
    assert dangling(prod, production_secrets.keys()) == set()


def test_in_production_no_secret_is_rendered(prod):
    assert prod.of("Secret") == []


def test_every_declared_secret_is_used(prod):
    # The environment's Secret is a whole; the training pods use it too.
    assert set(production_secrets.keys()) == {name for name, _ in secret_references(prod)}


def test_a_secret_nobody_makes_is_found(minikube):
    assert dangling(minikube, {}) == secret_references(minikube)


def test_every_config_map_exists(manifests):
    assert config_references(manifests) <= {d["metadata"]["name"] for d in manifests.of("ConfigMap")}


def test_every_service_account_exists(manifests):
    used = {pod["spec"]["serviceAccountName"] for pod in manifests.pods.values()}
    assert used <= {d["metadata"]["name"] for d in manifests.of("ServiceAccount")}


def test_every_claim_exists(manifests):
    used = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in manifests.pods.values()
        for volume in pod["spec"].get("volumes") or []
        if "persistentVolumeClaim" in volume
    }
    assert used <= {d["metadata"]["name"] for d in manifests.of("PersistentVolumeClaim")}


def test_every_service_selects_a_pod_that_has_its_port(manifests):
    lost = []
    for service in manifests.of("Service"):
        ports = [
            port
            for pod in selected(service["spec"]["selector"], manifests)
            for c in pod["spec"]["containers"]
            for port in c.get("ports") or []
        ]
        reachable = {port["containerPort"] for port in ports} | {port.get("name") for port in ports}
        lost += [
            (service["metadata"]["name"], p)
            for p in service["spec"]["ports"]
            if p.get("targetPort", p["port"]) not in reachable
        ]
    assert lost == []


def test_no_two_deployments_select_the_same_pods(manifests):
    for workload in manifests.of("Deployment", "StatefulSet"):
        mine = selected(workload["spec"]["selector"]["matchLabels"], manifests)
        assert len(mine) == 1, f"{workload['metadata']['name']} selects the pods of {len(mine)} workloads"


def test_every_disruption_budget_guards_a_pod(prod):
    budgets = prod.of("PodDisruptionBudget")
    assert {b["metadata"]["name"] for b in budgets if not selected(b["spec"]["selector"]["matchLabels"], prod)} == set()
    assert len(budgets) >= 5


def test_every_network_policy_names_pods_that_exist(manifests):
    # The pods of training are started later, by Airflow.
    policies = [
        document
        for document in manifests.of("NetworkPolicy")
        if "kubernetes_pod_operator" not in document["spec"]["podSelector"]["matchLabels"]
    ]
    assert len(policies) >= 8
    assert [
        d["metadata"]["name"]
        for d in policies
        if not selected(d["spec"]["podSelector"].get("matchLabels", {}), manifests)
    ] == []


def test_every_pod_is_under_a_default_deny(manifests):
    denying = [
        d["spec"]["podSelector"]["matchLabels"]
        for d in manifests.of("NetworkPolicy")
        if "default-deny" in d["metadata"]["name"]
    ]
    free = [
        owner
        for owner, pod in manifests.pods.items()
        if not any(s.items() <= pod["metadata"]["labels"].items() for s in denying)
    ]
    assert free == []


def test_the_environment_names_services_of_the_release(manifests):
    services = {d["metadata"]["name"] for d in manifests.of("Service")}
    environment = manifests.named("ConfigMap", f"{RELEASE}-environment")["data"]
    host = environment["MLFLOW_TRACKING_URI"].removeprefix("http://").split(":")[0]
    assert host in {f"{service}.{NAMESPACE}" for service in services}
    cfg = manifests.named("ConfigMap", f"{RELEASE}-airflow-config")["data"]["airflow.cfg"]
    assert f"statsd_host = {RELEASE}-statsd\n" in cfg
    assert f"{RELEASE}-statsd" in services


def test_the_bundle_is_what_the_package_ships(manifests):
    cfg = manifests.named("ConfigMap", f"{RELEASE}-airflow-config")["data"]["airflow.cfg"]
    line = next(line for line in cfg.splitlines() if line.startswith("dag_bundle_config_list"))
    assert json.loads(line.split(" = ", 1)[1]) == [
        {"name": "maestro", "classpath": "maestro_ml.airflow.bundle.MaestroDagBundle", "kwargs": {}}
    ]


def test_the_notes_of_the_environment_are_no_secret(prod):
    maps = [d for d in prod.of("ConfigMap") if d["metadata"]["name"].endswith("-environment")]
    text = yaml.safe_dump(maps).lower()
    assert len(maps) == 2
    assert "password=" not in text
    assert "://airflow:" not in yaml.safe_dump(prod.of("ConfigMap")).lower()


def test_a_role_of_the_cloud_needs_no_secret_of_keys():
    files = ("values/prod.yaml", "ci/prod-values.yaml", "ci/examples/cloud-roles.yaml")
    result = helm_template(*(part for file in files for part in ("-f", file)))
    assert result.returncode == 0, result.stderr
    assert "AWS_SECRET_ACCESS_KEY" not in result.stdout
