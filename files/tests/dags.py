"""All DAGs of the bundle are known, and nothing failed to import; just installed, that takes a while."""

import sys
import time

from airflow_api import login, request

EXPECTED = {"feast_feature_materialization", "model_training_pipeline", "data_validation_pipeline", "maestro_canary"}

token = login()
deadline = time.monotonic() + 120
while True:
    errors = request("GET", "/api/v2/importErrors", token=token)["import_errors"]
    known = {dag["dag_id"] for dag in request("GET", "/api/v2/dags?limit=100", token=token)["dags"]}
    if (known >= EXPECTED and not errors) or time.monotonic() > deadline:
        break
    time.sleep(3)
print(f"known: {sorted(known)}; import errors: {len(errors)}")
if errors:
    sys.exit("\n".join(f"{error['filename']}: {error['stack_trace']}" for error in errors))
if missing := EXPECTED - known:
    sys.exit(f"missing: {sorted(missing)}")
