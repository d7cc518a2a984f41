"""Assets tell other DAGs that a whole run succeeded, not that one of its targets did."""

import pytest

PROJECT = """\
name: shop
since: 2024-01-01
datasets:
  orders: &orders
    source: {kind: parquet, path: orders.parquet}
    timestamp: at
    window: 10d
    columns: {at: {type: timestamp}, x: {type: number}, late: {type: integer}, never: {type: integer}}
  returns:
    <<: *orders
    checks: [{check: rows, min: 200}]
models:
  first: &model
    dataset: orders
    label: late
    columns: [x]
    window: 10d
    test: 2d
    estimator: {class: sklearn.naive_bayes.GaussianNB}
    gate: {above: 0.7}
    register: {name: shop_first}
  second:
    <<: *model
    gate: {above: 0.9999}
    register: {name: shop_second}
training: {schedule: null, retries: 0}
"""


@pytest.fixture
def project(shop):
    """Two datasets that pass, a model that is good enough and one that is not."""
    return shop(PROJECT)


def change(project, old, new):
    file = project / "maestro.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_validated_is_announced_once_and_only_when_every_dataset_has_passed(project, run):
    change(project, "min: 200", "min: 300")
    seen = run("data_validation_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["state"] == "failed"
    assert seen["tasks"] == {"validate[0]": "success", "validate[1]": "failed", "validated[-1]": "upstream_failed"}
    assert seen["events"] == []
    change(project, "min: 300", "min: 200")
    seen = run("data_validation_pipeline", "2024-01-11T06:00:00+00:00")
    assert (seen["state"], seen["events"]) == ("success", ["shop_validated"])


def test_a_rejected_model_does_not_hold_up_the_announcement_of_the_registered_one(project, run):
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["model.register[1]"] == "skipped"
    assert (seen["state"], seen["events"]) == ("success", ["shop_registered"])


def test_nothing_is_announced_where_every_model_is_rejected(project, run):
    change(project, "{above: 0.7}", "{above: 0.9999}")
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["registered[-1]"] == "skipped"
    assert (seen["state"], seen["events"]) == ("success", [])


def test_nothing_is_announced_where_a_model_fails(project, run):
    change(project, "    gate: {above: 0.9999}", "    label: never")
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["model.register[0]"] == "success"
    assert seen["tasks"]["registered[-1]"] == "upstream_failed"
    assert (seen["state"], seen["events"]) == ("failed", [])
