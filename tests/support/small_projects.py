"""Project files of one or two tables and of models that learn a label of theirs from one column."""

from collections.abc import Mapping
from typing import Any

import yaml

Keys = Mapping[str, Any]


def table(name: str, columns: Mapping[str, str], **keys: Any) -> dict[str, Any]:
    """Return a dataset whose rows are in `<name>.parquet`, with its columns' types beside the time `at`."""
    source = {"kind": "parquet", "path": f"{name}.parquet"}
    types = {column: {"type": type_} for column, type_ in ({"at": "timestamp"} | dict(columns)).items()}
    return {"source": source, "timestamp": "at", "window": "10d", "columns": types} | keys


def model(dataset: str, label: str, column: str, register: Keys | str, **keys: Any) -> dict[str, Any]:
    """Return a model that is fitted on eight days and tested on two, and passes above 0.7, unless `keys` differ."""
    registered = {"name": register} if isinstance(register, str) else register
    rows = {"dataset": dataset, "label": label, "columns": [column], "window": "10d", "test": "2d"}
    rest = {"estimator": {"class": "sklearn.naive_bayes.GaussianNB"}, "gate": {"above": 0.7}, "register": registered}
    return rows | rest | keys


def project(name: str, datasets: Keys, models: Keys | None = None, **keys: Any) -> str:
    """Return the text of a project file."""
    document = {"name": name, "datasets": datasets} | ({"models": models} if models else {}) | keys
    return yaml.safe_dump(document, sort_keys=False)
