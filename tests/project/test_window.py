"""Windows: half-open, in UTC, whatever kind of datetime they are made from."""

from datetime import UTC, datetime, timedelta

import pendulum
import pytest

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
    with pytest.raises(ValueError, match="timezone-aware"):
        Window(datetime(2013, 1, 1), END)  # noqa: DTZ001 - the point of the test
