"""Which versions can be judged on a candidate's test rows."""

from datetime import UTC, datetime, timedelta

import pytest

from maestro_ml.training.candidate import SplitSummary
from maestro_ml.training.tracking.unseen import obstacle_of

DAY = datetime(2024, 1, 10, tzinfo=UTC)
WAS, MAY = "it was fitted on some of the candidate's", "it may have been fitted on some of the candidate's"
BY_TIME = {"maestro.test_start": DAY.isoformat(), "maestro.test_end": (DAY + timedelta(days=2)).isoformat()}


@pytest.mark.parametrize(
    ("tags", "starts", "drawn", "timed", "obstacle"),
    [
        (BY_TIME, 0, "", True, ""),
        (BY_TIME, -1, "", True, WAS),
        (BY_TIME, -1, "random a", True, MAY),
        (BY_TIME, 0, "random a", True, ""),
        ({**BY_TIME, "maestro.drawn": "random a"}, 1, "", True, MAY),
        ({**BY_TIME, "maestro.drawn": "random a"}, 2, "random b", True, ""),
        ({**BY_TIME, "maestro.drawn": "random a"}, 0, "random b", True, MAY),
        ({**BY_TIME, "maestro.drawn": "random a"}, 0, "random a", True, ""),
        ({**BY_TIME, "maestro.drawn": "random a", "maestro.untimed": "true"}, 9, "random b", False, MAY),
        ({**BY_TIME, "maestro.drawn": "random a", "maestro.untimed": "true"}, 9, "random a", False, ""),
        ({**BY_TIME, "maestro.drawn": "random a", "maestro.untimed": "true"}, 9, "", True, MAY),
        ({}, 0, "", True, ""),
        ({}, 0, "random a", False, MAY),
    ],
)
def test_a_version_is_judged_only_on_rows_that_it_was_not_fitted_on(
    tags: dict[str, str], starts: int, drawn: str, timed: bool, obstacle: str
) -> None:
    start = DAY + timedelta(days=starts)
    test = SplitSummary(start=start, end=start + timedelta(days=2), rows=5, drawn=drawn, timed=timed)
    assert obstacle_of(tags, test) == obstacle
