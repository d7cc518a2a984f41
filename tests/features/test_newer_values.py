"""Values that a row has and could not have had at its time are counted when the training set is built."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from maestro_ml.features.newer_values import newer_values
from maestro_ml.features.training_sets import build_training_set
from maestro_ml.project import ProjectError, Window, load_project
from maestro_ml.tables import DataError

START = datetime(2024, 3, 1, tzinfo=UTC)
WHOLE = Window(START, START + timedelta(days=1, hours=200))
ON = "km: {type: number, known_at: arrived}"


def declared(folder, km=ON, arrived="arrived: {type: timestamp}"):
    file = folder / "maestro.yaml"
    lines = f"{km}\n      {arrived}" if arrived else km
    file.write_text(file.read_text().replace("km: {type: number}", lines).replace("    feature_service: rides\n", ""))
    return load_project(folder)


def arriving(folder, rides, arrived):
    rides.assign(arrived=arrived).to_parquet(folder / "data" / "rides.parquet")


def test_a_value_that_is_known_after_its_row_is_counted(folder, rides):
    labelled = rides["late"].notna() & rides["km"].notna()
    arrived = rides["at"].copy()
    later = rides.index[labelled][:7]
    arrived.loc[later] += pd.Timedelta("1us")
    arriving(folder, rides, arrived)

    assert newer_values(declared(folder), "late", WHOLE) == {"km": 7}


@pytest.mark.parametrize("kind", ["at the row's time", "missing", "value is missing", "row has no label"])
def test_what_was_known_or_is_not_there_is_not_counted(folder, rides, kind):
    arrived = rides["at"] + pd.Timedelta("1h")
    if kind == "at the row's time":
        arrived = rides["at"]
    elif kind == "missing":
        arrived = pd.Series([pd.NaT] * len(rides), dtype=rides["at"].dtype)
    elif kind == "value is missing":
        rides = rides.assign(km=float("nan"))
    else:
        arrived = arrived.where(rides["late"].isna(), rides["at"])
    arriving(folder, rides, arrived)

    assert newer_values(declared(folder), "late", WHOLE) == {}


def test_times_of_other_types_are_compared_as_instants(folder, rides):
    arriving(folder, rides, (rides["at"] - pd.Timedelta("1ns")).dt.tz_convert(None).astype("datetime64[ns]"))
    project = declared(folder)
    assert newer_values(project, "late", WHOLE) == {}
    arriving(folder, rides, (rides["at"] + pd.Timedelta("1ns")).dt.tz_convert(None).astype("datetime64[ns]"))
    labelled = int((rides["late"].notna() & rides["km"].notna()).sum())
    assert newer_values(project, "late", WHOLE) == {"km": labelled}


def test_a_column_of_the_dataset_that_no_model_uses_is_not_read(folder, rides):
    project = declared(folder, km="km: {type: number}", arrived="tip: {type: number, required: false, known_at: at}")
    assert newer_values(project, "late", WHOLE) == {}


def test_a_column_that_is_not_there_or_holds_no_time_is_named(folder, rides):
    project = declared(folder)
    with pytest.raises(DataError, match="no column arrived"):
        newer_values(project, "late", WHOLE)
    arriving(folder, rides, "soon")
    with pytest.raises(DataError, match="'arrived', when 'km' is known, is not a time"):
        newer_values(project, "late", WHOLE)


@pytest.mark.parametrize(
    ("km", "arrived", "words"),
    [
        ("km: {type: number, known_at: arived}", "arrived: {type: timestamp}", "did you mean 'arrived'?"),
        (ON, "arrived: {type: number}", "needs a time, and column 'arrived' is number"),
        ("km: {type: number, known_at: km}", "", "does not say itself"),
    ],
)
def test_a_mistake_is_one_line_with_its_key(folder, km, arrived, words):
    with pytest.raises(ProjectError) as caught:
        declared(folder, km, arrived)
    (problem,) = caught.value.problems
    assert problem.key == "datasets.rides.columns.km.known_at"
    assert words in problem.message


def test_values_of_a_view_that_were_created_after_the_row_are_counted(folder, tmp_path, driver_stats, rides):
    definitions = next((folder / "feature_repo").glob("*.py"))
    given = 'timestamp_field="event_timestamp"'
    definitions.write_text(definitions.read_text().replace(given, f'{given}, created_timestamp_column="created"'))
    project = load_project(folder)

    def written(created):
        driver_stats.assign(created=created).to_parquet(folder / "data" / "driver_stats.parquet")
        return build_training_set(project, "late", WHOLE, tmp_path / "set.parquet")

    assert written(driver_stats["event_timestamp"]).feast.written_later == {}
    built = written(datetime(2025, 1, 1, tzinfo=UTC))
    known = pd.merge_asof(
        rides.dropna(subset="late").sort_values("at"),
        driver_stats.sort_values("event_timestamp"),
        left_on="at",
        right_on="event_timestamp",
        by="driver",
        tolerance=pd.Timedelta(days=3),
    )["event_timestamp"].notna()
    assert built.feast.written_later == {"driver_stats": int(known.sum())}
    assert built.feast.views == ["driver_stats"]
