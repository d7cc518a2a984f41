import numpy as np
import pytest

from maestro_ml.core.sided import CURRENT, REFERENCE, Sided, of_side

EACH = Sided(np.array([1.0, 2.0, np.nan, 4.0]), np.array([1, 0, 0, -1], np.int8))


def test_each_side_has_its_values_in_their_order():
    assert EACH.of(CURRENT).tolist() == [1.0]
    assert EACH.without_nan.of(REFERENCE).tolist() == [2.0]
    assert EACH.without_nan.present.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("side", [REFERENCE, CURRENT])
def test_values_of_one_side_need_no_mark_each(side):
    part = Sided(np.array([3, 5, 7]), side)
    assert part.of(side) is part.values
    assert not len(part.of(1 - side))
    assert part.without_nan is part
    assert part.without(np.array([False, True, False])).of(side).tolist() == [3, 7]


def test_parts_are_put_together_in_their_order():
    parts = [EACH, EACH.at(slice(0, 2)), Sided(np.array([9.0]), CURRENT)]
    assert of_side(parts, CURRENT).tolist() == [1.0, 1.0, 9.0]
    assert of_side([], CURRENT).tolist() == []
