"""Reading back what was materialized."""

import math
import sqlite3
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from driver_stores import ALL, available, change_source, filled, plant

from maestro_ml.features.availability import check_availability, is_same_value
from maestro_ml.features.store import open_store
from maestro_ml.project import Window


@pytest.fixture
def store(project):
    store = open_store(project)
    store.apply()
    return store


def test_everything_materialized_is_available_nulls_included(store, window):
    [view] = filled(store, window)

    assert (view.rows, view.staleness_seconds) == (8, timedelta(days=1).total_seconds())
    assert available(store, window).model_dump(exclude={"view"}) == {
        "sampled": 8, "missing": 0, "stale": 0, "expired": 0, "unsourced": 0, "examples": []
    }  # fmt: skip


def test_without_materialization_every_key_is_missing(store, window):
    found = available(store, window)

    assert (found.missing, found.missing_share, found.stale) == (8, 1.0, 0)
    assert found.examples[0] == "driver=d0: not in the online store"


def test_an_older_row_online_is_stale(store, window):
    filled(store, Window(window.start - timedelta(days=1), window.end - timedelta(days=1)))

    found = available(store, window)

    assert (found.missing, found.stale) == (0, 8)
    assert "online row of 2024-03-09" in found.examples[0]


def test_a_newer_row_online_is_available(store, window):
    filled(store, window)

    assert available(store, Window(window.start - timedelta(days=1), window.end - timedelta(days=1))).stale == 0


def test_a_newer_row_that_the_source_does_not_have_is_no_value_of_ours(store, window):
    filled(store, window)
    plant(store, "d3", window.end + timedelta(days=400), 99.0)
    filled(store, window)  # does not remove it

    found = available(store, window)

    assert (found.unsourced, found.stale, found.missing) == (1, 0, 0)
    assert found.examples[0].startswith("driver=d3: online row of 2025-04")


def test_a_newer_row_with_another_value_than_the_source_has_at_its_time_is_no_value_of_ours(project, store, window):
    filled(store, window)
    before = Window(window.start - timedelta(days=1), window.end - timedelta(days=1))
    assert available(store, before).unsourced == 0
    rows = pd.read_parquet(project.root / "data" / "driver_stats.parquet")
    newest = rows[(rows.driver == "d3") & (rows.event_timestamp < window.end)].event_timestamp.max()
    plant(store, "d3", newest, 99.0)

    found = available(store, before)

    assert (found.unsourced, found.stale) == (1, 0)


def test_a_row_between_the_newest_of_the_source_and_the_windows_end_is_no_value_of_ours(store, window):
    filled(store, window)
    plant(store, "d3", window.end - timedelta(seconds=5), 99.0)

    assert available(store, window).unsourced == 1


def test_another_value_of_the_same_time_is_stale(project, store, window):
    filled(store, window)
    change_source(project, lambda rows: rows.assign(trips=rows.trips + (rows.driver == "d3")))

    found = available(store, window)

    assert (found.missing, found.stale) == (0, 1)
    assert found.examples == ["driver=d3: trips is 93 online, 94 offline"]


def test_a_view_without_entities_is_available_too(project, window):
    file = project.root / "feature_repo" / "definitions.py"
    file.write_text(file.read_text().replace("entities=[driver]", "entities=[]"))
    store = open_store(project)
    store.apply()

    assert available(store, window).examples == ["not in the online store"]
    assert filled(store, window)[0].rows == 1
    found = available(store, window)
    assert (found.sampled, found.missing, found.stale) == (1, 0, 0)


def test_a_row_lost_online_is_missing(project, store, window):
    filled(store, window)
    with sqlite3.connect(project.root / "feature_repo" / "data" / "online.db") as connection:
        connection.execute("DELETE FROM rides_driver_stats WHERE hex(entity_key) LIKE '%' || hex('d3') || '%'")

    found = available(store, window)

    assert (found.missing, found.examples) == (1, ["driver=d3: not in the online store"])


def test_a_window_draws_the_same_sample_every_time_and_another_window_another(store, window):
    samples = [available(store, w, sample=4).examples for w in (window, window)]
    others = [
        available(store, Window(window.start, window.end - timedelta(hours=h)), sample=4).examples for h in range(1, 6)
    ]

    assert samples[0] == samples[1]
    assert any(other != samples[0] for other in others)


