"""The offline store's answers, beside Feast's own file store where that gives one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maestro_ml.project import RequestError
from maestro_ml.tables import DataError

T0 = datetime(2024, 1, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def view(path: str, *, ttl=None, keys=("driver",), features=("rating",), join_key_map=None, **source):
    from feast import Entity, FeatureView, Field, FileSource, ValueType
    from feast.types import Float64, String

    entities = [Entity(name=key, join_keys=[key], value_type=ValueType.STRING) for key in keys]
    schema = [Field(name=key, dtype=String) for key in keys] + [Field(name=name, dtype=Float64) for name in features]
    file = FileSource(path=path, **({"timestamp_field": "event_timestamp"} | source))
    made = FeatureView(name="stats", entities=entities, ttl=ttl, schema=schema, source=file)
    return made.with_join_key_map(join_key_map) if join_key_map else made


def as_of(entities: pd.DataFrame, *views, store=None, full_feature_names=False, refs=None) -> pd.DataFrame:
    from feast.infra.offline_stores.dask import DaskOfflineStore, DaskOfflineStoreConfig

    from maestro_ml.features.offline_store import DuckDBOfflineStore

    offline_store = DaskOfflineStoreConfig() if store is DaskOfflineStore else None
    config = SimpleNamespace(repo_path=None, project="p", offline_store=offline_store)
    registry = SimpleNamespace(list_on_demand_feature_views=lambda *_, **__: [])
    refs = refs or [f"{v.projection.name_to_use()}:{f.name}" for v in views for f in v.features]
    job = (store or DuckDBOfflineStore).get_historical_features(
        config, list(views), refs, entities, registry, "p", full_feature_names
    )
    return job.to_df()


def ratings(found: pd.DataFrame) -> dict[tuple[str, datetime], float | None]:
    rows = zip(found.driver, found.event_timestamp, found.rating, strict=True)
    return {(driver, time): None if pd.isna(rating) else rating for driver, time, rating in rows}


def written(folder: Path, rows: list[dict], name: str = "stats.parquet") -> str:
    pd.DataFrame(rows).to_parquet(folder / name)
    return str(folder / name)


minutes = st.integers(0, 60)
drivers = st.sampled_from(["a", "b", "c"])
pairs = st.lists(st.tuples(drivers, minutes), min_size=20, max_size=40, unique=True)


# Few and large: the file store takes seconds for each
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(known=pairs, asked=pairs, ttl=st.sampled_from([None, 5, 30]))
def test_answers_as_feasts_file_store_does_where_no_two_rows_share_key_and_time(tmp_path, known, asked, ttl):
    from feast.infra.offline_stores.dask import DaskOfflineStore

    rows = [{"driver": d, "event_timestamp": at(m), "rating": i + 0.5} for i, (d, m) in enumerate(known)]
    stats = view(written(tmp_path, rows), ttl=ttl and timedelta(minutes=ttl))
    entities = pd.DataFrame([{"driver": d, "event_timestamp": at(m)} for d, m in asked])

    ours, theirs = (ratings(as_of(entities, stats, store=store)) for store in (None, DaskOfflineStore))

    assert len(ours) == len(asked)
    # Feast's drops a row whose key has values, none of which counts at its time
    assert ours == dict.fromkeys(ours) | theirs


def test_keeps_every_entity_row_in_its_order_where_several_share_key_and_time(tmp_path):
    stats = view(written(tmp_path, [{"driver": "a", "event_timestamp": at(0), "rating": 4.0}]))
    entities = pd.DataFrame({"flight": [3, 1, 2], "driver": ["a", "a", "b"], "event_timestamp": [at(5), at(5), at(5)]})

    found = as_of(entities, stats)

    assert found.flight.tolist() == [3, 1, 2]
    assert found.rating.fillna(-1).tolist() == [4.0, 4.0, -1]


@pytest.mark.parametrize(
    ("age", "known"), [(timedelta(minutes=10), True), (timedelta(minutes=10, microseconds=1), False)]
)
def test_a_value_exactly_as_old_as_the_ttl_still_counts(tmp_path, age, known):
    stats = view(written(tmp_path, [{"driver": "a", "event_timestamp": T0, "rating": 4.0}]), ttl=timedelta(minutes=10))

    found = as_of(pd.DataFrame({"driver": ["a"], "event_timestamp": [T0 + age]}), stats)

    assert found.rating.notna().tolist() == [known]


def test_a_value_of_the_same_moment_is_known_and_a_later_one_is_not(tmp_path):
    rows = [{"driver": "a", "event_timestamp": at(m), "rating": float(m)} for m in (5, 6)]

    found = as_of(pd.DataFrame({"driver": ["a"], "event_timestamp": [at(5)]}), view(written(tmp_path, rows)))

    assert found.rating.tolist() == [5.0]


def test_of_two_rows_of_a_key_and_time_the_one_created_last_counts(tmp_path):
    rows = [
        {"driver": "a", "event_timestamp": at(0), "created": created, "rating": rating}
        for created, rating in [(at(2), 2.0), (at(9), 9.0), (None, 0.0), (at(3), 3.0)]
    ]
    entities = pd.DataFrame({"driver": ["a"], "event_timestamp": [at(60)]})
    path = written(tmp_path, rows)

    assert as_of(entities, view(path, created_timestamp_column="created")).rating.tolist() == [9.0]
    assert as_of(entities, view(path)).rating.tolist() == [3.0]  # the last one in the file


def test_names_of_the_file_are_mapped_to_those_of_the_view_and_of_the_entity_rows(tmp_path):
    rows = [{"drv": "a", "ts": at(0), "r": 4.0}]
    stats = view(
        written(tmp_path, rows),
        timestamp_field="event_timestamp",
        field_mapping={"drv": "driver", "r": "rating", "ts": "event_timestamp"},
        join_key_map={"driver": "second_driver"},
    )
    entities = pd.DataFrame({"second_driver": ["a"], "event_timestamp": [at(1)]})

    found = as_of(entities, stats, full_feature_names=True)

    assert found.columns.tolist() == ["second_driver", "event_timestamp", "stats__rating"]
    assert found.stats__rating.tolist() == [4.0]


@pytest.mark.parametrize("unit", ["ns", "us"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_timestamps_of_any_unit_and_zone_are_the_same_moments_and_without_a_zone_utc(tmp_path, unit, zone):
    times = pd.Series([at(0), at(10)]).dt.as_unit(unit)
    times = times.dt.tz_localize(None) if zone is None else times.dt.tz_convert(zone)
    path = written(tmp_path, [{"driver": "a", "event_timestamp": t, "rating": i} for i, t in enumerate(times)])
    entities = pd.DataFrame({"driver": "a", "event_timestamp": times + pd.Timedelta(minutes=1)})

    found = as_of(entities, view(path))

    assert found.rating.tolist() == [0, 1]
    assert found.event_timestamp.tolist() == [at(1), at(11)]


def test_a_view_without_entities_gives_the_latest_row_to_all(tmp_path):
    rows = [{"event_timestamp": at(m), "rating": float(m)} for m in (0, 5)]
    stats = view(written(tmp_path, rows), keys=())

    found = as_of(pd.DataFrame({"event_timestamp": [at(6), at(1)]}), stats)

    assert found.rating.tolist() == [5.0, 0.0]


def test_no_entity_rows_give_no_rows(tmp_path):
    stats = view(written(tmp_path, [{"driver": "a", "event_timestamp": at(0), "rating": 4.0}]))
    nobody = pd.DataFrame(
        {"driver": pd.Series([], dtype=str), "event_timestamp": pd.Series([], dtype="datetime64[us, UTC]")}
    )

    assert as_of(nobody, stats).columns.tolist() == ["driver", "event_timestamp", "rating"]


def test_reads_through_fsspec(tmp_path):
    local = written(tmp_path, [{"driver": "a", "event_timestamp": at(0), "rating": 4.0}])
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/stats.parquet", Path(local).read_bytes())

    try:
        found = as_of(
            pd.DataFrame({"driver": ["a"], "event_timestamp": [at(1)]}), view("memory://bucket/stats.parquet")
        )
    finally:
        memory.rm("/bucket", recursive=True)

    assert found.rating.tolist() == [4.0]


def test_a_missing_file_is_named(tmp_path):
    entities = pd.DataFrame({"driver": ["a"], "event_timestamp": [at(1)]})

    with pytest.raises(DataError, match=r"no parquet file at .*nowhere"):
        as_of(entities, view(str(tmp_path / "nowhere.parquet")))


def test_a_feature_named_like_a_column_of_the_entity_rows_is_refused(tmp_path):
    stats = view(written(tmp_path, [{"driver": "a", "event_timestamp": at(0), "rating": 4.0}]))
    entities = pd.DataFrame({"driver": ["a"], "event_timestamp": [at(1)], "rating": [1.0]})

    with pytest.raises(RequestError, match="stats:rating"):
        as_of(entities, stats)


def test_entity_rows_without_a_key_are_refused(tmp_path):
    stats = view(written(tmp_path, [{"driver": "a", "event_timestamp": at(0), "rating": 4.0}]))

    with pytest.raises(RequestError, match="no column driver"):
        as_of(pd.DataFrame({"event_timestamp": [at(1)]}), stats)


def test_a_source_that_is_no_parquet_is_refused(tmp_path):
    from feast.data_format import DeltaFormat

    entities = pd.DataFrame({"driver": ["a"], "event_timestamp": [at(1)]})

    with pytest.raises(DataError, match="DeltaFormat"):
        as_of(entities, view(str(tmp_path), file_format=DeltaFormat()))


def pulled(method: str, path: str, keys=("driver",), created=None):
    from maestro_ml.features.offline_store import DuckDBOfflineStore

    source = view(path).batch_source
    pull = getattr(DuckDBOfflineStore, method)
    return pull(
        SimpleNamespace(repo_path=None), source, list(keys), ["rating"], "event_timestamp", created, at(5), at(10)
    ).to_df()


def test_pulls_the_newest_row_of_each_key_in_the_range_both_ends_included(tmp_path):
    rows = [
        {"driver": d, "event_timestamp": at(m), "rating": float(m)}
        for d, m in [("b", 5), ("a", 4), ("a", 7), ("a", 10), ("a", 11), ("c", 11)]
    ]

    found = pulled("pull_latest_from_table_or_query", written(tmp_path, rows))

    assert found[["driver", "rating"]].values.tolist() == [["a", 10.0], ["b", 5.0]]
    assert found.event_timestamp.tolist() == [at(10), at(5)]


def test_pulls_all_rows_in_the_range(tmp_path):
    rows = [{"driver": "a", "event_timestamp": at(m), "rating": float(m)} for m in (4, 5, 7, 10, 11)]

    assert pulled("pull_all_from_table_or_query", written(tmp_path, rows)).rating.tolist() == [5.0, 7.0, 10.0]


def test_pulls_one_row_of_a_view_without_entities(tmp_path):
    rows = [{"event_timestamp": at(m), "rating": float(m)} for m in (5, 7)]

    found = pulled("pull_latest_from_table_or_query", written(tmp_path, rows), keys=())

    assert found.rating.tolist() == [7.0]
    assert "__dummy_id" in found.columns
