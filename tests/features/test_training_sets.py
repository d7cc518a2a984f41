"""Training sets: labelled rows with the features of their time."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from maestro_ml.features.services import feature_service
from maestro_ml.features.training_sets import build_training_set
from maestro_ml.project import RequestError, Window, load_project
from maestro_ml.tables import DataError

START = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.fixture
def whole() -> Window:
    """Provide the window from before the first ride to just after the last."""
    return Window(START, START + timedelta(days=1, hours=200))


def build(project, window, tmp_path):
    file = tmp_path / "set.parquet"
    built = build_training_set(project, "late", window, file)
    return built, pd.read_parquet(file)


def test_every_labelled_row_gets_the_features_known_at_its_time(project, whole, tmp_path, driver_stats, rides):
    built, table = build(project, whole, tmp_path)

    labelled = rides.dropna(subset="late")
    expected = pd.merge_asof(
        labelled.sort_values(["at", "ride"]),
        driver_stats.sort_values("event_timestamp"),
        left_on="at",
        right_on="event_timestamp",
        by="driver",
        tolerance=pd.Timedelta(days=3),
    )
    assert built.features == ["km", "rating", "trips"]
    assert (built.rows, built.unlabelled) == (len(labelled), 400 - len(labelled))
    assert table.columns.tolist() == ["ride", "at", "km", "late", "rating", "trips"]
    for column in ("ride", "km", "rating", "trips"):
        pd.testing.assert_series_equal(table[column], expected[column], check_dtype=False)


def test_only_the_windows_rows_are_in_it(project, tmp_path):
    window = Window(START + timedelta(days=2), START + timedelta(days=3))

    _, table = build(project, window, tmp_path)

    assert window.start <= table["at"].min()
    assert table["at"].max() < window.end


def test_a_second_build_gives_the_same_bytes(project, whole, tmp_path):
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        build_training_set(project, "late", whole, file)

    assert files[0].read_bytes() == files[1].read_bytes()


def test_neither_registry_nor_online_store_is_touched(project, whole, tmp_path):
    build(project, whole, tmp_path)

    assert not (project.root / "feature_repo" / "data").exists()


def test_a_window_without_rows_is_refused(project, tmp_path):
    later = Window(START + timedelta(days=100), START + timedelta(days=110))

    with pytest.raises(DataError, match=r"dataset rides, 2024-06-09 .*no row there"):
        build(project, later, tmp_path)


def test_rows_without_any_label_are_refused(project, whole, tmp_path, rides):
    rides.assign(late=pd.NA).astype({"late": "boolean"}).to_parquet(project.root / "data" / "rides.parquet")

    with pytest.raises(DataError, match="none of its 400 rows has the label 'late'"):
        build(project, whole, tmp_path)


def test_a_column_the_dataset_does_not_really_have_is_named(project, whole, tmp_path, rides):
    rides.drop(columns="km").to_parquet(project.root / "data" / "rides.parquet")

    with pytest.raises(DataError, match="dataset rides has no column km"):
        build(project, whole, tmp_path)


def changed(folder, old, new):
    file = folder / "maestro.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    return load_project(folder)


def test_without_a_feature_service_the_datasets_columns_are_the_features(folder, whole, tmp_path):
    project = changed(folder, "    feature_service: rides\n", "")

    built, table = build(project, whole, tmp_path)

    assert built.features == ["km"]
    assert table.columns.tolist() == ["ride", "at", "km", "late"]


def test_an_entity_key_can_be_a_feature_too(folder, whole, tmp_path):
    built, _ = build(changed(folder, "columns: [km]", "columns: [km, driver]"), whole, tmp_path)

    assert built.features == ["km", "driver", "rating", "trips"]


def test_an_unknown_feature_service_is_a_mistake_of_the_project(folder, whole, tmp_path):
    with pytest.raises(RequestError, match="no feature service drives; did you mean 'rides'"):
        build(changed(folder, "feature_service: rides", "feature_service: drives"), whole, tmp_path)


def test_a_service_that_needs_a_key_the_dataset_lacks_is_a_mistake_of_the_project(folder, whole, tmp_path):
    project = changed(folder, "      driver: {type: string}\n", "")

    with pytest.raises(RequestError, match="the feature service rides needs driver"):
        build(project, whole, tmp_path)


def test_a_feature_named_like_a_column_of_the_model_is_a_mistake_of_the_project(folder, whole, tmp_path, rides):
    rides.rename(columns={"km": "trips"}).to_parquet(folder / "data" / "rides.parquet")
    file = folder / "maestro.yaml"
    file.write_text(file.read_text().replace("km: {", "trips: {").replace("columns: [km]", "columns: [trips]"))

    with pytest.raises(RequestError, match="trips comes from the feature service rides and from the dataset"):
        build(load_project(folder), whole, tmp_path)


def test_feasts_file_store_is_refused_where_it_loses_rows(folder, whole, tmp_path):
    file = folder / "feature_repo" / "feature_store.yaml"
    file.write_text(file.read_text().replace("maestro_ml.features.offline_store.DuckDBOfflineStore", "file"))

    with pytest.raises(Exception, match="the offline store returned"):
        build(load_project(folder), whole, tmp_path)


def test_two_roles_of_one_entity_and_an_on_demand_view(folder, whole, tmp_path, rides, driver_stats):
    definitions = folder / "feature_repo" / "definitions.py"
    definitions.write_text(
        definitions.read_text()
        + """
