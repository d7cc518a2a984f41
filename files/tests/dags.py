"""All DAGs of the bundle are known, and nothing failed to import."""

import sys

from airflow_api import login, request

EXPECTED = {"feast_feature_materialization", "model_training_pipeline", "data_validation_pipeline", "maestro_canary"}

token = login()
errors = request("GET", "/api/v2/importErrors", token=token)["import_errors"]
known = {dag["dag_id"] for dag in request("GET", "/api/v2/dags?limit=100", token=token)["dags"]}
print(f"known: {sorted(known)}; import errors: {len(errors)}")
if errors:
    sys.exit("\n".join(f"{error['filename']}: {error['stack_trace']}" for error in errors))
if missing := EXPECTED - known:
    sys.exit(f"missing: {sorted(missing)}")
