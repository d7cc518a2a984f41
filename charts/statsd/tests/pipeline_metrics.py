"""Prints the metric catalogue as the chart reads it.

python charts/statsd/tests/pipeline_metrics.py > charts/statsd/files/pipeline-metrics.yaml
"""

import yaml

from maestro_ml.observability.metrics import CATALOGUE, COUNTERS, ORIGIN

gauges = [(gauge, "gauge", gauge.name, (*gauge.labels, *ORIGIN)) for gauge in CATALOGUE]
counters = [(counter, "counter", f"airflow.{counter.name}", counter.labels) for counter in COUNTERS]
entries = [
    {
        "name": metric.name,
        "type": kind,
        "series": series.replace(".", "_"),
        "labels": list(labels),
        "help": metric.help,
    }
    for metric, kind, series, labels in gauges + counters
]
print("# From the metric catalogue, by charts/statsd/tests/pipeline_metrics.py")
print(yaml.safe_dump(entries, sort_keys=False, default_flow_style=None, width=200), end="")
