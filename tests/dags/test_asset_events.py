"""Assets tell other DAGs that a whole run succeeded, not that one of its targets did."""

from datetime import date

import pytest
import small_projects
import yaml

COLUMNS = {"x": "number", "late": "integer", "never": "integer"}
PROJECT = small_projects.project(
    "shop",
    {
        "orders": small_projects.table("orders", COLUMNS),
        "returns": small_projects.table("orders", COLUMNS, checks=[{"check": "rows", "min": 200}]),
    },
    {
        "first": small_projects.model("orders", "late", "x", "shop_first"),
        "second": small_projects.model("orders", "late", "x", "shop_second", gate={"above": 0.9999}),
    },
    since=date(2024, 1, 1),
    training={"schedule": None, "retries": 0},
)


@pytest.fixture
def project(shop):
    """Make two datasets that pass, a model that is good enough and one that is not."""
    return shop(PROJECT)


def change(project, kind, name, **keys):
    file = project / "maestro.yaml"
    document = yaml.safe_load(file.read_text())
    document[kind][name] |= keys
    file.write_text(yaml.safe_dump(document))


def test_validated_is_announced_once_and_only_when_every_dataset_has_passed(project, run):
    change(project, "datasets", "returns", checks=[{"check": "rows", "min": 300}])
    seen = run("data_validation_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["state"] == "failed"
    assert seen["tasks"] == {"validate[0]": "success", "validate[1]": "failed", "validated[-1]": "upstream_failed"}
    assert seen["events"] == []
    change(project, "datasets", "returns", checks=[{"check": "rows", "min": 200}])
    seen = run("data_validation_pipeline", "2024-01-11T06:00:00+00:00")
    assert (seen["state"], seen["events"]) == ("success", ["shop_validated"])


def test_a_rejected_model_does_not_hold_up_the_announcement_of_the_registered_one(project, run):
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["model.register[1]"] == "skipped"
    assert (seen["state"], seen["events"]) == ("success", ["shop_registered"])


def test_nothing_is_announced_where_every_model_is_rejected(project, run):
    change(project, "models", "first", gate={"above": 0.9999})
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["registered[-1]"] == "skipped"
    assert (seen["state"], seen["events"]) == ("success", [])


def test_nothing_is_announced_where_a_model_fails(project, run):
    change(project, "models", "second", label="never")
    seen = run("model_training_pipeline", "2024-01-11T00:00:00+00:00")
    assert seen["tasks"]["model.register[0]"] == "success"
    assert seen["tasks"]["registered[-1]"] == "upstream_failed"
    assert (seen["state"], seen["events"]) == ("failed", [])
