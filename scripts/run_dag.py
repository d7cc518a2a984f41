"""A new run of a DAG about the window that ends at a time; other runs are left alone, and a paused DAG is paused again.

python3 scripts/run_dag.py DAG END TIMEOUT_SECONDS, with files/tests on PYTHONPATH and AIRFLOW_* in the environment.
"""

import sys
import time

from airflow_api import login, request

dag, end, timeout = sys.argv[1], sys.argv[2], float(sys.argv[3])
began, run = time.monotonic(), f"validate-{end[:10]}-{time.time_ns()}"
path = f"/api/v2/dags/{dag}"
token = login()
was_paused = request("GET", path, token=token)["is_paused"]
# No logical date: of one date there can be one run only, and it may be somebody's. The window ends when the run is due.
request("POST", f"{path}/dagRuns", {"dag_run_id": run, "logical_date": None, "run_after": end}, token=token)
request("PATCH", path, {"is_paused": False}, token=token)
try:
    state = "queued"
    while state not in {"success", "failed"} and time.monotonic() - began < timeout:
        time.sleep(3)
        state = request("GET", f"{path}/dagRuns/{run}", token=token)["state"]
finally:
    if was_paused:
        request("PATCH", path, {"is_paused": True}, token=token)
print(f"{dag} {run}: {state}")
sys.exit(state != "success")
