"""A run of the canary DAG, triggered through the API, succeeds: everything a task needs works together."""

import os
import sys
import time
import urllib.parse

from airflow_api import login, request

deadline = time.monotonic() + int(os.environ["CANARY_TIMEOUT_SECONDS"])
token = login()
request("PATCH", "/api/v2/dags/maestro_canary", {"is_paused": False}, token=token)
run = request("POST", "/api/v2/dags/maestro_canary/dagRuns", {"logical_date": None}, token=token)["dag_run_id"]
path = f"/api/v2/dags/maestro_canary/dagRuns/{urllib.parse.quote(run)}"
state = "queued"
while time.monotonic() < deadline and state not in {"success", "failed"}:
    time.sleep(3)
    state = request("GET", path, token=token)["state"]
print(f"{run}: {state}")
if state != "success":
    sys.exit(f"the canary run is {state} after {os.environ['CANARY_TIMEOUT_SECONDS']} s")
