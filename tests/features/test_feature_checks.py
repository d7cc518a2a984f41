"""Problems of repo and stores, all at once."""

import pandas as pd
import pytest
from feast.infra.online_stores.sqlite import SqliteOnlineStore
from feast.protos.feast.types.Value_pb2 import Value

from maestro_ml.features.errors import FeatureStoreError
from maestro_ml.features.preflight import check_store
from maestro_ml.features.store import open_store
from maestro_ml.project import MaestroError, RequestError, load_project


def checked(project, **settings):
    return check_store(project, open_store(project, **settings), lambda _: None)


def test_says_what_can_be_used(project):
    found = checked(project)

    assert (found.views, found.services) == (["driver_stats"], ["rides"])
    assert (found.registry, found.online_store) == ("file", "sqlite")


@pytest.mark.parametrize("kind", ["file", "dask"])
def test_an_offline_store_that_answers_wrongly_is_warned_of(project, kind):
    assert checked(project).warnings == []

    [warning] = checked(project, offline_store={"type": kind}).warnings

    assert warning.startswith(f"offline store {kind}: it drops rows of training sets")


def test_the_probe_row_is_no_feature_view_of_the_project(project):
    store = open_store(project)
    check_store(project, store, lambda _: None)

    assert [view.name for view in store.views()] == ["driver_stats"]


def test_mistakes_of_the_project_are_reported_together(folder):
    file = folder / "maestro.yaml"
    file.write_text(file.read_text().replace("feature_service: rides", "feature_service: riders"))
    data = folder / "data" / "driver_stats.parquet"
    pd.read_parquet(data).rename(columns={"trips": "tours", "driver": "who"}).to_parquet(data)

    with pytest.raises(RequestError) as raised:
        checked(load_project(folder))

    message = str(raised.value)
    assert "models.late.feature_service: no feature service riders; did you mean 'rides'?" in message
    assert "driver_stats" in message
    assert "has no column driver, trips" in message


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("event_timestamp", "2024-01-01", "the timestamp column event_timestamp is VARCHAR, no time"),
        ("driver", 5.0, "the column driver of its source is double, but the entity declares STRING"),
        ("trips", "many", "the column trips of its source is string, but the view declares INT64"),
    ],
)
def test_a_column_of_a_type_the_view_cannot_have_is_a_mistake_of_the_project(project, column, values, message):
    data = project.root / "data" / "driver_stats.parquet"
    pd.read_parquet(data).assign(**{column: values}).to_parquet(data)

    with pytest.raises(MaestroError, match=message) as raised:
        checked(project)
    assert raised.value.exit_code == 2


def test_columns_whose_names_differ_in_case_only_are_refused(project):
    data = project.root / "data" / "driver_stats.parquet"
    rows = pd.read_parquet(data)
    rows.assign(Trips=1)[["driver", "event_timestamp", "rating", "Trips", "trips"]].to_parquet(data)

    with pytest.raises(MaestroError, match=r"driver_stats .*Trips and trips differ in case only"):
        checked(project)


def test_a_missing_source_is_a_failing_system_and_named_with_its_view(project):
    (project.root / "data" / "driver_stats.parquet").unlink()

    with pytest.raises(
        FeatureStoreError, match=r"feature view driver_stats .*no parquet file at .*driver_stats\.parquet"
    ):
        checked(project)


def test_an_online_store_that_cannot_be_written_is_found(project):
    (project.root / "occupied").write_text("")

    with pytest.raises(FeatureStoreError, match=r"online store|applying"):
        checked(project, online_store={"type": "sqlite", "path": str(project.root / "occupied" / "online.db")})


def test_an_online_store_that_does_not_answer_is_found(project):
    with pytest.raises(FeatureStoreError, match="writing a row to the redis online store failed"):
        checked(project, online_store={"type": "redis", "connection_string": "127.0.0.1:1"})


@pytest.mark.parametrize("answer", [None, {}, {"value": Value(int64_val=1)}])
def test_an_online_store_that_returns_another_row_than_the_one_written_is_found(project, monkeypatch, answer):
    monkeypatch.setattr(SqliteOnlineStore, "online_read", lambda *_, **__: [(None, answer)])

    with pytest.raises(FeatureStoreError, match="sqlite online store does not return the row just written to it"):
        checked(project)


def test_a_system_that_fails_beside_a_mistake_is_worth_another_try(folder):
    file = folder / "maestro.yaml"
    file.write_text(file.read_text().replace("feature_service: rides", "feature_service: riders"))

    with pytest.raises(FeatureStoreError, match="no feature service riders") as raised:
        checked(load_project(folder), online_store={"type": "redis", "connection_string": "127.0.0.1:1"})

    assert "redis online store failed" in str(raised.value)
    assert raised.value.exit_code == 3
