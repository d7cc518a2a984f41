import math
import sys
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.validation.suggest.limits import bounds, half_and_twice, tolerated_share

FINITE = st.floats(allow_nan=False, allow_infinity=False)


INTEGERS = st.one_of(st.integers(-(2**127), 2**127), st.integers(2**60, 2**60 + 500))
DECIMALS = st.decimals(-(10**30), 10**30, places=8)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([FINITE, INTEGERS, DECIMALS]).flatmap(lambda kind: st.tuples(kind, kind)))
def test_limits_lie_around_what_was_seen(seen):
    low, high = sorted(seen)
    below, above = bounds(low, high, whole=isinstance(low, int))
    assert isinstance(below, int) is isinstance(low, int)
    said = float if isinstance(low, float) else lambda bound: Decimal(repr(bound))
    assert said(below) <= low <= high <= said(above)
    assert math.isfinite(below)
    assert math.isfinite(above)
    assert below >= 0 or low < 0
    assert above <= 0 or high > 0


@given(st.integers(1, 10**15), st.floats(0, 1))
def test_counts_and_shares_leave_room(count, found):
    low, high = half_and_twice(count)
    assert 1 <= low <= count <= high
    assert low <= max(1, count / 2)
    assert high >= 2 * count
    assert min(1.0, found + 0.01) <= tolerated_share(found) + 1e-9
    assert tolerated_share(found) <= 1


MOST = sys.float_info.max


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, (0, 110)),
        (0, 9, (0, 10)),
        (1, 12345, (0, 14000)),
        (-100, -50, (-105, -45)),
        (-100, 0, (-110, 0)),
        (5, 5, (4, 6)),
        (0, 0, (0, 0)),
        (0.0, 1.0, (0.0, 1.1)),
        (1.5, 2.5, (1.4, 2.6)),
        (-1.0, 1.0, (-1.2, 1.2)),
        (-0.5, 0.0, (-0.55, 0.0)),
        (3.0, 3.0, (2.7, 3.3)),
        (0.001, 0.0012, (0.00098, 0.00122)),
        (-MOST, MOST, (-MOST, MOST)),
        (Decimal("0.1"), Decimal("0.3"), (0.08, 0.32)),
        (Decimal(10**30 + 1), Decimal(10**30 + 2), (1e30, math.nextafter(1e30, math.inf))),  # no double lies between
        (Decimal(-(10**30) - 2), Decimal(-(10**30) - 1), (math.nextafter(-1e30, -math.inf), -1e30)),
    ],
)
def test_a_limit_is_a_tenth_of_the_range_further_out_to_two_digits(low, high, expected):
    assert bounds(low, high, whole=isinstance(low, int)) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1, 2)), (2, (1, 4)), (10, (5, 20)), (19, (9, 38)), (123, (61, 250)), (1001, (500, 2100))],
)
def test_a_number_of_rows_may_halve_and_double(count, expected):
    assert half_and_twice(count) == expected


@pytest.mark.parametrize(
    ("found", "share"), [(0.001, 0.02), (0.02, 0.03), (0.1, 0.15), (0.2, 0.3), (0.25, 0.38), (0.5, 0.75), (0.9, 1.0)]
)
def test_half_as_much_again_may_be_missing(found, share):
    assert tolerated_share(found) == share
