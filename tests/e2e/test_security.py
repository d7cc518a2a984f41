"""What must not be possible in a cluster: no credentials, too few rights, secrets in the wrong places."""

import json
import re
from base64 import urlsafe_b64encode
from os import urandom

import httpx
import pytest
from harness.kubectl import Kubectl
from harness.platform import Platform
from harness.release import NAME, PIPELINES, Release

HARMLESS = {
    "selfsubjectaccessreviews.authorization.k8s.io",
    "selfsubjectrulesreviews.authorization.k8s.io",
    "selfsubjectreviews.authentication.k8s.io",
}


@pytest.mark.parametrize("path", ["/api/v2/dags", "/api/v2/connections", "/api/v2/variables"])
def test_the_api_refuses_who_has_no_credentials_or_wrong_ones(celery: Release, path: str) -> None:
    with celery.forward("airflow-api-server", 8080) as forward:
        assert httpx.get(forward.url + path, trust_env=False).status_code == 401
        forged = {"Authorization": "Bearer " + "x" * 40}
        assert httpx.get(forward.url + path, headers=forged, trust_env=False).status_code in {401, 403}
        login = {"username": "admin", "password": "wrong"}
        assert httpx.post(f"{forward.url}/auth/token", json=login, trust_env=False).status_code == 401


def test_a_viewer_sees_but_cannot_trigger(celery: Release) -> None:
    with celery.api("viewer", celery.kubectl.secret("e2e-viewer")["password"]) as api:
        assert {dag["dag_id"] for dag in api.call("GET", "/dags")["dags"]} >= set(PIPELINES)
        with pytest.raises(httpx.HTTPStatusError) as refused:
            api.trigger(PIPELINES[0], "viewer")
        assert refused.value.response.status_code == 403
        with pytest.raises(httpx.HTTPStatusError) as hidden:
            api.call("GET", "/connections")
        assert hidden.value.response.status_code == 403


def test_mlflow_and_the_feature_server_refuse_who_has_no_credentials(celery: Release) -> None:
    with celery.forward("mlflow", 5000) as forward:
        made = httpx.post(f"{forward.url}/api/2.0/mlflow/experiments/create", json={"name": "planted"}, trust_env=False)
        alias = {"name": "flights_late_at_pushback", "alias": "staging", "version": "1"}
        moved = httpx.post(f"{forward.url}/api/2.0/mlflow/registered-models/alias", json=alias, trust_env=False)
        login = celery.tasks()["MLFLOW_TRACKING_USERNAME"], celery.tasks()["MLFLOW_TRACKING_PASSWORD"]
        deleted = httpx.request(
            "DELETE", f"{forward.url}/api/2.0/mlflow/registered-models/delete", json={"name": alias["name"]},
            auth=login, trust_env=False, timeout=60,
        )  # fmt: skip
    assert (made.status_code, moved.status_code) == (401, 401)
    assert deleted.status_code in {403, 404}  # 404: no pipeline has run yet
    with celery.forward("featurestore", 6566) as forward:
        url = f"{forward.url}/get-online-features"
        assert httpx.post(url, json={"features": [], "entities": {}}, trust_env=False).status_code == 401
        shown = {"Authorization": f"Bearer {celery.tasks()['FEATURE_SERVER_TOKEN']}"}
        written = httpx.post(f"{forward.url}/write-to-online-store", json={}, headers=shown, trust_env=False)
        assert written.status_code == 403


def test_a_training_pods_account_can_do_nothing(celery: Release) -> None:
    for namespace in (celery.training, celery.kubectl):
        assert _rights(namespace, f"system:serviceaccount:{celery.training.namespace}:{NAME}-training") == {}


def test_what_starts_training_pods_cannot_read_secrets_or_enter_pods(celery: Release) -> None:
    worker = f"system:serviceaccount:{celery.namespace}:{NAME}-airflow-worker-heavy"
    rights = _rights(celery.training, worker)
    assert set(rights) == {"pods", "pods/log", "events"}
    assert _rights(celery.kubectl, worker) == {}


