"""What applying a feature repo would change, one line for each object."""

import pytest

from maestro_ml.features.plan import planned_changes
from maestro_ml.features.store import open_store
from maestro_ml.project import RequestError


def change(project, old, new):
    file = project.root / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace(old, new))


def test_everything_is_created_once_and_then_registry_and_repo_agree(project):
    planned = planned_changes(project)
    assert {"create entity driver", "create feature view driver_stats", "create feature service rides"} <= {*planned}
    assert not [line for line in planned if "__dummy" in line or not line.startswith("create ")]
    open_store(project).apply()
    assert planned_changes(project) == []


def test_a_changed_object_is_named_with_what_changed_and_a_removed_one_too(project):
    open_store(project).apply()
    change(project, 'name="driver", join', 'name="driver", tags={"team": "rides"}, join')
    change(project, 'rides = FeatureService(name="rides", features=[driver_stats])', "")
    assert planned_changes(project) == ["update entity driver (tags)", "delete feature service rides"]


def test_a_repo_that_is_wrong_is_a_mistake_of_the_project(project):
    change(project, "from feast.types", "from feast.typos")
    with pytest.raises(RequestError, match="typos"):
        planned_changes(project)
