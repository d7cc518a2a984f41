"""The pages in Airflow: behind its login, and nothing is imported before the first request."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from maestro_ml.airflow import current_project, web_view

PROJECT = "name: shop\ndatasets: {orders: {source: {kind: parquet, path: orders.parquet}}}\n"


class Managers:
    """An auth manager that knows one user, who may or may not read DAGs."""

    def __init__(self, allowed: bool) -> None:
        self.allowed, self.asked = allowed, list[dict[str, Any]]()

    def is_authorized_dag(self, **details: Any) -> bool:
        self.asked.append(details)
        return self.allowed


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> TestClient:
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    monkeypatch.setenv("MAESTRO_PROJECT", str(tmp_path))
    current_project.project_at.cache_clear()
    outer = Starlette()
    outer.mount(web_view.PREFIX, web_view.LazyApp())
    return TestClient(outer)


def signed_in(monkeypatch: pytest.MonkeyPatch, allowed: bool) -> Managers:
    from airflow.api_fastapi import app
    from airflow.api_fastapi.core_api import security

    managers = Managers(allowed)

    async def user_of(_: str | None) -> str:
        return "ann"

    monkeypatch.setattr(security, "resolve_user_from_token", user_of)
    monkeypatch.setattr(app, "get_auth_manager", lambda: managers)
    return managers


def test_nobody_sees_a_page_without_a_login(client: TestClient) -> None:
    for path in ("/maestro/", "/maestro/datasets/orders", "/maestro/files/cli/one/validate/orders/report.html"):
        assert client.get(path).status_code == 401


def test_who_may_read_dags_sees_the_pages(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    managers = signed_in(monkeypatch, allowed=True)
    answer = client.get("/maestro/datasets/orders?dag_id=mine")
    assert answer.status_code == 200
    assert "not been validated yet" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert managers.asked == [{"method": "GET", "user": "ann"}]


def test_who_may_not_read_dags_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, allowed=False)
    assert client.get("/maestro/?dag_id=mine").status_code == 403


def test_only_get_is_answered(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, allowed=True)
    assert client.post("/maestro/").status_code == 405
    assert client.get("/maestro/..%2f..%2fetc/passwd").status_code == 404


def test_a_project_that_cannot_be_loaded_is_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch, allowed=True)
    monkeypatch.delenv("MAESTRO_PROJECT")
    answer = client.get("/maestro/")
    assert (answer.status_code, "MAESTRO_PROJECT" in answer.text) == (503, True)


def test_loading_the_plugin_imports_no_web_framework() -> None:
    program = "import sys, maestro_ml.airflow.web_view; assert not {'fastapi', 'jinja2', 'fsspec'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
