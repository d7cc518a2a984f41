"""Sends every metric that Airflow lists, and those of the pipelines, through Airflow's own logger.

Run with the `[metrics]` settings of the chart as environment variables. Prints the names that must come of it."""

import datetime
from pathlib import Path

import yaml
from airflow._shared.observability import metrics
from airflow.observability.metrics.statsd_logger import get_statsd_logger

from maestro_ml.observability.metrics import CATALOGUE, COUNTERS, ORIGIN

DROPPED = "dag_processing.processes"
DAG_RUN = {"dagrun.duration.success", "dagrun.duration.failed"}

stats = get_statsd_logger()
expected = set()
for metric in yaml.safe_load(Path(metrics.__file__).with_name("metrics_template.yaml").read_text())["metrics"]:
    variables = {name: f"some_{name}" for name in metric["name_variables"]}
    name = metric["name"].format(**variables)
    tags = {**variables, "dag_id": "some.dag", "task_id": "group.task", "run_id": "scheduled__2026"}
    match metric["type"]:
        case "counter" if name == DROPPED:
            stats.decr(name, 1, tags=tags)
            continue
        case "counter":
            stats.incr(name, 1, tags=tags)
        case "gauge":
            stats.gauge(name, 4, tags=tags)
        case "timer":
            stats.timing(name, datetime.timedelta(seconds=90), tags=tags)
    expected.add(
        "airflow_dag_run_duration" if name in DAG_RUN else f"airflow_{name}".replace(".", "_").replace("-", "_")
    )

for gauge in CATALOGUE:
    stats.gauge(gauge.name, 0.25, tags={label: f"some_{label}" for label in (*gauge.labels, *ORIGIN)})
    expected.add(gauge.name.replace(".", "_"))

for counter in COUNTERS:
    stats.incr(counter.name, 1, tags={label: f"some_{label}" for label in counter.labels})
    expected.add(f"airflow_{counter.name}".replace(".", "_"))

print("\n".join(sorted(expected)))
