"""The sum of a column against its bounds."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

LARGEST = 2**63 - 1
NUMBER = {"at": {"type": "timestamp"}, "x": {"type": "number"}}


@pytest.fixture
def found(judge, pick, events):
    """Provide `found(values, **check)`: the finding on a column of these values."""

    def only(values, columns=None, **check):
        declared = {"check": "sum_between", "column": "x", **check}
        extra = {"columns": columns} if columns else {}
        return pick(judge(events(x=values), "quality", checks=[declared], **extra), "sum_between")

    return only


@pytest.mark.parametrize(
    ("values", "bounds", "violated"),
    [
        ([1, 2, 3], {"min": 6, "max": 6}, False),
        ([1, 2, 3], {"min": 7}, True),
        ([1, 2, 3], {"max": 5}, True),
        ([1.5, None, 1.5], {"min": 3, "max": 3}, False),
        ([1.5, np.nan, 1.5], {"max": 2.9}, True),
        ([None, None], {"min": 0, "max": 0}, False),
        ([LARGEST, LARGEST], {"min": 2 * LARGEST, "max": 2 * LARGEST}, False),
        ([LARGEST, LARGEST], {"min": 2 * LARGEST + 1}, True),
        ([np.inf, -np.inf], {"min": 0}, True),
        ([Decimal("0.10"), Decimal("0.20")], {"min": 0.3, "max": 0.3}, False),
        ([Decimal("0.10"), Decimal("0.20")], {"max": 0.29}, True),
        ([Decimal("0.10"), Decimal("0.20")], {"min": 0.29, "max": 0.31}, False),
    ],
)
def test_a_sum_outside_its_bounds_is_violated(found, values, bounds, violated):
    assert found(pd.Series(values, dtype=object), NUMBER, **bounds).violated is violated


def test_the_finding_says_the_sum_and_the_bounds(found):
    finding = found([1, 2, 3], min=7, max=9)
    assert finding.message == "the sum is 6, which is not at least 7, at most 9"
    assert finding.numbers == {"sum": 6, "min": 7, "max": 9}
    assert finding.sample is None


def test_where_narrows_the_rows(found):
    assert not found([1, 2, 30], max=3, where="x < 10").violated


def test_the_sum_of_a_personal_column_is_not_shown(found):
    columns = {"at": {"type": "timestamp"}, "x": {"type": "integer", "pii": True}}
    finding = found([41, 1], columns, min=50)
    assert finding.violated
    assert finding.numbers["sum"] is None
    assert "42" not in finding.message


def test_text_has_no_sum(found):
    assert "cannot be checked: the column is string" in found(["a"], NUMBER, min=0).message


@pytest.mark.parametrize(("bounds", "words"), [({}, "needs min, max or both"), ({"min": 2, "max": 1}, "above max")])
def test_bounds_that_bound_nothing_are_refused(found, bounds, words):
    with pytest.raises(Exception, match=words):
        found([1], **bounds)
