"""Windows: half-open, in UTC, whatever kind of datetime they are made from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro_ml.core.window import stamp, stamped
from maestro_ml.project import Window

END = datetime(2013, 12, 1, 4, tzinfo=UTC)


def test_it_ends_at_the_runs_end_and_has_the_given_length():
    window = Window.ending(END, timedelta(days=7))
    assert (window.start, window.end) == (datetime(2013, 11, 24, 4, tzinfo=UTC), END)
    assert window.length == timedelta(days=7)


def test_the_previous_window_touches_it():
    window = Window.ending(END, timedelta(days=7))
    assert window.previous() == Window(datetime(2013, 11, 17, 4, tzinfo=UTC), window.start)
    assert window.previous(timedelta(days=1)).length == timedelta(days=1)


def test_times_of_other_zones_and_libraries_become_plain_utc():
    window = Window.ending(pendulum.datetime(2013, 12, 1, 5, tz="Europe/Berlin"), timedelta(days=7))
    assert window == Window.ending(END, timedelta(days=7))
    assert type(window.end) is datetime
    assert window.previous().end == window.start


@pytest.mark.parametrize("start", [END, END + timedelta(seconds=1)])
def test_it_must_start_before_it_ends(start):
    with pytest.raises(ValueError, match="must start before it ends"):
        Window(start, END)


def test_naive_times_are_refused():
    naive = datetime(2013, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="timezone-aware"):
        Window(naive, END)
    with pytest.raises(ValueError, match="timezone-aware"):
        Window.ending(naive, timedelta(days=1))


def test_a_day_has_24_hours_also_where_the_clock_is_put_back():
    window = Window.ending(datetime(2013, 10, 27, 12, tzinfo=ZoneInfo("Europe/Berlin")), timedelta(days=1))
    assert window.start == datetime(2013, 10, 26, 11, tzinfo=UTC)


@given(st.datetimes(timezones=st.timezones()))
def test_no_microsecond_is_lost_on_the_way_to_utc(moment):
    try:
        window = Window.ending(moment, timedelta(microseconds=1))
    except OverflowError:  # at the ends of the calendar there is no such time in UTC
        return
    assert window.end == moment.astimezone(UTC)  # an hour that comes twice equals nothing in another zone
    assert window.end - window.start == timedelta(microseconds=1)
    assert stamped(f"{stamp(window.end)}-run.parquet") == window.end


def test_names_of_two_instants_differ():
    near = [END, END + timedelta(microseconds=1), END + timedelta(seconds=1)]
    assert [stamp(moment) for moment in near] == [
        "2013-12-01T040000Z",
        "2013-12-01T040000.000001Z",
        "2013-12-01T040001Z",
    ]


@pytest.mark.parametrize("name", ["", "events.parquet", "2013-12-01", "2013-13-01T040000Z-a", "2013-12-01T040000-a"])
def test_a_name_without_an_instant_has_none(name):
    assert stamped(name) is None


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(hours=1), "2013-12-01 03:00 .. 2013-12-01 04:00 UTC"),
        (timedelta(seconds=20), "2013-12-01 03:59:40 .. 2013-12-01 04:00:00 UTC"),
        (timedelta(microseconds=250_000), "2013-12-01 03:59:59.750000 .. 2013-12-01 04:00:00 UTC"),
    ],
)
def test_it_shows_seconds_where_they_matter(length, shown):
    assert str(Window.ending(END, length)) == shown
