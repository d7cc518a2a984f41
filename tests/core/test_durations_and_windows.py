"""Lengths of time, and the half-open ranges they make."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro_ml.core.node import format_duration, parse_duration
from maestro_ml.project import Window

MOMENT = datetime(2024, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hours"), [("7d", 168), ("12h", 12), ("30m", 0.5), ("1d 6h", 30), ("1d6h", 30), (" 90s ", 0.025)]
)
def test_durations_are_sums_of_days_hours_minutes_seconds(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "7", "7 days", "6h 1d", "-1d", "1.5h", "P7D", "0s", None, 7, True])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(1, 59))
def test_a_written_duration_reads_back(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days}d {hours}h {minutes}m {seconds}s"
    assert parse_duration(text) == timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def test_a_window_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=5))
    window = Window(MOMENT.astimezone(east), MOMENT.astimezone(east) + timedelta(days=1))
    assert window.start.tzinfo is UTC
    assert str(window) == "2024-03-10 12:00 .. 2024-03-11 12:00 UTC"


def test_the_previous_window_ends_where_this_one_starts() -> None:
    window = Window.ending(MOMENT, timedelta(days=2))
    assert window.previous() == Window(window.start - timedelta(days=2), window.start)
    assert window.previous(timedelta(hours=1)) == Window(window.start - timedelta(hours=1), window.start)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (MOMENT, MOMENT, "start before it ends"),
        (MOMENT, MOMENT - timedelta(seconds=1), "start before it ends"),
        (MOMENT.replace(tzinfo=None), MOMENT, "timezone-aware"),
        (MOMENT, (MOMENT + timedelta(days=1)).replace(tzinfo=None), "timezone-aware"),
    ],
)
def test_an_empty_or_naive_window_is_refused(start: datetime, end: datetime, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Window(start, end)


@pytest.mark.parametrize("text", ["1s", "59s", "1m", "59m 59s", "1h", "1h 1s", "23h 59m", "1d", "1d 1h 1m 1s", "364d"])
def test_a_duration_is_shown_as_it_is_written(text: str) -> None:
    assert format_duration(parse_duration(text)) == text
