"""Schedules: whether they can be met."""

import pytest

from maestro_ml.core.schedules import check_schedule


@pytest.mark.parametrize("schedule", ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31 feb */1"])
def test_a_day_that_no_month_has_never_occurs(schedule):
    with pytest.raises(ValueError, match="no month has such a day, so it never occurs"):
        check_schedule(schedule)


@pytest.mark.parametrize("schedule", ["0 0 29 2 *", "0 0 31 2,3 *", "0 0 30 2 1", "0 0 L 2 *", "0 0 * * *", "@daily"])
def test_a_day_that_comes_is_a_schedule(schedule):
    assert check_schedule(schedule) == schedule