def test_every_namespace_enforces_the_restricted_standard(celery: Release) -> None:
    for kubectl in (celery.kubectl, celery.training):
        labels = kubectl.get("namespace", kubectl.namespace)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert not [event for event in celery.kubectl.warnings() if "violates PodSecurity" in event["message"]]


def test_no_secret_stands_in_pods_config_maps_events_or_logs(celery: Release, platform: Platform) -> None:
    places = {kind: json.dumps(celery.kubectl.get(kind)) for kind in ("pods", "configmaps", "events", "deployments")}
    places |= {f"training {kind}": json.dumps(celery.training.get(kind)) for kind in ("pods", "configmaps", "events")}
    for pod in celery.kubectl.pods():
        name = pod["metadata"]["name"]
        places[f"log of {name}"] = celery.kubectl("logs", name, "--all-containers", "--tail=-1", check=False)
    places["task logs"] = "".join(platform.store.read(key).decode() for key in platform.store.keys("logs/"))
    secrets = {f"{name}.{key}": value for name, key, value in _secrets(celery.kubectl)}
    assert len(secrets) > 10
    found = {
        f"{secret} in {place}" for secret, value in secrets.items() for place, text in places.items() if value in text
    }
    assert found == set()


def test_connections_stay_readable_when_the_fernet_key_is_rotated(celery: Release) -> None:
    name, secret = "e2e_rotated", "a-password-to-keep"
    with celery.api() as api:
        if name in {each["connection_id"] for each in api.call("GET", "/connections")["connections"]}:
            api.call("DELETE", f"/connections/{name}")
        api.call("POST", "/connections", {"connection_id": name, "conn_type": "http", "password": secret})
    old = celery.kubectl.secret("maestro-airflow")["fernet-key"]
    new = urlsafe_b64encode(urandom(32)).decode()
    before = _ciphertext(celery, name)
    # docs/chart.md, "Rotating the Fernet key"
    _set_key(celery, f"{new},{old}")
    _in_scheduler(celery, "airflow", "rotate-fernet-key")
    _set_key(celery, new)
    assert _ciphertext(celery, name) != before
    assert secret in _in_scheduler(celery, "airflow", "connections", "get", name, "--output", "json")
    with celery.api() as api:
        api.call("DELETE", f"/connections/{name}")


def _rights(kubectl: Kubectl, account: str) -> dict[str, set[str]]:
    """Return verbs by resource, without what every account may do about itself."""
    rows = kubectl("auth", "can-i", "--list", "--no-headers", f"--as={account}").splitlines()
    parsed = [(row.split()[0], row[row.rindex("[") + 1 : row.rindex("]")].split()) for row in rows if row.strip()]
    return {name: set(verbs) for name, verbs in parsed if name not in HARMLESS and not name.startswith("[")}


def _secrets(kubectl: Kubectl) -> list[tuple[str, str, str]]:
    """Return every value of every Secret that is long enough to be one.

    Helm's own records hold the chart, not secrets.
    """
    names = [each["metadata"]["name"] for each in kubectl.items("secrets") if "helm" not in each["type"]]
    pairs = [(name, key, value) for name in names for key, value in kubectl.secret(name).items()]
    public = re.compile(r"us-east-1|maestro|https?://[^@]+")  # an address may stand in an error message
    return [(*rest, value.strip()) for *rest, value in pairs if len(value) >= 8 and not public.fullmatch(value.strip())]


def _in_scheduler(release: Release, *command: str) -> str:
    return release.kubectl.exec(f"deployment/{NAME}-airflow-scheduler", *command, container="scheduler")


def _set_key(release: Release, key: str) -> None:
    patch = json.dumps({"stringData": {"fernet-key": key}})
    release.kubectl("patch", "secret", "maestro-airflow", "--patch", patch)
    for workload in (f"deployment/{NAME}-airflow-scheduler", f"deployment/{NAME}-airflow-api-server"):
        release.kubectl("rollout", "restart", workload)
        release.kubectl("rollout", "status", workload, "--timeout=10m")


def _ciphertext(release: Release, name: str) -> str:
    query = f"select password from connection where conn_id = '{name}'"
    return release.kubectl.exec(f"{NAME}-postgres-0", "psql", "-U", "postgres", "-d", "airflow", "-Atc", query)
