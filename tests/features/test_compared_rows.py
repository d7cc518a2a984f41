"""How the offline row of a key is compared with the one online."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from maestro_ml.features.availability import (
    ViewAvailability,
    _compared,
    _expired,
    _Online,
    _sampled,
    _unsourced,
    is_same_value,
)

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("offline", "online", "same"),
    [
        (1.0, 1.0 + 5e-7, True),
        (1.0, 1.0 + 5e-6, False),
        (3, 3.0, True),
        (3.0, 4, False),
        (None, None, True),
        (math.nan, None, True),
        (None, math.nan, True),
        (None, 0, False),
        (0, None, False),
        (1.0, math.nan, False),
        (None, 1.0, False),
        (1.0, None, False),
        (10_000_000.5, 10_000_000, True),
        (10_000_000, 10_000_000.5, True),
        ([1.0, 2.0], (1.0, 2.0), True),
        ([1.0, 2.0], [1.0, 3.0], False),
        ([1.0, 2.0], [1.0], False),
        ([], [], True),
        (NOON, NOON + SECOND, True),
        (NOON, NOON + SECOND + TICK, False),
        (NOON + SECOND + TICK, NOON, False),
        ("a", "a", True),
        ("a", "b", False),
    ],
)
def test_values_are_the_same_as_far_as_feast_keeps_them(offline: Any, online: Any, same: bool) -> None:
    assert is_same_value(offline, online) is same


def online(at: datetime, **values: Any) -> _Online:
    return _Online(at, values)


def show(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (None, ("missing", "not in the online store")),
        (online(NOON, x=1), None),
        (online(NOON - SECOND + TICK, x=1), None),
        (online(NOON - SECOND, x=1), ("stale", "online row of 2024-01-01T11:59:59+00:00, offline {noon}")),
        (online(NOON, x=2), ("stale", "x is 2 online, 1 offline")),
        (online(NOON + SECOND - TICK, x=2), ("stale", "x is 2 online, 1 offline")),
        (online(NOON + SECOND, x=2), None),  # newer: whether the source has it is another question
    ],
)
def test_an_older_row_or_another_value_of_the_same_time_is_stale(
    found: _Online | None, problem: tuple[str, str] | None
) -> None:
    expected = problem and (problem[0], problem[1].format(noon=NOON.isoformat()))
    assert _compared({"x": 1}, found, NOON, None, show) == expected


def test_no_value_of_a_hidden_column_is_shown() -> None:
    problem = _compared({"x": 1}, online(NOON, x=2), NOON, None, lambda name: name == "x")
    assert problem == ("stale", "x is not the same online and offline")


def test_a_key_whose_row_is_past_its_ttl_may_be_gone() -> None:
    assert _compared({"x": 1}, None, NOON, NOON + TICK, show) is None
    assert _compared({"x": 1}, None, NOON, NOON, show) == ("missing", "not in the online store")


def test_a_value_past_its_ttl_is_expired_before_anything_else() -> None:
    problem = _compared({"x": 1}, online(NOON, x=1), NOON, NOON + 2 * SECOND, show)
    assert problem == ("expired", f"x of {NOON.isoformat()} is past the view's ttl, but still online")


@pytest.mark.parametrize(
    ("found", "oldest", "expired"),
    [
        (None, NOON, False),
        (online(NOON, x=1), None, False),
        (online(NOON, x=1), NOON + SECOND, False),
        (online(NOON, x=1), NOON + SECOND + TICK, True),
        (online(NOON, x=None, y=1), NOON + 2 * SECOND, True),
        (online(NOON, x=None, y=math.nan), NOON + 2 * SECOND, False),
    ],
)
def test_what_is_online_past_the_ttl_is_a_value_of_a_row_too_old(
    found: _Online | None, oldest: datetime | None, expired: bool
) -> None:
    assert bool(_expired(found, oldest)) is expired


@pytest.mark.parametrize(
    ("sources", "known"),
    [
        ([], False),
        ([{"at": NOON, "x": 1}], True),
        ([{"at": NOON, "x": 2}], False),
        ([{"at": NOON, "x": 2}, {"at": NOON, "x": 1}], True),
        ([{"at": NOON - SECOND + TICK, "x": 1}], True),
        ([{"at": NOON - SECOND, "x": 1}], False),
        ([{"at": NOON + SECOND, "x": 1}], False),
    ],
)
def test_a_newer_row_must_stand_in_the_source(sources: list[dict[str, Any]], known: bool) -> None:
    problem = _unsourced(online(NOON, x=1), sources, "at")
    message = f"online row of {NOON.isoformat()}, which the offline source does not have"
    assert problem == (None if known else ("unsourced", message))


def test_a_newer_row_without_a_value_needs_no_source() -> None:
    assert _unsourced(online(NOON, x=None, y=math.nan), [], "at") is None
    assert _unsourced(online(NOON, x=None, y=1), [], "at") is not None


def test_a_sample_is_the_same_rows_for_one_seed_in_their_order() -> None:
    table = pa.table({"n": range(1000)})
    assert _sampled(table, 1000, 1).num_rows == 1000
    first, again, other = (_sampled(table, 50, seed)["n"].to_pylist() for seed in (1, 1, 2))
    assert first == again == sorted(set(first))
    assert len(first) == 50
    assert first != other


def test_shares_are_of_the_keys_that_were_looked_at() -> None:
    found = ViewAvailability(view="v", sampled=8, missing=1, stale=2, expired=4)
    assert (found.missing_share, found.stale_share, found.expired_share) == (0.125, 0.25, 0.5)
    none = ViewAvailability(view="v", sampled=0, missing=0, stale=0)
    assert (none.missing_share, none.stale_share, none.expired_share) == (0.0, 0.0, 0.0)
