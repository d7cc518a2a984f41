import math
from decimal import Decimal

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
