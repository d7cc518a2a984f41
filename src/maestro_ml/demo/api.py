"""A client of Airflow's REST API, for what the demo needs."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from maestro_ml.demo.environment import DemoAirflow
from maestro_ml.demo.processes import DemoError


class Api:
    """A client that logs in once the server is ready."""

    def __init__(self, airflow: DemoAirflow) -> None:
        self._airflow = airflow
        self._client = httpx.Client(base_url=airflow.url, timeout=30, trust_env=False)

    def wait_until_ready(self, dags: set[str], check: Callable[[], None], timeout: float = 180) -> None:
        """Wait until all components are healthy and the DAGs are known.

        Raises:
            DemoError: a DAG file has an import error, or it took too long.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            check()
            if self._healthy() and dags <= {dag["dag_id"] for dag in self.get("/dags")["dags"]}:
                return
            time.sleep(0.5)
        raise DemoError(f"Airflow was not ready after {timeout:.0f} s: {self._problem(dags)}")

    def _problem(self, dags: set[str]) -> str:
        if not self._healthy():
            return "a component is not healthy"
        errors = self.get("/importErrors")["import_errors"]
        if errors:
            return "\n".join(f"{error['filename']}: {error['stack_trace']}" for error in errors)
        return f"the DAGs {', '.join(sorted(dags))} are not all known"

    def _healthy(self) -> bool:
        try:
            health = self._client.get("/api/v2/monitor/health").json()
        except (httpx.TransportError, ValueError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        if any(health.get(part, {}).get("status") != "healthy" for part in parts):
            return False
        if "Authorization" not in self._client.headers:
            login = {"username": "admin", "password": self._airflow.password()}
            token = self._client.post("/auth/token", json=login).raise_for_status().json()["access_token"]
            self._client.headers["Authorization"] = f"Bearer {token}"
        return True

    def get(self, path: str) -> dict[str, Any]:
        """Send a GET request and return the response's JSON."""
        return self._checked(self._client.get(f"/api/v2{path}"))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send a POST request and return the response's JSON."""
        return self._checked(self._client.post(f"/api/v2{path}", json=body))

    def ensure_pool(self, name: str) -> None:
        """Create the pool with one slot, if it does not exist."""
        if name not in {pool["name"] for pool in self.get("/pools")["pools"]}:
            self.post("/pools", {"name": name, "slots": 1, "description": "one writer at a time"})

    def start_run(self, dag: str, run: str, end: datetime) -> None:
        """Trigger the run, or run it again if it is there already."""
        interval = end.isoformat()
        if run in {each["dag_run_id"] for each in self.get(f"/dags/{dag}/dagRuns")["dag_runs"]}:
            self.post(f"/dags/{dag}/dagRuns/{run}/clear", {"dry_run": False, "only_failed": False})
            return
        body = {
            "dag_run_id": run,
            "logical_date": interval,
            "data_interval_start": interval,
            "data_interval_end": interval,
            "note": "maestro demo",
        }
        self.post(f"/dags/{dag}/dagRuns", body)

    def run(self, dag: str, run: str) -> dict[str, Any]:
        """Return a DAG run."""
        return self.get(f"/dags/{dag}/dagRuns/{run}")

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """Return the task instances of a DAG run."""
        return list(self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"])

    @staticmethod
    def _checked(response: httpx.Response) -> dict[str, Any]:
        if response.is_error:
            raise DemoError(f"Airflow's API answered {response.status_code} to {response.request.url}: {response.text}")
        return dict(response.json())
