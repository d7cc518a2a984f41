"""Numbers in messages: those that differ read differently, and none is shown on the wrong side of its limit."""

import math
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maestro_ml.core.wording import (
    against,
    duration_against,
    exact,
    number,
    numbers,
    percent_against,
    percent_limit,
    plural,
    share,
    share_against,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = FINITE | st.integers(-(2**63), 2**63)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=9)
SHARES = st.floats(0, 1).map(lambda value: value if value > 1e-9 else 0.0)
MANY = settings(max_examples=300, deadline=None, derandomize=True)


def _read(text: str) -> Decimal:
    return Decimal(text.removesuffix(" %").replace(",", ""))


@MANY
@given(st.lists(NUMBERS, min_size=2, max_size=4) | st.lists(DECIMALS, min_size=2, max_size=4))
def test_different_numbers_read_differently(values):
    texts = numbers(*values)
    for value, text in zip(values, texts, strict=True):
        for other, other_text in zip(values, texts, strict=True):
            assert (text == other_text) == (value == other)


@MANY
@given(FINITE, st.integers(1, 3))
def test_a_neighbour_reads_differently(value, steps):
    other = value
    for _ in range(steps):
        other = math.nextafter(other, math.inf)
    assume(math.isfinite(other) and other != value)
    first, second = numbers(value, other)
    assert first != second


@MANY
@given(st.tuples(NUMBERS, NUMBERS) | st.tuples(DECIMALS, DECIMALS), st.sampled_from([".6g", ".4f", ".3g"]))
def test_a_number_is_shown_on_its_side_of_the_limit(pair, form):
    value, limit = pair
    shown, bound = _read(against(value, limit, form=form)), _read(exact(limit))
    assert (shown > bound, shown < bound) == (value > limit, value < limit)


@MANY
@given(SHARES, SHARES)
def test_a_share_is_shown_on_its_side_of_the_limit(ratio, limit):
    shown, bound = _read(percent_against(ratio, limit)), _read(percent_limit(limit))
    assert (shown > bound, shown < bound) == (ratio > limit, ratio < limit)


@MANY
@given(st.integers(0, 10**6), st.integers(1, 10**6), st.floats(0.001, 1))
def test_a_count_is_shown_on_its_side_of_the_limit(part, whole, limit):
    assume(part <= whole)
    text = share_against(part, whole, limit)
    if "under" in text or not part:
        assert part / whole < limit
        return
    shown = _read(text.rpartition("(")[2].removesuffix(")"))
    assert (shown > _read(percent_limit(limit))) == (part / whole > limit)
    assert (shown < _read(percent_limit(limit))) == (part / whole < limit)


def test_short_where_that_is_enough():
    assert numbers(1.5, 2, None) == ["1.5", "2", "none"]
    assert numbers(1.6787512, 1.6787513) == ["1.6787512", "1.6787513"]
    assert numbers(1_234_567, 1_234_567.25) == ["1,234,567", "1,234,567.25"]
    assert number(1_234_567) == "1,234,567"
    assert against(0.0499996, 0.05, form=".3g") == "0.0499996"
    assert against(0.0412, 0.05, form=".3g") == "0.0412"
    assert percent_limit(0.1) == "10 %"
    assert percent_against(0.1000001, 0.1) == "10.00001 %"
    assert share_against(10_000_001, 100_000_000, 0.1) == "10,000,001 of 100,000,000 (10.000001 %)"
    assert share_against(3, 100, 0.05) == share(3, 100)


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.inf, "∞"), (-math.inf, "-∞"), (2**63, "9,223,372,036,854,775,808"), (0.1, "0.1"), (5.0, "5")],
)
def test_exact(value, text):
    assert exact(value) == text


def test_parts_of_a_second_are_shown_where_they_decide():
    day = timedelta(days=1)
    assert duration_against(day + timedelta(milliseconds=500), day) == "1d 0.5s"
    assert (
        duration_against(day + timedelta(seconds=61, microseconds=1), day + timedelta(seconds=61)) == "1d 1m 1.000001s"
    )
    assert duration_against(timedelta(hours=5, microseconds=1), day) == "5h"
    assert duration_against(timedelta(0), day) == "0s"


def test_one_thing_is_singular():
    assert [plural(n, "model") for n in (0, 1, 1204)] == ["0 models", "1 model", "1,204 models"]
