"""Reading a feature repo's Python."""

import sys
from pathlib import Path

import pytest

from maestro_ml.features.definitions import read_definitions
from maestro_ml.project import RequestError


def test_collects_what_the_files_define_and_leaves_nothing_loaded(project):
    before, here = set(sys.modules), Path.cwd()

    found = read_definitions(project.root / "feature_repo", "rides")

    assert [view.name for view in found.feature_views] == ["driver_stats"]
    assert [service.name for service in found.feature_services] == ["rides"]
    assert [source.name for source in found.data_sources] == ["driver_stats"]
    assert "definitions" not in set(sys.modules) - before
    assert Path.cwd() == here
    assert str(project.root / "feature_repo") not in sys.path


def test_a_file_changed_since_the_last_reading_is_read_again(project):
    repo = project.root / "feature_repo"
    read_definitions(repo, "rides")
    file = repo / "definitions.py"
    file.write_text(
        file.read_text().replace('name="driver_stats",\n    entities', 'name="driver_facts",\n    entities')
    )

    assert [view.name for view in read_definitions(repo, "rides").feature_views] == ["driver_facts"]


def test_files_of_a_repo_can_import_each_other(project):
    repo = project.root / "feature_repo"
    (repo / "services.py").write_text(
        "from definitions import driver_stats\nfrom feast import FeatureService\n"
        "more = FeatureService(name='more', features=[driver_stats])\n"
    )

    found = read_definitions(repo, "rides")

    assert [view.name for view in found.feature_views] == ["driver_stats"]
    assert {service.name for service in found.feature_services} == {"rides", "more"}


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("import nonexistent_package\n", "broken.py:1: ModuleNotFoundError"),
        ("x = 1\nx = (\n", "broken.py:2: SyntaxError"),
    ],
)
def test_a_mistake_in_the_code_is_shown_with_file_and_line(project, code, place):
    repo = project.root / "feature_repo"
    (repo / "broken.py").write_text(code)

    with pytest.raises(RequestError, match=place):
        read_definitions(repo, "rides")


def test_a_repo_without_a_feature_view_is_refused(project):
    repo = project.root / "feature_repo"
    (repo / "definitions.py").write_text("")

    with pytest.raises(RequestError, match="no feature view"):
        read_definitions(repo, "rides")
