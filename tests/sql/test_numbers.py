"""Numbers of different types are compared by value, and limits are those of the column's type."""

import math
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro_ml.sql.numbers import NumberSql, among, at_least, at_most, comparable, in_sql

WHOLE = {
    "TINYINT": (-(2**7), 2**7 - 1),
    "INTEGER": (-(2**31), 2**31 - 1),
    "BIGINT": (-(2**63), 2**63 - 1),
    "UBIGINT": (0, 2**64 - 1),
    "HUGEINT": (-(2**127), 2**127 - 1),
}
DECIMALS = {"DECIMAL(4,1)": (4, 1), "DECIMAL(18,3)": (18, 3), "DECIMAL(38,0)": (38, 0), "DECIMAL(38,10)": (38, 10)} | {
    "DECIMAL(38,30)": (38, 30)
}
FLOATS = {"DOUBLE": 64, "FLOAT": 32}
NEAR = [0, 1, 2**24, 2**53, 2**63, 2**64, 10**15]


def values_of(stored):
    """Return values of a type, many of them near where doubles begin to round."""
    if stored in FLOATS:
        near = st.builds(lambda n, d: float(n + d), st.sampled_from(NEAR), st.integers(-3, 3))
        found = st.one_of(near, st.floats(allow_nan=False, width=FLOATS[stored]))
        return found.map(lambda x: x if stored == "DOUBLE" else duckdb_float(x))
    if stored in WHOLE:
        low, high = WHOLE[stored]
        near = st.builds(lambda n, d, s: s * n + d, st.sampled_from(NEAR), st.integers(-3, 3), st.sampled_from([1, -1]))
        return st.one_of(near.filter(lambda n: low <= n <= high), st.integers(low, high))
    digits, places = DECIMALS[stored]
    most = 10**digits - 1
    near = st.builds(lambda n, d: n * 10**places + d, st.sampled_from(NEAR), st.integers(-3, 3))
    scaled = st.one_of(near.filter(lambda n: abs(n) <= most), st.integers(-most, most))
    return scaled.map(lambda n: Decimal(f"{n}E-{places}"))


def duckdb_float(x):
    import struct

    try:
        return struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def text(value):
    return repr(value) if isinstance(value, float) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def exact(value, stored, other):
    """Return the value to compare; a decimal is the double nearest to it, and by how much it is more than that is."""
    if isinstance(value, float):
        return value, 0
    if not isinstance(other, float):
        return Fraction(value), 0
    double = float(value)
    digits, places = DECIMALS.get(stored, (39, 0))
    scaled = Fraction(double if abs(double) >= 2**53 else repr(double)) * 10**places
    read = math.floor(abs(scaled) + Fraction(1, 2)) * (1 if scaled >= 0 else -1)
    outside = abs(read) >= 10**digits if places else not -(2**127) <= read < 2**127
    return double, Fraction(value) - Fraction(value if outside else Fraction(read, 10**places))


TYPES = [*WHOLE, *DECIMALS, *FLOATS]
PAIRS = [(left, right) for left in TYPES for right in TYPES]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PAIRS).flatmap(lambda pair: st.tuples(st.just(pair), *(values_of(stored) for stored in pair))))
def test_any_two_numbers_compare_by_value(connection, case):
    (left, right), a, b = case
    sides = comparable(NumberSql("a", left), NumberSql("b", right))
    [found] = connection.execute(
        f"SELECT {sides[0]} < {sides[1]}, {sides[0]} = {sides[1]}, "
        f"{sides[0]} NOT IN (SELECT {sides[1]} FROM (SELECT '{text(b)}'::{right} AS b)) "
        f"FROM (SELECT '{text(a)}'::{left} AS a), (SELECT '{text(b)}'::{right} AS b)"
    ).fetchall()
    x, y = exact(a, left, b), exact(b, right, a)
    assert found == (x < y, x == y, x != y)


def test_null_is_no_number(connection):
    for left, right in PAIRS:
        a, b = comparable(NumberSql("a", left), NumberSql("b", right))
        sql = f"SELECT {a} = {b}, {a} IS NULL FROM (SELECT NULL::{left} AS a, 1::{right} AS b)"
        assert connection.execute(sql).fetchall() == [(None, True)]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(TYPES).flatmap(lambda stored: st.tuples(st.just(stored), values_of(stored))),
    st.one_of(st.integers(), st.sampled_from(NEAR), st.floats(allow_nan=False, allow_infinity=False)),
)
def test_a_limit_in_the_type_decides_as_the_bound_does(connection, case, bound):
    stored, value = case
    said = bound if stored in FLOATS and isinstance(bound, float) else Fraction(repr(bound))
    there = value if isinstance(value, float) and math.isinf(value) else Fraction(value)
    low, high = at_least(bound, stored), at_most(bound, stored)
    assert (there < low, there > high) == (there < said, there > said)
    for sign, limit, expected in (("<", low, there < said), (">", high, there > said)):
        sql = in_sql(limit, stored)
        if sql is None or stored == "FLOAT" or abs(limit) >= 2**127:
            continue
        found = connection.execute(f"SELECT '{text(value)}'::{stored} {sign} {sql}").fetchone()
        assert found == (expected,)


@pytest.mark.parametrize(
    ("stored", "values", "kept"),
    [
        ("BIGINT", [2**53 + 1, 5.0, 0.5, math.inf], ["9007199254740993", "5"]),
        ("DOUBLE", [2**53 + 1, 2**53, 0.1], ["'9007199254740992.0'::DOUBLE", "'0.1'::DOUBLE"]),
        ("DECIMAL(4,1)", [0.1, 1, 0.15, 1000], ["'0.1'::DECIMAL(4,1)", "'1.0'::DECIMAL(4,1)"]),
    ],
)
def test_a_list_keeps_what_the_type_can_hold(stored, values, kept):
    assert among(values, stored) == kept
