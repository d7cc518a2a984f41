"""Registering a repo's definitions."""

import pytest

from maestro_ml.features.availability import check_availability
from maestro_ml.features.errors import FeatureStoreError, feast_call
from maestro_ml.features.materialize import materialize
from maestro_ml.features.newest_rows import BATCH_ROWS
from maestro_ml.features.store import open_store
from maestro_ml.project import RequestError


def applied(project):
    store = open_store(project)
    store.apply()
    return store


def test_applying_again_changes_no_definition_and_forgets_no_materialization(project, window):
    store = applied(project)
    materialize(store, store.views(), window, lambda _: None)
    [before] = applied(project).views()

    [after] = applied(project).views()

    assert after == before
    assert after.created_timestamp == before.created_timestamp
    assert [start for start, _ in after.materialization_intervals] == [window.start]


def test_an_online_store_deleted_while_the_registry_was_kept_is_made_anew(project, window):
    applied(project)
    (project.root / "feature_repo" / "data" / "online.db").unlink()

    store = applied(project)
    materialize(store, store.views(), window, print)

    assert check_availability(store, store.views()[0], window, 5).missing == 0


def test_what_the_repo_no_longer_defines_leaves_the_registry(project):
    repo = project.root / "feature_repo"
    extra = "from definitions import *\nmore = FeatureView(name='more', entities=[driver], source=source, schema=[])\n"
    (repo / "more.py").write_text(extra.replace("schema=[]", "schema=[Field(name='trips', dtype=Int64)]"))
    assert [view.name for view in applied(project).views()] == ["driver_stats", "more"]

    (repo / "more.py").unlink()

    assert [view.name for view in applied(project).views()] == ["driver_stats"]


def test_an_unknown_view_is_a_mistake_of_the_project(project):
    with pytest.raises(RequestError, match=r"no feature view drivers .*there are: driver_stats"):
        applied(project).views(("drivers",))


def test_two_views_of_one_name_are_a_mistake_of_the_project(project):
    file = project.root / "feature_repo" / "definitions.py"
    file.write_text(file.read_text() + "\nagain = driver_stats.with_join_key_map({'driver': 'who'})\n")

    with pytest.raises(RequestError, match="Multiple FeatureViews with name 'driver_stats'"):
        applied(project)


def test_a_registry_that_does_not_answer_is_a_failing_system(project):
    registry = {"registry_type": "sql", "path": "postgresql+psycopg://u:hunter2@127.0.0.1:1/feast"}

    with pytest.raises(FeatureStoreError, match="applying the feature repo to the sql registry failed") as raised:
        open_store(project, registry=registry).apply()
    assert "hunter2" not in str(raised.value)


def test_feasts_prints_stay_off_stdout(project, window, capsys):
    store = applied(project)

    materialize(store, store.views(), window, lambda _: None)

    assert capsys.readouterr().out == ""


def test_an_error_shows_its_first_line_only():
    with pytest.raises(FeatureStoreError, match=r"^writing failed: ValueError: no$"), feast_call("writing"):
        raise ValueError("no\n[SQL: INSERT secret]")


def test_a_view_that_stays_offline_is_no_view_to_materialize(project):
    file = project.root / "feature_repo" / "definitions.py"
    extra = """
offline_only = FeatureView(
    name="offline_only", entities=[driver], schema=[Field(name="trips", dtype=Int64)], source=source, online=False
)
"""
    file.write_text(file.read_text() + extra)
    store = applied(project)

    assert [view.name for view in store.views()] == ["driver_stats"]
    with pytest.raises(
        RequestError, match=r"no feature view offline_only for the online store; there are: driver_stats"
    ):
        store.views(("offline_only",))


@pytest.mark.parametrize(("settings", "rows"), [({}, BATCH_ROWS), ({"online_write_batch_size": 7}, 7)])
def test_the_rows_of_a_batch_are_the_repos_where_it_names_them(project, window, settings, rows):
    store = open_store(project, materialization=settings)
    store.apply()

    [done] = materialize(store, store.views(), window, lambda _: None)

    assert done.rows == 8
    tuned = store.feast.config.materialization_config
    assert (tuned.online_write_batch_size, tuned.pull_latest_features) == (rows, True)
