"""`maestro doctor` looks at the feature store and at Kubernetes."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from maestro_ml.core.errors import MaestroError
from maestro_ml.doctor.features import feature_health
from maestro_ml.doctor.kubernetes import kubernetes_health
from maestro_ml.doctor.machine import clock_health
from maestro_ml.doctor.project import store_health
from maestro_ml.project import load_project

PROJECT = """\
name: shop
datasets:
  orders: {source: {kind: parquet, path: orders.parquet}}
execution: {mode: kubernetes, image: shop:1, namespace: shop-training, service_account: shop}
"""
LOCAL = PROJECT.partition("execution")[0]


class Api(BaseHTTPRequestHandler):
    """A stand-in for the part of the Kubernetes API that says what an account may do, and tries a pod.

    Attributes:
        denied: what the account may not do.
        missing: the message with which it refuses a pod; none where it would take one.
    """

    denied: frozenset[str] = frozenset()
    missing: str = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.get("kind") == "SelfSubjectAccessReview" or "resourceAttributes" in asked["spec"]:
            attributes = asked["spec"]["resourceAttributes"]
            assert attributes["namespace"] == "shop-training"
            allowed = f"{attributes['verb']} {attributes['resource']}" not in self.denied
            self.answer(201, {**asked, "status": {"allowed": allowed}})
        else:
            assert self.path == "/api/v1/namespaces/shop-training/pods?dryRun=All"  # nothing is created
            status = 404 if "namespaces" in self.missing else 403 if self.missing else 201
            self.answer(status, {"kind": "Status", "message": self.missing} if self.missing else asked)

    def answer(self, status: int, document: dict[str, object]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        name = {"name": "here"}
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "here", "users": [{**name, "user": {}}]}
        config["clusters"] = [{**name, "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}]
        config["contexts"] = [{**name, "context": {"cluster": "here", "user": "here"}}]
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "kubeconfig"))
        yield
        server.shutdown()
        thread.join()


def loaded(folder: Path, text: str = PROJECT):
    (folder / "maestro.yaml").write_text(text)
    return load_project(folder, {})


def test_the_rights_to_start_pods_pass(cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Api, "denied", frozenset())
    [found] = kubernetes_health(loaded(tmp_path))
    assert (found.level, found.found) == (
        "pass",
        "this account may start and watch pods in the namespace shop-training",
    )


def test_a_right_that_is_missing_fails_with_its_name(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Api, "denied", frozenset({"create pods"}))
    [found] = kubernetes_health(loaded(tmp_path))
    assert (found.level, found.found) == ("fail", "this account may not create pods in the namespace shop-training")
    assert "kubectl auth can-i --list -n shop-training" in found.remedy


@pytest.mark.parametrize(
    ("message", "found", "remedy"),
    [
        (
            'namespaces "shop-training" not found',
            "there is no namespace shop-training",
            "kubectl create namespace shop-training",
        ),
        (
            'pods "maestro-doctor-x" is forbidden: error looking up service account shop-training/shop: '
            'serviceaccount "shop" not found',
            "there is no service account shop in the namespace shop-training",
            "kubectl create serviceaccount shop -n shop-training",
        ),
    ],
)
def test_what_a_pod_lacks_fails_with_the_command_that_makes_it(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, found: str, remedy: str
) -> None:
    monkeypatch.setattr(Api, "missing", message)
    [health] = kubernetes_health(loaded(tmp_path))
    assert (health.level, health.found, health.remedy) == ("fail", found, remedy)


def test_a_pod_that_a_quota_refuses_is_not_judged(
    cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Api, "missing", "must specify limits.memory")
    assert [health.level for health in kubernetes_health(loaded(tmp_path))] == ["pass"]


def test_without_a_cluster_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    [found] = kubernetes_health(loaded(tmp_path))
    assert (found.level, found.found) == ("fail", "there is neither a service account nor a kubeconfig here")


def test_steps_in_the_task_need_no_cluster(tmp_path: Path) -> None:
    assert list(kubernetes_health(loaded(tmp_path, LOCAL))) == []


def test_a_clock_is_compared_with_that_of_a_remote_store(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    project = loaded(tmp_path, LOCAL + "store: memory://runs\n")
    found = {health.what: health for health in store_health(project)}
    assert (found["clock"].level, found["clock"].found) == ("pass", "that of the run store")
    assert clock_health(datetime(2001, 1, 1, tzinfo=UTC), "the run store").level == "warn"


def test_the_parts_of_the_feature_store_are_lines_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "feature_repo").mkdir()
    settings = {
        "project": "shop",
        "provider": "local",
        "registry": "registry.db",
        "entity_key_serialization_version": 3,
    }
    settings["online_store"] = {"type": "sqlite", "path": "online.db"}
    (tmp_path / "feature_repo/feature_store.yaml").write_text(yaml.safe_dump(settings))
    project = loaded(tmp_path, LOCAL + "features: {}\n")
    registry, online = feature_health(project, tmp_path, {})
    assert (registry.level, registry.remedy) == ("warn", f"maestro run check_features --project {tmp_path}")
    assert (online.what, online.level) == ("online store", "pass")
    broken = loaded(tmp_path, LOCAL + "features: {online_store: {type: nosuch}}\n")
    for health in feature_health(broken, tmp_path, {}):
        assert (health.level, "`features` in maestro.yaml" in health.remedy) == ("fail", True)


def test_an_online_store_that_is_down_is_started_or_named(tmp_path: Path) -> None:
    from maestro_ml.doctor.features import _remedy

    here = MaestroError(
        "writing a row to the redis online store failed: 111 connecting to 127.0.0.1:9. Connection refused."
    )
    remedy = _remedy("online_store", "FEAST_ONLINE_STORE", {"FEAST_ONLINE_STORE": "127.0.0.1:9"})
    assert remedy(here) == "redis-server --port 9"
    assert remedy(MaestroError("no host has this name")) == "export FEAST_ONLINE_STORE=ADDRESS, the one that it has"
