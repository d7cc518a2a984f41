"""All metrics, by name: every `Metric` in a module of this package is one."""

import pkgutil
from functools import cache
from importlib import import_module

from maestro_ml import metrics
from maestro_ml.metrics.metric import Metric, Task


@cache
def all_metrics() -> dict[str, Metric]:
    """Return the metrics by name, in the order of their modules and of their definitions there."""
    found = {}
    for module in pkgutil.iter_modules(metrics.__path__):
        if f"{metrics.__name__}.{module.name}" != __name__:
            contents = vars(import_module(f"{metrics.__name__}.{module.name}"))
            found.update({value.name: value for value in contents.values() if isinstance(value, Metric)})
    return found


def metric_of(name: str) -> Metric:
    """Return the metric of a name; raises KeyError if there is none."""
    return all_metrics()[name]


def metrics_of(task: Task) -> dict[str, Metric]:
    """Return the metrics of a task by name."""
    return {name: metric for name, metric in all_metrics().items() if task in metric.tasks}
