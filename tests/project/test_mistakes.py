"""Every mistake one can make in maestro.yaml: the line, the key, what was found and what would be right."""

from collections.abc import Callable

import pytest

from maestro_ml.project import Problem

# (text in the valid file, what it becomes, line, key, parts of the message)
MISTAKES = {
    "unknown key, near a known one": (
        "keys: [id]",
        "keyz: [id]",
        7,
        "datasets.orders.keyz",
        ["unknown key", "did you mean 'keys'?"],
    ),
    "unknown key, near none": ("name: shop", "name: shop\nqqq: 1", 3, "qqq", ["unknown key", "known here", "datasets"]),
    "unknown key inside a union member": (
        "min: 0}",
        "min: 0, maxx: 9}",
        15,
        "datasets.orders.checks.1.maxx",
        ["unknown key", "did you mean 'max'?"],
    ),
    "unknown key by its alias": (
        "register: {name: returns}",
        "register: {name: returns}\n    registre: {}",
        25,
        "models.returns.registre",
        ["unknown key", "did you mean 'register'?"],
    ),
    "wrong type": (
        "columns: [price]\n    register",
        "columns: price\n    register",
        23,
        "models.returns.columns",
        ["expected a list", "found 'price'"],
    ),
    "wrong literal": (
        "{type: number}",
        "{type: float}",
        11,
        "datasets.orders.columns.price.type",
        ["'number'", "found 'float'"],
    ),
    "out of range": (
        "drift: {columns: [price]}",
        "drift: {columns: [price], p_value: 2}",
        17,
        "datasets.orders.drift.p_value",
        ["less than 1", "found 2"],
    ),
    "required, missing": ("    label: returned\n", "", 20, "models.returns.label", ["required, but missing"]),
    "empty where one is needed": (
        "columns: [id]}",
        "columns: []}",
        14,
        "datasets.orders.checks.0.columns",
        ["at least 1 item"],
    ),
    "unknown source kind": ("kind: parquet", "kind: parkett", 5, "datasets.orders.source.kind", ["parquet", "parkett"]),
    "source without a kind": ("{kind: parquet, path", "{path", 5, "datasets.orders.source", ["kind", "missing"]),
    "unknown check": ("check: unique", "check: uniqe", 14, "datasets.orders.checks.0.check", ["unique", "uniqe"]),
    "check without its name": (
        "{check: unique, columns",
        "{columns",
        14,
        "datasets.orders.checks.0",
        ["check", "missing"],
    ),
    "unknown reference kind": (
        "kind: previous",
        "kind: last",
        16,
        "datasets.orders.reference.kind",
        ["previous", "last"],
    ),
    "range without bounds": (", min: 0}", "}", 15, "datasets.orders.checks.1", ["needs a bound"]),
    "range upside down": ("min: 0}", "min: 3, max: 1}", 15, "datasets.orders.checks.1", ["min 3", "above max 1"]),
    "reference upside down": (
        "{kind: previous}",
        "{kind: fixed, start: 2024-02-01, end: 2024-01-01}",
        16,
        "datasets.orders.reference",
        ["start must be before end"],
    ),
    "drift without a reference": (
        "    reference: {kind: previous}\n",
        "",
        16,
        "datasets.orders.drift",
        ["need a reference"],
    ),
    "text where drift has no test for it": (
        "drift: {columns: [price]}",
        "drift: {columns: [returned]}",
        17,
        "datasets.orders.drift.columns.0",
        ["categorical: chi_square", "'returned' is boolean"],
    ),
    "drift label that is no column": (
        "drift: {columns: [price]}",
        "drift: {labels: [return]}",
        17,
        "datasets.orders.drift.labels.0",
        ["no column 'return'", "returned"],
    ),
    "prediction that is a time": (
        "drift: {columns: [price]}",
        "drift: {predictions: [at]}",
        17,
        "datasets.orders.drift.predictions.0",
        ["'at' is timestamp"],
    ),
    "timestamp that is no column": (
        "timestamp: at",
        "timestamp: when",
        6,
        "datasets.orders.timestamp",
        ["'when'", "not among the columns"],
    ),
    "bad name": (
        "  returns:",
        "  re turns:",
        20,
        "models.re turns",
        ["a name starts with a letter", "found 're turns'"],
    ),
    "bad import path": (
        "    label: returned",
        "    label: returned\n    estimator: {class: Forest}",
        23,
        "models.returns.estimator.class",
        ["sklearn.ensemble.", "found 'Forest'"],
    ),
    "bad duration": (
        "timestamp: at",
        "timestamp: at\n    window: 30 days",
        7,
        "datasets.orders.window",
        ["7d, 12h, 30m", "found '30 days'"],
    ),
    "duration of nothing": (
        "timestamp: at",
        "timestamp: at\n    window: 0d",
        7,
        "datasets.orders.window",
        ["longer than zero"],
    ),
    "bad schedule": (
        "features: {}",
        "features: {schedule: every day}",
        18,
        "features.schedule",
        ["five cron fields", "found 'every day'"],
    ),
    "pods without an image": (
        "features: {}",
        "features: {}\nexecution: {mode: kubernetes}",
        19,
        "execution",
        ["needs an image"],
    ),
    "key that is no column": (
        "keys: [id]",
        "keys: [idd]",
        7,
        "datasets.orders.keys.0",
        ["no column 'idd'", "did you mean 'id'?"],
    ),
    "partition that is no column": (
        "path: orders.parquet",
        "path: orders.parquet, partitions: [dya]",
        5,
        "datasets.orders.source.partitions.0",
        ["no column 'dya'"],
    ),
    "partition named twice": (
        "path: orders.parquet",
        "path: orders.parquet, partitions: [id, id]",
        5,
        "datasets.orders.source.partitions",
        ["'id' is named twice"],
    ),
    "check of no column": (
        "column: price, min",
        "column: prize, min",
        15,
        "datasets.orders.checks.1.column",
        ["no column 'prize'", "did you mean 'price'?"],
    ),
    "drift of no column": (
        "drift: {columns: [price]}",
        "drift: {columns: [cost]}",
        17,
        "datasets.orders.drift.columns.0",
        ["no column 'cost'", "known: at, id"],
    ),
    "model of no dataset": (
        "dataset: orders",
        "dataset: order",
        21,
        "models.returns.dataset",
        ["no dataset 'order'", "did you mean 'orders'?"],
    ),
    "label that is no column": ("label: returned", "label: kept", 22, "models.returns.label", ["no column 'kept'"]),
    "label as its own feature": (
        "columns: [price]\n    register",
        "columns: [price, returned]\n    register",
        23,
        "models.returns.columns.1",
        ["cannot be a feature of itself"],
    ),
    "model without features": (
        "    columns: [price]\n    register",
        "    register",
        20,
        "models.returns",
        ["feature_service, columns, or both"],
    ),
    "service without features": (
        "features: {}\nmodels:\n  returns:",
        "models:\n  returns:\n    feature_service: all",
        20,
        "models.returns.feature_service",
        ["no features section"],
    ),
    "test as long as the window": (
        "label: returned",
        "label: returned\n    window: 10d\n    test: 10d",
        24,
        "models.returns.test",
        ["shorter than the window"],
    ),
    "validation of no dataset": (
        "features: {}",
        "features: {}\nvalidation: {datasets: [order]}",
        19,
        "validation.datasets.0",
        ["no dataset 'order'"],
    ),
    "a limit below a metric of which more is better": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: f1, below: 0.2}\n    register",
        24,
        "models.returns.gate.below",
        ["more f1 is better: give `above`"],
    ),
    "a limit above a metric of which less is better": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: log_loss, above: 0.2}\n    register",
        24,
        "models.returns.gate.above",
        ["less log_loss is better: give `below`"],
    ),
    "no limit for a metric of which less is better": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: brier}\n    register",
        24,
        "models.returns.gate",
        ["brier needs a limit: less is better, so give `below`"],
    ),
    "an accuracy no model can reach": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: accuracy, above: 7}\n    register",
        24,
        "models.returns.gate.above",
        ["no accuracy is above 7, so no model could ever pass; give less than 1"],
    ),
    "an error no model can reach": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: log_loss, below: 0}\n    register",
        24,
        "models.returns.gate.below",
        ["no log_loss is below 0, so no model could ever pass; give more than 0"],
    ),
    "a metric that does not exist": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: acuracy}\n    register",
        24,
        "models.returns.gate.metric",
        ["found 'acuracy'; did you mean 'accuracy'?"],
    ),
    "a metric of another task": (
        "label: returned\n    columns: [price]",
        "label: price\n    columns: [returned]\n    task: regression",
        20,
        "models.returns",
        ["the gate's metric, accuracy, does not fit the task regression; those that do: mae, rmse, r2, mape"],
    ),
    "a regression of a boolean": (
        "columns: [price]\n    register",
        "columns: [price]\n    gate: {metric: mae, below: 2}\n    register",
        22,
        "models.returns.label",
        ["a label is a number for the metric mae, and 'returned' is boolean"],
    ),
    "a positive class of numbers": (
        "label: returned\n    columns: [price]",
        "label: price\n    columns: [returned]\n    gate: {metric: r2, above: 0.5}\n    positive: 1",
        25,
        "models.returns.positive",
        ["only a binary task has a positive class, and this is regression"],
    ),
    "a column transformed twice": (
        "columns: [price]\n    register",
        "columns: [price]\n    preprocessing: [{columns: [price], steps: [{class: a.B}]}, {columns: [price], "
        "steps: [{class: a.C}]}]\n    register",
        24,
        "models.returns.preprocessing.1.columns.0",
        ["'price' is transformed twice"],
    ),
    "a transformed column that is no feature": (
        "columns: [price]\n    register",
        "columns: [price]\n    preprocessing: [{columns: [prise], steps: [{class: a.B}]}]\n    register",
        24,
        "models.returns.preprocessing.0.columns.0",
        ["no feature 'prise'; did you mean 'price'?"],
    ),
    "environment variable not set": (
        "path: orders.parquet",
        'path: "${env:DATA}/orders.parquet"',
        5,
        "datasets.orders.source.path",
        ["DATA is not set", "${env:DATA:default}"],
    ),
    "key twice": ("name: shop", "name: shop\nname: store", 3, "name", ["is given twice", "first in line 2"]),
    "key that is no text": (
        "      id:",
        "      1: {type: integer}\n      id:",
        9,
        "datasets.orders.columns",
        ["keys are text", "1"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_problem_with_its_place(
    name: str, valid: str, problems: Callable[..., list[Problem]]
) -> None:
    before, after, line, key, parts = MISTAKES[name]
    assert valid.count(before) == 1, "the mistake must be the only change"
    found = problems(valid.replace(before, after))
    assert [(p.line, p.key) for p in found] == [(line, key)], [str(p) for p in found]
    for part in parts:
        assert part in found[0].message
