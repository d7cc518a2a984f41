"""The pages in Airflow: behind its login, and nothing is imported before the first request."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from maestro_ml.airflow import current_project, web_view

PROJECT = "name: shop\ndatasets: {orders: {source: {kind: parquet, path: orders.parquet}}}\n"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> TestClient:
    (tmp_path / "maestro.yaml").write_text(PROJECT)
    monkeypatch.setenv("MAESTRO_PROJECT", str(tmp_path))
    current_project.project_at.cache_clear()
    outer = Starlette()
    outer.mount(web_view.PREFIX, web_view.LazyApp())
    return TestClient(outer)


def login(role: str | None) -> dict[str, str]:
    """Return the headers of a user of Airflow's own auth manager."""
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    token = create_auth_manager().generate_jwt(SimpleAuthManagerUser(username="ann", role=role))
    return {"Authorization": f"Bearer {token}"}


def test_nobody_sees_a_page_without_a_login(client: TestClient) -> None:
    for path in ("/maestro/", "/maestro/datasets/orders", "/maestro/files/cli/one/validate/orders/report.html"):
        assert client.get(path).status_code == 401


def test_who_may_read_dags_sees_the_pages(client: TestClient, airflow_database: None) -> None:
    answer = client.get("/maestro/datasets/orders?dag_id=mine", headers=login("viewer"))
    assert answer.status_code == 200
    assert "not been validated yet" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_who_may_not_read_dags_is_refused(client: TestClient, airflow_database: None) -> None:
    assert client.get("/maestro/?dag_id=mine", headers=login(None)).status_code == 403


def test_only_get_is_answered(client: TestClient, airflow_database: None) -> None:
    assert client.post("/maestro/", headers=login("viewer")).status_code == 405
    assert client.get("/maestro/..%2f..%2fetc/passwd", headers=login("viewer")).status_code == 404


def test_a_project_that_cannot_be_loaded_is_an_error_with_its_reason(
    client: TestClient, airflow_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAESTRO_PROJECT")
    answer = client.get("/maestro/", headers=login("viewer"))
    assert (answer.status_code, "MAESTRO_PROJECT" in answer.text) == (503, True)


def test_loading_the_plugin_imports_no_web_framework() -> None:
    program = "import sys, maestro_ml.airflow.web_view; assert not {'fastapi', 'jinja2', 'fsspec'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
