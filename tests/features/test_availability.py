"""Each kind of fault of a key, in words and numbers, from a source and an online store that a test fills by the row."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
import pytest
from local_feature_store import feature_store_yaml

from maestro_ml.features.availability import ViewAvailability, check_availability
from maestro_ml.features.store import open_store
from maestro_ml.project import Window, load_project

END = datetime(2024, 1, 2, tzinfo=UTC)
WINDOW = Window(END - timedelta(days=1), END)
NOON = END - timedelta(hours=12)
HOUR = timedelta(hours=1)
PROJECT = """\
    name: shop
    datasets: {orders: {source: {kind: parquet, path: x.parquet}, columns: {id: {type: integer}}}}
    features: {}
    """
DEFINITIONS = """\
    from datetime import timedelta

    from feast import Entity, FeatureView, Field, FileSource, ValueType
    from feast.types import Int64

    key = Entity(name="id", join_keys=["id"], value_type=ValueType.INT64)
    source = FileSource(name="rows", path="rows.parquet", timestamp_field="at")
    schema = [Field(name="x", dtype=Int64)]
    v = FeatureView(name="v", entities=[key], schema=schema, source=source, ttl=timedelta(0))
    brief = FeatureView(name="brief", entities=[key], schema=schema, source=source, ttl=timedelta(hours=6))
    whole = FeatureView(name="whole", entities=[], schema=schema, source=source, ttl=timedelta(0))
    """


class Stores:
    """A file and a SQLite online store for three views: `v`, with a ttl of six hours `brief`, without keys `whole`."""

    def __init__(self, folder: Path) -> None:
        self.repo = folder / "feature_repo"
        self.repo.mkdir()
        (folder / "maestro.yaml").write_text(dedent(PROJECT))
        (self.repo / "feature_store.yaml").write_text(feature_store_yaml("shop"))
        (self.repo / "definitions.py").write_text(dedent(DEFINITIONS))
        self.source([(0, 0, NOON)])
        self.store = open_store(load_project(folder, environ={}))
        self.store.apply()

    def source(self, rows: list[tuple[int | None, int, datetime]]) -> None:
        """Replace the rows of the source: key, value and time of each."""
        frame = pd.DataFrame(rows, columns=["id", "x", "at"]).astype({"id": "Int64", "x": "Int64"})
        frame.to_parquet(self.repo / "rows.parquet")

    def online(self, rows: dict[int, tuple[int, datetime]], view: str = "v") -> None:
        """Replace the rows online: value and time by key."""
        with sqlite3.connect(self.repo / "online.db") as database:
            database.execute(f"DELETE FROM shop_{view}")
        if rows:
            values = [{"id": key, "x": x, "at": at} for key, (x, at) in rows.items()]
            self.store.feast.write_to_online_store(view, pd.DataFrame(values))

    def found(self, sample: int = 100, view: str = "v", **options: Any) -> ViewAvailability:
        return check_availability(self.store, *self.store.views((view,)), WINDOW, sample, **options)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return Stores(tmp_path_factory.mktemp("availability"))


SIX = [(key, 10 * key, NOON) for key in range(1, 7)]
ONLINE = {key: (x, at) for key, x, at in SIX}


@pytest.fixture
def stores(both: Stores) -> Stores:
    """Give six keys the same value and time in the source and online."""
    both.source(list(SIX))
    both.online(ONLINE)
    return both


def without(key: int) -> dict[int, tuple[int, datetime]]:
    return {each: row for each, row in ONLINE.items() if each != key}


def test_keys_that_are_online_as_they_are_offline_are_available(stores: Stores) -> None:
    assert stores.found() == ViewAvailability(view="v", sampled=6, missing=0, stale=0)


def test_each_kind_of_fault_is_counted_and_named(stores: Stores) -> None:
    stores.online(without(1) | {3: (30, NOON - HOUR), 4: (41, NOON), 5: (50, END + HOUR)})
    assert stores.found() == ViewAvailability(
        view="v",
        sampled=6,
        missing=1,
        stale=2,
        unsourced=1,
        examples=[
            "id=1: not in the online store",
            f"id=3: online row of {(NOON - HOUR).isoformat()}, offline {NOON.isoformat()}",
            "id=4: x is 41 online, 40 offline",
            f"id=5: online row of {(END + HOUR).isoformat()}, which the offline source does not have",
        ],
    )


def test_a_newer_row_is_available_if_the_source_has_it_with_key_value_and_time(stores: Stores) -> None:
    stores.online(ONLINE | {5: (51, END + HOUR)})
    stores.source([*SIX, (4, 51, END + HOUR), (5, 52, END + HOUR), (5, 51, END + 2 * HOUR)])
    assert stores.found().unsourced == 1
    stores.source([*SIX, (5, 50, END), (5, 51, END + HOUR)])
    assert stores.found() == ViewAvailability(view="v", sampled=6, missing=0, stale=0)


@pytest.mark.parametrize(("newer", "unsourced"), [(timedelta(milliseconds=999), 0), (timedelta(seconds=1), 1)])
def test_a_row_is_newer_from_a_second_on(newer: timedelta, unsourced: int, stores: Stores) -> None:
    stores.online(ONLINE | {2: (20, NOON + newer)})
    found = stores.found()
    assert (found.unsourced, found.stale) == (unsourced, 0)


def test_a_row_of_the_windows_end_is_looked_for_in_the_source(stores: Stores) -> None:
    stores.online(ONLINE | {2: (20, END)})
    assert stores.found().unsourced == 1
    stores.source([*SIX, (2, 20, END)])
    assert stores.found().unsourced == 0


def test_five_faults_are_named_and_all_are_counted(stores: Stores) -> None:
    stores.online({})
    found = stores.found()
    assert found.missing == 6
    assert found.examples == [f"id={key}: not in the online store" for key in range(1, 6)]


def test_a_value_past_its_ttl_is_counted_as_such(stores: Stores) -> None:
    stores.source([(1, 1, NOON), (2, 2, NOON)])
    stores.online({1: (1, NOON)}, "brief")
    assert stores.found(view="brief") == ViewAvailability(
        view="brief",
        sampled=2,
        missing=0,
        stale=0,
        expired=1,
        examples=[f"id=1: x of {NOON.isoformat()} is past the view's ttl, but still online"],
    )


def test_rows_without_a_key_are_none_of_the_sample(stores: Stores) -> None:
    stores.source([*SIX, (None, 1, NOON)])
    assert stores.found().sampled == 6
    assert stores.found(sample=2).sampled == 2
    stores.source([(None, 1, NOON)])
    assert stores.found() == ViewAvailability(view="v", sampled=0, missing=0, stale=0)


def test_hidden_columns_are_not_shown(stores: Stores) -> None:
    stores.online(ONLINE | {1: (0, NOON)})
    assert stores.found(hides=lambda name: True).examples == ["id=•••: x is not the same online and offline"]


def test_the_one_row_of_a_view_without_keys_is_named_without_a_key(stores: Stores) -> None:
    missing = ViewAvailability(view="whole", sampled=1, missing=1, stale=0, examples=["not in the online store"])
    assert stores.found(view="whole") == missing
