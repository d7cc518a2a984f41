"""Airflow's REST API through a forwarded port, patient with servers that are being replaced."""

import time
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from harness.forward import Forward

FINAL = {"success", "failed"}


class AirflowApi:
    """Logs in with the first call; a lost connection or an expired token is fixed once a second, up to `patience`."""

    def __init__(self, forward: Forward, username: str, password: str, patience: float = 120) -> None:
        self._forward, self._login, self.patience = forward, {"username": username, "password": password}, patience
        self._client = httpx.Client(timeout=60, trust_env=False)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
        """Raise httpx.HTTPStatusError for an answer of 400 or more that patience does not fix."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                if "Authorization" not in self._client.headers:
                    token = self._send("POST", "/auth/token", self._login).json()["access_token"]
                    self._client.headers["Authorization"] = f"Bearer {token}"
                answer = self._send(method, f"/api/v2{path}", body, parameters)
                return dict(answer.json()) if answer.content else {}
            except (httpx.TransportError, ConnectionError, httpx.HTTPStatusError) as error:
                status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
                if (status is not None and status < 500 and status != 429) or time.monotonic() > deadline:
                    raise
                time.sleep(1)
                if status is None:
                    self._forward.reopen()

    def _send(self, method: str, path: str, body: Any = None, parameters: Any = None) -> httpx.Response:
        self._forward.open()
        return self._client.request(
            method, self._forward.url + path, json=body, params=parameters or None
        ).raise_for_status()

    def unpause(self, dags: Iterable[str]) -> None:
        """Let the DAGs run; a DAG that is not known yet is waited for."""
        for dag in dags:
            deadline = time.monotonic() + self.patience
            while self.call("GET", "/dags", dag_id_pattern=dag)["total_entries"] < 1 and time.monotonic() < deadline:
                time.sleep(2)
            self.call("PATCH", f"/dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str, run: str, end: str | None = None, **parameters: Any) -> None:
        """Trigger a run about the window that ends at `end` (ISO time), with parameters of its DAG."""
        body: dict[str, Any] = {"dag_run_id": run, "logical_date": None, "conf": parameters}
        if end:
            # One run a logical date is all a DAG may have; the window hangs on the interval.
            own = datetime.fromisoformat(end) + timedelta(milliseconds=zlib.crc32(run.encode()) % 86_400_000)
            body |= {"logical_date": own.isoformat(), "data_interval_start": end, "data_interval_end": end}
        try:
            self.call("POST", f"/dags/{dag}/dagRuns", body)
        except httpx.HTTPStatusError as error:
            # An earlier try arrived although its answer was lost.
            if error.response.status_code != 409:
                raise

    def run(self, dag: str, run: str) -> dict[str, Any]:
        return self.call("GET", f"/dags/{dag}/dagRuns/{quote(run)}")

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"/dags/{dag}/dagRuns/{quote(run)}/taskInstances", limit=100)["task_instances"])

    def finished(self, dag: str, run: str, seconds: float = 900) -> dict[str, Any]:
        """Return the run when it has ended, whatever the end.

        Raises:
            AssertionError: it has not ended in time; the message holds the state of its tasks.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.run(dag, run)
            if found["state"] in FINAL:
                return found
            time.sleep(2)
        raise AssertionError(f"{dag} {run} is {found['state']} after {seconds:.0f} s: {self.states(dag, run)}")

    def states(self, dag: str, run: str) -> dict[str, str]:
        """Return the state of each task, `task` or `task[index]`."""
        return {label(task): str(task["state"]) for task in self.tasks(dag, run)}

    def log(self, dag: str, run: str, task: dict[str, Any]) -> str:
        """Return the log of a task's last try."""
        path = f"/dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        content = self.call("GET", path, map_index=task["map_index"])["content"]
        return "\n".join(str(line.get("event", line)) if isinstance(line, dict) else str(line) for line in content)


def label(task: dict[str, Any]) -> str:
    index = task["map_index"]
    return str(task["task_id"]) if index < 0 else f"{task['task_id']}[{index}]"
