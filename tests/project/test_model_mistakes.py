"""Mistakes in the models of maestro.yaml: the line, the key, what was found and what would be right."""

import pytest

# (text in the valid file, what it becomes, line, key, parts of the message)
MISTAKES = {
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
    "required, missing": ("    label: returned\n", "", 20, "models.returns.label", ["required, but missing"]),
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
    "a seed below zero": (
        "    label: returned",
        "    label: returned\n    split: {kind: random, seed: -1}",
        23,
        "models.returns.split.seed",
        ["0", "found -1"],
    ),
    "a seed that no generator takes": (
        "    label: returned",
        "    label: returned\n    split: {kind: random, seed: 4294967296}",
        23,
        "models.returns.split.seed",
        ["4294967296", "found 4294967296"],
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
        ["brier needs a limit: lower is better, so give `below`"],
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
    "a misspelled estimator": (
        "columns: [price]\n    register",
        "columns: [price]\n    estimator: {class: sklearn.ensemble.RandomForestClasifier}\n    register",
        24,
        "models.returns.estimator.class",
        ["the module sklearn.ensemble has no 'RandomForestClasifier'; did you mean 'RandomForestClassifier'?"],
    ),
    "an estimator of a misspelled module": (
        "columns: [price]\n    register",
        "columns: [price]\n    estimator: {class: sklearn.ensembel.RandomForestClassifier}\n    register",
        24,
        "models.returns.estimator.class",
        ["sklearn has no module 'ensembel'; did you mean 'ensemble'?"],
    ),
    "a misspelled transformer": (
        "columns: [price]\n    register",
        "columns: [price]\n    preprocessing: sklearn.preprocessing.StandardScalar\n    register",
        24,
        "models.returns.preprocessing",
        ["has no 'StandardScalar'; did you mean 'StandardScaler'?"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_one_problem_with_its_place(name, expect_one_problem):
    expect_one_problem(*MISTAKES[name])
