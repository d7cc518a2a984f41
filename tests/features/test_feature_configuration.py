"""feature_store.yaml with maestro.yaml's keys over it."""

import pytest

from maestro_ml.features.configuration import store_settings
from maestro_ml.features.store import open_store
from maestro_ml.project import RequestError, load_project

SWITCHED = """
  online_store:
    type: ${env:ONLINE:sqlite}
    sqlite: {path: "${env:WHERE:data/online.db}"}
    redis: {connection_string: "${env:WHERE:localhost:6379}"}
  registry: {registry_type: "${env:REGISTRY:file}", path: "${env:REGISTRY_AT:data/registry.db}"}
"""


def with_features(folder, text, environ=None):
    file = folder / "maestro.yaml"
    file.write_text(file.read_text().replace("features: {window: 7d, availability: {sample: 5}}", f"features:{text}"))
    return load_project(folder, environ or {})


def test_feature_store_yaml_counts_where_nothing_overrides_it(project):
    settings = store_settings(project)

    assert settings["online_store"] == {"type": "sqlite", "path": "data/online.db"}
    assert settings["registry"] == {"path": "data/registry.db"}


def test_keys_of_the_project_file_override_one_by_one(folder):
    project = with_features(folder, "\n  online_store: {path: elsewhere.db}\n")

    assert store_settings(project)["online_store"] == {"type": "sqlite", "path": "elsewhere.db"}


@pytest.mark.parametrize(
    ("environ", "online"),
    [
        ({}, {"type": "sqlite", "path": "data/online.db"}),
        ({"WHERE": "/mnt/o.db"}, {"type": "sqlite", "path": "/mnt/o.db"}),
        ({"ONLINE": "redis", "WHERE": "r:6379"}, {"type": "redis", "connection_string": "r:6379"}),
    ],
)
def test_keys_under_a_types_name_count_for_that_type_only(folder, environ, online):
    assert store_settings(with_features(folder, SWITCHED, environ))["online_store"] == online


def test_the_registry_can_move_to_a_database(folder):
    environ = {"REGISTRY": "sql", "REGISTRY_AT": "postgresql+psycopg://u@db/feast"}

    settings = store_settings(with_features(folder, SWITCHED, environ))

    assert settings["registry"] == {"registry_type": "sql", "path": "postgresql+psycopg://u@db/feast"}


def test_a_missing_feature_repo_is_a_mistake_of_the_project(folder):
    with pytest.raises(RequestError, match=r"no feature_store\.yaml in .*nowhere"):
        store_settings(with_features(folder, "\n  repo: nowhere\n"))


@pytest.mark.parametrize("text", ["project: [", "- a list", "registry: r.db"])
def test_a_broken_feature_store_yaml_is_named(project, text):
    (project.root / "feature_repo" / "feature_store.yaml").write_text(text)

    with pytest.raises(RequestError, match=r"feature_store\.yaml: "):
        store_settings(project)


def test_a_wrong_store_is_refused_without_its_password(folder):
    text = "\n  online_store: {type: redis, connection_strin: 'r:6379,password=hunter2'}\n"

    with pytest.raises(RequestError, match="connection_strin: Extra inputs") as raised:
        open_store(with_features(folder, text))
    assert "hunter2" not in str(raised.value)


def test_a_type_feast_does_not_know_is_refused(folder):
    with pytest.raises(RequestError, match="sqlit"):
        open_store(with_features(folder, "\n  online_store: {type: sqlit}\n"))


def test_variables_in_feature_store_yaml_are_filled_in_as_feast_does(folder, project, monkeypatch):
    file = folder / "feature_repo" / "feature_store.yaml"
    file.write_text(file.read_text().replace("data/online.db", "${ONLINE_AT}/online.db"))
    monkeypatch.setenv("ONLINE_AT", "/mnt/store")

    assert store_settings(project)["online_store"] == {"type": "sqlite", "path": "/mnt/store/online.db"}
