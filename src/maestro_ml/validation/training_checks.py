"""Which of a dataset's checks apply to the rows a model learns from, in the model's own window."""

from math import ceil

from maestro_ml.checks.base import Check, TolerantCheck
from maestro_ml.project import Project, Window
from maestro_ml.project.datasets import Dataset
from maestro_ml.project.models import Model


def for_training(project: Project, model: Model, window: Window) -> Project:
    """Return the project with those checks of the model's dataset that hold in a window of another length.

    Every check of rows stays. Row counts, their history and that of null rates are left out, drift and anomalies too;
    a `max_count` grows with the window. An integer label may be stored as doubles, as pandas does where some are
    missing: whether they are 0 and 1 is looked at before.
    """
    name, spec = model.dataset, project.datasets[model.dataset]
    factor = window.length / spec.window
    checks = tuple(_scaled(check, factor) for check in spec.checks if not check.needs_own_length)
    label = spec.column(model.label)
    stored = {model.label: label.model_copy(update={"type": "number"})} if label and label.type == "integer" else {}
    changes = {
        "columns": {**spec.columns, **stored},
        "checks": checks,
        "reference": None,
        "drift": None,
        "anomalies": None,
    }
    datasets: dict[str, Dataset] = {**project.datasets, name: spec.model_copy(update=changes)}
    return project.model_copy(update={"datasets": datasets})


def _scaled(check: Check, factor: float) -> Check:
    if factor <= 1 or not isinstance(check, TolerantCheck) or check.max_count is None:
        return check
    return check.model_copy(update={"max_count": ceil(check.max_count * factor)})
