"""Numbers and names that can be times."""

from datetime import timedelta
from typing import Any

import pytest

from maestro_ml.starting.number_times import are_years, formats_with_months, sounds_like_a_time, time_of_numbers

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(1000, 2999, True), (999, 2000, False), (1000, 3000, False), (1000.0, 2000, False), (1000, None, False)],
)
def test_numbers_that_can_be_years(low: Any, high: Any, expected: bool) -> None:
    assert are_years(low, high) is expected


OLDEST, NEWEST = 631_152_000, 2_524_608_000  # 1990 and 2050


@pytest.mark.parametrize(("unit", "many"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_epoch_numbers_lie_between_1990_and_2050(unit: str, many: int) -> None:
    assert time_of_numbers("ts", OLDEST * many, NEWEST * many) == ("timestamp", {"unit": unit})
    assert time_of_numbers("ts", OLDEST * many - 1, NEWEST * many) is None
    assert time_of_numbers("ts", OLDEST * many, NEWEST * many + 1) is None


@pytest.mark.parametrize(("low", "high"), [(20240131, 20241301), (20241301, 20250101), (2024131, 2024132)])
def test_numbers_that_are_no_days(low: int, high: int) -> None:
    assert time_of_numbers("date", low, high) is None


@pytest.mark.parametrize("name", ["event_ts", "createdAt", "EventTime", "TS", "day2", "updated"])
def test_names_of_times(name: str) -> None:
    assert sounds_like_a_time(name)
    assert not sounds_like_a_time(f"x{name.lower()}x")


def test_a_format_reads_both_ends() -> None:
    assert formats_with_months("Jan 1 2000", "Feb 2 2000") == ("%b %d %Y",)
    assert formats_with_months("May 1 2000", "May 2 2000") == ("%b %d %Y", "%B %d %Y")
    assert formats_with_months("Jan 1 2000", "January 2 2000") == ()
