"""`maestro doctor` looks at the feature store and at Kubernetes."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from maestro_ml.doctor.kubernetes import kubernetes_health
from maestro_ml.doctor.project import clock_health, store_health
from maestro_ml.project import load_project

PROJECT = """\
name: shop
datasets:
  orders: {source: {kind: parquet, path: orders.parquet}}
execution: {mode: kubernetes, image: shop:1, namespace: shop-training}
"""
LOCAL = PROJECT.partition("execution")[0]


class Api(BaseHTTPRequestHandler):
    """The part of the Kubernetes API that says what an account may do."""

    denied: frozenset[str] = frozenset()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        attributes = asked["spec"]["resourceAttributes"]
        assert attributes["namespace"] == "shop-training"
        allowed = f"{attributes['verb']} {attributes['resource']}" not in self.denied
        body = json.dumps({**asked, "status": {"allowed": allowed}}).encode()
        self.send_response(201)
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
    from maestro_ml.doctor.project import feature_health

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
    found = {health.what: health for health in feature_health(project)}
    assert {what: health.level for what, health in found.items()} == {"Feast registry": "pass", "online store": "pass"}
    assert "no feature view yet" in found["Feast registry"].found
    broken = loaded(tmp_path, LOCAL + "features: {online_store: {type: nosuch}}\n")
    assert [health.level for health in feature_health(broken)] == ["fail", "fail"]
