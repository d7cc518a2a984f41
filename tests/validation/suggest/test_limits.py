import math

from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.validation.suggest.limits import bounds, half_and_twice, tolerated_share

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(FINITE, FINITE, st.booleans())
def test_limits_lie_around_what_was_seen(one, other, whole):
    low, high = sorted(float(math.trunc(v)) if whole else v for v in (one, other))
    below, above = bounds(low, high, whole=whole)
    assert below <= low <= high <= above
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
