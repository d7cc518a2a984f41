"""The flights project: real data, made the same every time, and no feature that knows the future."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from maestro_ml.demo.flights import prepare
from maestro_ml.demo.flights.source import data_folder
from maestro_ml.project import RequestError, Window, load_project

FILES = ["carrier_history", "flights", "origin_conditions", "route_history", "weather"]


@pytest.fixture(scope="module")
def tables(flights):
    return {name: pd.read_parquet(flights / "data" / f"{name}.parquet") for name in FILES}


@pytest.fixture(scope="module")
def known(tables):
    """Provide the flights with the moments departure and outcome were known, from the rules of the project's
    documentation.
    """
    table = tables["flights"].copy()
    delay, air = (pd.to_timedelta(table[name], unit="min") for name in ("dep_delay", "air_time"))
    table["departed"] = table.scheduled_departure + delay
    table["outcome"] = table.departed + air + timedelta(hours=1)
    table.loc[table.arr_delay.isna(), "outcome"] = table.departed + timedelta(hours=24)
    table.loc[table.dep_delay.isna(), "outcome"] = table.scheduled_departure + timedelta(hours=6)
    return table


def rows_of(table, count, seed):
    return table.sample(count, random_state=seed).to_dict("records")


def test_every_flight_of_the_year_is_there_once(tables):
    flights = tables["flights"]

    assert len(flights) == 336_776
    assert flights.flight_id.is_unique
    assert flights.dep_delay.isna().sum() == 8_255
    assert flights.late.isna().equals(flights.arr_delay.isna())
    assert (flights.late == (flights.arr_delay > 15))[flights.arr_delay.notna()].all()
    assert str(flights.scheduled_departure.dt.tz) == "UTC"
    assert flights.loc[flights.flight_id == "UA1545-EWR-20130101", "scheduled_departure"].item() == pd.Timestamp(
        "2013-01-01 10:15", tz="UTC"
    )


@pytest.mark.parametrize(
    ("view", "key", "days", "prefix"),
    [("carrier_history", "carrier", 7, "carrier"), ("route_history", "route", 28, "route")],
)
def test_history_is_made_of_outcomes_known_before_its_time(tables, known, view, key, days, prefix):
    for row in rows_of(tables[view], 25, seed=days):
        stamp = row["event_timestamp"]
        before = known[
            (known[key] == row[key]) & (known.outcome < stamp) & (known.outcome >= stamp - timedelta(days=days))
        ]
        assert row[f"{prefix}_flights_{days}d"] == len(before)
        for feature, expected in [
            ("late_share", before.late.astype("float").mean()),
            ("mean_arr_delay", before.arr_delay.mean()),
            ("cancelled_share", before.dep_delay.isna().mean()),
            ("mean_dep_delay", before.dep_delay.mean()),
        ]:
            name = f"{prefix}_{feature}_{days}d"
            if name in row:
                assert row[name] == pytest.approx(expected, nan_ok=True), name


def test_no_outcome_is_known_before_the_flight_can_have_arrived(known):
    arrived = known[known.arr_delay.notna()]

    assert (arrived.outcome > arrived.departed + pd.to_timedelta(arrived.air_time, unit="min")).all()
    assert (known.outcome > known.scheduled_departure - timedelta(hours=1)).all()


def test_conditions_are_made_of_departures_and_weather_known_before_their_hour(tables, known):
    weather = tables["weather"].set_index(["origin", "observed_at"])
    for row in rows_of(tables["origin_conditions"], 40, seed=1):
        stamp, origin = row["event_timestamp"], row["origin"]
        since = known[
            (known.origin == origin) & (known.departed < stamp) & (known.departed >= stamp - timedelta(hours=3))
        ]
        assert row["departures_3h"] == len(since)
        assert row["mean_dep_delay_3h"] == pytest.approx(since.dep_delay.mean(), nan_ok=True)
        hour_before = (origin, stamp - timedelta(hours=1))
        for name in ("temp", "humid", "wind_speed", "precip", "pressure", "visib"):
            observed = weather[name].get(hour_before)
            assert row[name] == pytest.approx(float("nan") if observed is None else observed, nan_ok=True), name


def test_a_feature_row_stands_for_each_key_and_time_once(tables):
    for name, key in [("carrier_history", "carrier"), ("route_history", "route"), ("origin_conditions", "origin")]:
        assert not tables[name].duplicated([key, "event_timestamp"]).any()


def test_a_second_preparation_writes_the_same_bytes_and_leaves_nothing_else(flights, tmp_path):
    prepare(str(tmp_path))

    mine = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {str(path) for path in mine} == {
        "maestro.yaml",
        "feature_repo/feature_store.yaml",
        "feature_repo/definitions.py",
        *(f"data/{name}.parquet" for name in FILES),
    }
    for path, content in mine.items():
        assert content == (flights / path).read_bytes(), path


@pytest.fixture
def prepared(flights, tmp_path):
    """Provide a copy of the project, to be changed."""
    return Path(shutil.copytree(flights, tmp_path / "flights", ignore=shutil.ignore_patterns("registry*", "*.db")))


def _content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["maestro.yaml", "feature_repo/definitions.py", "data/weather.parquet"])
def test_a_file_that_was_edited_is_named_and_nothing_is_written(prepared, name):
    (prepared / name).write_bytes((prepared / name).read_bytes() + b"\n# mine\n")
    (prepared / "data" / "flights.parquet").unlink()
    before = _content(prepared)

    with pytest.raises(RequestError, match=f"{name}: already there, with other content; nothing was written") as caught:
        prepare(str(prepared))

    assert caught.value.exit_code == 2
    assert _content(prepared) == before


def test_another_project_is_left_alone(tmp_path):
    (tmp_path / "maestro.yaml").write_text("name: mine\n")
    with pytest.raises(RequestError, match=r"maestro\.yaml"):
        prepare(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["maestro.yaml"]


def test_what_is_missing_is_written_again_and_the_rest_left_as_it_is(flights, prepared):
    (prepared / "data" / "weather.parquet").unlink()
    kept = (prepared / "maestro.yaml").stat().st_mtime_ns
    prepare(str(prepared))
    assert (prepared / "data" / "weather.parquet").read_bytes() == (flights / "data" / "weather.parquet").read_bytes()
    assert (prepared / "maestro.yaml").stat().st_mtime_ns == kept


def test_it_can_be_prepared_in_a_bucket(flights):
    bucket = fsspec.filesystem("memory")
    try:
        prepare("memory://bucket/flights")
        prepare("memory://bucket/flights")
        bucket.pipe("/bucket/edited/maestro.yaml", b"name: mine")
        with pytest.raises(RequestError, match=r"memory://bucket/edited/maestro\.yaml: already there"):
            prepare("memory://bucket/edited")
        assert bucket.find("/bucket/edited") == ["/bucket/edited/maestro.yaml"]
        assert bucket.cat("/bucket/flights/maestro.yaml") == (flights / "maestro.yaml").read_bytes()
        assert bucket.cat("/bucket/flights/data/weather.parquet") == (flights / "data/weather.parquet").read_bytes()
    finally:
        bucket.rm("/bucket", recursive=True)


def test_the_project_file_is_valid_and_both_models_train_from_august_to_november(flights):
    project = load_project(flights, {})

    end = datetime(2013, 12, 1, tzinfo=UTC)
    for name in ("late_at_pushback", "late_at_scheduling"):
        model = project.models[name]
        assert Window.ending(end, model.window).start == datetime(2013, 8, 1, tzinfo=UTC)
        assert model.test == timedelta(days=30)
    assert "dep_delay" not in project.models["late_at_scheduling"].columns


def test_the_environment_moves_data_stores_and_execution(flights):
    environ = {
        "MAESTRO_DATA": "s3://maestro/flights",
        "MAESTRO_STORE": "s3://maestro/runs",
        "FEAST_ONLINE_STORE_TYPE": "redis",
        "FEAST_ONLINE_STORE": "redis:6379",
        "MAESTRO_EXECUTION": "kubernetes",
        "MAESTRO_TRAINING_IMAGE": "maestro:1",
        "MAESTRO_NOTIFY": "slack://a/b/c,mailto://x@y",
    }

    project = load_project(flights, environ)

    assert project.locate_data(project.datasets["flights"].source.path) == "s3://maestro/flights/flights.parquet"
    assert project.store == "s3://maestro/runs"
    assert (project.execution.mode, project.execution.image) == ("kubernetes", "maestro:1")
    assert len(project.alerting.notify) == 2


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    with pytest.raises(RequestError, match=r"maestro-ml\[demo\]"):
        data_folder()
