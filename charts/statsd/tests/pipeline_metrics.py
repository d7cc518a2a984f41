"""Prints the metric catalogue as the chart reads it.

python charts/statsd/tests/pipeline_metrics.py > charts/statsd/files/pipeline-metrics.yaml
"""

import yaml

from maestro_ml.observability.metrics import CATALOGUE

entries = [{"name": gauge.name, "labels": list(gauge.labels), "help": gauge.help} for gauge in CATALOGUE]
print("# From the metric catalogue, by charts/statsd/tests/pipeline_metrics.py")
print(yaml.safe_dump(entries, sort_keys=False, default_flow_style=None, width=200), end="")
