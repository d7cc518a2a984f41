"""One run of a DAG about the window that ends at a time; a run of an earlier call is cleared and runs again.

python3 scripts/run_dag.py DAG END TIMEOUT_SECONDS, with files/tests on PYTHONPATH and AIRFLOW_* in the environment.
"""

import sys
import time
import urllib.error

from airflow_api import login, request

dag, end, timeout = sys.argv[1], sys.argv[2], float(sys.argv[3])
began, run = time.monotonic(), f"validate-{end[:10]}"
path = f"/api/v2/dags/{dag}/dagRuns"
token = login()
request("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False}, token=token)
window = {"logical_date": end, "data_interval_start": end, "data_interval_end": end}
try:
    request("POST", path, {"dag_run_id": run, **window}, token=token)
except urllib.error.HTTPError as error:
    if error.code != 409:
        raise
    # Somebody's run of the same date, whatever its name.
    same = request("GET", f"{path}?logical_date_gte={end}&logical_date_lte={end}", token=token)["dag_runs"]
    run = same[0]["dag_run_id"] if same else run
    request("POST", f"{path}/{run}/clear", {"dry_run": False, "only_failed": False}, token=token)
state = "queued"
while state not in {"success", "failed"} and time.monotonic() - began < timeout:
    time.sleep(3)
    state = request("GET", f"{path}/{run}", token=token)["state"]
print(f"{dag} {run}: {state}")
sys.exit(state != "success")