import pandas as pd
from feast import RequestSource
from feast.on_demand_feature_view import on_demand_feature_view

asked = RequestSource(name="asked", schema=[Field(name="km", dtype=Float64)])


@on_demand_feature_view(sources=[driver_stats, asked], schema=[Field(name="trips_per_km", dtype=Float64)])
def ratio(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"trips_per_km": inputs["trips"] / (inputs["km"] + 1)})


pairs = FeatureService(name="pairs", features=[driver_stats[["trips"]], ratio])
relieved = {"driver": "relief"}
reliefs = FeatureService(name="reliefs", features=[driver_stats[["rating"]].with_join_key_map(relieved)])
"""
    )
    relieved = rides.assign(relief=rides.driver.iloc[::-1].to_numpy())
    relieved.to_parquet(folder / "data" / "rides.parquet")
    changed(folder, "      driver: {type: string}\n", "      driver: {type: string}\n      relief: {type: string}\n")

    built, table = build(changed(folder, "feature_service: rides", "feature_service: pairs"), whole, tmp_path)
    assert built.features == ["km", "trips", "trips_per_km"]
    pd.testing.assert_series_equal(table.trips_per_km, table.trips / (table.km + 1), check_names=False)

    built, table = build(changed(folder, "feature_service: pairs", "feature_service: reliefs"), whole, tmp_path)
    assert built.features == ["km", "rating"]
    expected = pd.merge_asof(
        relieved.dropna(subset="late"),
        driver_stats.sort_values("event_timestamp"),
        left_on="at",
        right_on="event_timestamp",
        left_by="relief",
        right_by="driver",
    )
    pd.testing.assert_series_equal(table.rating, expected.rating)


def test_rows_are_in_the_order_of_time_and_keys_however_they_lie_in_the_source(project, whole, tmp_path, rides):
    file = project.root / "data" / "rides.parquet"
    rides.sample(frac=1, random_state=5).to_parquet(file)

    _, table = build(project, whole, tmp_path)

    assert (
        table[["at", "ride"]].to_numpy().tolist()
        == table.sort_values(["at", "ride"])[["at", "ride"]].to_numpy().tolist()
    )


def test_features_stay_beside_their_rows_in_whatever_order_an_offline_store_returns_them(folder, rides):
    file = folder / "feature_repo" / "feature_store.yaml"
    file.write_text(file.read_text().replace("maestro_ml.features.offline_store.DuckDBOfflineStore", "file"))
    table = pa.Table.from_pandas(rides.drop_duplicates(["at", "driver"]), preserve_index=False)
    backwards = list(range(table.num_rows))[::-1]

    with feature_service(load_project(folder), "rides") as service:
        trips = service.as_of(table, "at")["trips"].to_pylist()
        assert service.as_of(table.take(backwards), "at")["trips"].to_pylist() == trips[::-1]
    assert len(set(trips)) > 1