def test_an_empty_window_has_nothing_to_sample(store, window):
    later = Window(window.end + timedelta(days=30), window.end + timedelta(days=37))

    [view] = filled(store, later)

    assert (view.rows, view.staleness_seconds) == (0, None)
    assert available(store, later).sampled == 0


def test_a_row_at_the_windows_end_belongs_to_the_next_window(store, window):
    until = Window(window.start, window.end - timedelta(days=1))

    [view] = filled(store, until)

    assert view.staleness_seconds == timedelta(days=1).total_seconds()


@pytest.mark.parametrize(
    ("offline", "online", "same"),
    [
        (0.1, float(np.float32(0.1)), True),
        (0.1, 0.1001, False),
        (math.nan, None, True),
        (None, 0.0, False),
        ([1.0, 2.0], [1.0, 2.0], True),
        ([1.0, 2.0], [1.0], False),
        (datetime(2024, 1, 1, 0, 0, 0, 500, UTC), datetime(2024, 1, 1, tzinfo=UTC), True),
        ("EWR", "JFK", False),
        (3, 3, True),
    ],
)
def test_values_are_compared_as_far_as_a_store_keeps_them(offline, online, same):
    assert is_same_value(offline, online) is same


def test_a_feature_that_was_just_added_to_the_view_has_no_value_online(project, window):
    file = project.root / "feature_repo" / "definitions.py"
    whole = file.read_text()
    file.write_text(whole.replace(', Field(name="trips", dtype=Int64)', ""))
    before = open_store(project)
    before.apply()
    filled(before, window)
    file.write_text(whole)
    store = open_store(project)
    store.apply()

    assert available(store, window).examples[0] == "driver=d0: trips is None online, 90 offline"


def test_values_of_hidden_columns_are_in_no_example(store, window, project):
    filled(store, window)
    change_source(project, lambda frame: frame.assign(driver=frame["driver"], trips=frame["trips"] + 1))
    open_ = check_availability(store, store.views()[0], window, ALL)
    hidden = check_availability(store, store.views()[0], window, ALL, lambda name: name in ("driver", "trips"))

    assert "driver=d0: trips is " in open_.examples[0]
    assert hidden.examples[0] == "driver=•••: trips is not the same online and offline"


@pytest.mark.parametrize(
    ("later", "changed", "stale"),
    [
        (timedelta(milliseconds=400), 0, 0),
        (timedelta(seconds=1), 0, 8),
        (timedelta(seconds=5), 0, 8),
        (-timedelta(milliseconds=400), 1, 8),
        (-timedelta(seconds=1), 1, 0),
    ],
)
def test_a_row_online_may_differ_by_less_than_a_second_and_be_newer(project, store, window, later, changed, stale):
    filled(store, window)
    change_source(
        project, lambda rows: rows.assign(event_timestamp=rows.event_timestamp + later, trips=rows.trips + changed)
    )

    found = available(store, window)

    assert (found.missing, found.stale, found.stale_share) == (0, stale, stale / 8)


@pytest.mark.parametrize(("past", "expired"), [(0, 0), (1, 0), (2, 8)])
def test_a_value_online_expires_more_than_a_second_past_its_ttl(project, store, window, past, expired):
    filled(store, window)
    newest = window.end - timedelta(days=1)

    found = available(store, Window.ending(newest + timedelta(days=3, seconds=past), timedelta(days=7)))

    assert (found.sampled, found.missing, found.stale, found.expired) == (8, 0, 0, expired)
    assert found.expired_share == expired / 8


@pytest.mark.parametrize(
    ("before_the_end", "rows"), [(timedelta(microseconds=1), 8), (timedelta(milliseconds=500), 8), (timedelta(0), 0)]
)
def test_a_window_holds_its_last_microsecond_and_not_its_end(project, store, window, before_the_end, rows):
    newest = window.end - before_the_end
    change_source(project, lambda stats: stats.tail(8).assign(event_timestamp=newest))

    [view] = filled(store, window)

    assert (view.rows, available(store, window).sampled) == (rows, rows)
    assert view.staleness_seconds == (before_the_end.total_seconds() if rows else None)
