"""The API answers, and the scheduler, the DAG processor and the triggerer it knows of are healthy."""

import sys

from airflow_api import request

health = request("GET", "/api/v2/monitor/health")
sick = {
    name: part.get("status")
    for name, part in health.items()
    if isinstance(part, dict) and part.get("status") != "healthy"
}
print(health)
if sick:
    sys.exit(f"not healthy: {sick}")
