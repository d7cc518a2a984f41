"""Whole numbers beyond 2^53 and long decimals: no check rounds one."""

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

EXACT = 2**53
CENTS = Decimal("123456789012345678901234567890123456.78")
TYPES = {
    "int64": pa.int64(),
    "uint64": pa.uint64(),
    "decimal": pa.decimal128(38, 0),
    "places": pa.decimal128(38, 10),
}


@pytest.fixture
def table(tmp_path):
    """Provide `table(x=array)`: the frame is on disk, with one row an hour; the arguments that describe it."""

    def build(name="events", **columns: pa.Array):
        length = len(next(iter(columns.values())))
        at = pa.array(pd.date_range("2024-01-01", periods=length, freq="h", tz="UTC"))
        pq.write_table(pa.table({"at": at} | columns), tmp_path / f"{name}.parquet", row_group_size=2)
        kinds = {
            column: {"type": "integer" if pa.types.is_integer(array.type) else "number"}
            for column, array in columns.items()
        }
        source = {"kind": "parquet", "path": f"{name}.parquet"}
        return {"source": source, "timestamp": "at", "columns": {"at": {"type": "timestamp"}} | kinds}

    return build


def array(values, stored):
    """Return an array of one of TYPES, or of doubles."""
    if stored in TYPES:
        return pa.array(values, TYPES[stored])
    return pa.array([None if value is None else float(value) for value in values])


@pytest.fixture
def judged(judge):
    def run(given: dict, **declared: object):
        report = judge(None, "quality", checks=[declared], **given)
        (*_, found) = [f for f in report.findings if f.check == declared["check"]]
        return found

    return run


@pytest.mark.parametrize("where", [{}, {"where": "x IS NOT NULL"}])
@pytest.mark.parametrize("stored", TYPES)
@pytest.mark.parametrize(
    ("bounds", "count"),
    [
        ({"min": EXACT + 1}, 1),
        ({"max": EXACT + 1}, 1),
        ({"min": EXACT, "max": EXACT + 2}, 0),
        ({"min": EXACT + 3}, 3),
        ({"min": 2**70}, 3),
        ({"max": 2**70}, 0),
    ],
)
def test_range(table, judged, stored, bounds, count, where):
    given = table(x=pa.array([EXACT, EXACT + 1, EXACT + 2, None], TYPES[stored]))
    assert judged(given, check="range", column="x", **bounds, **where).numbers["count"] == count


@pytest.mark.parametrize("where", [{}, {"where": "x IS NOT NULL"}])
def test_a_range_of_doubles_with_whole_bounds_no_double_is_equal_to(table, judged, where):
    given = table(x=pa.array([float(EXACT), float(EXACT + 2)]))
    for bounds in ({"min": EXACT + 1}, {"max": EXACT + 1}):
        assert judged(given, check="range", column="x", **bounds, **where).numbers["count"] == 1


@pytest.mark.parametrize("where", [{}, {"where": "x IS NOT NULL"}])
def test_a_range_of_decimals_is_of_their_digits(table, judged, where):
    given = table(x=pa.array([Decimal("0.1"), Decimal("0.10000000000000000001")], pa.decimal128(38, 20)))
    assert judged(given, check="range", column="x", max=0.1, **where).numbers["count"] == 1
    assert judged(given, check="range", column="x", min=0.1, **where).numbers["count"] == 0
    assert judged(given, check="range", column="x", min=1e30, **where).numbers["count"] == 2


@pytest.mark.parametrize("stored", [*TYPES, "double"])
def test_allowed(table, judged, stored):
    given = table(x=array([EXACT, EXACT + 2, EXACT + 4, None], stored))
    assert judged(given, check="allowed", column="x", values=[EXACT + 1]).numbers["count"] == 3
    assert judged(given, check="allowed", column="x", values=[EXACT, EXACT + 1]).numbers["count"] == 2
    assert judged(given, check="allowed", column="x", values=[EXACT + 1, EXACT + 2]).numbers["count"] == 2


@pytest.mark.parametrize("right", [*TYPES, "double"])
@pytest.mark.parametrize("left", [*TYPES, "double"])
def test_compare(table, judged, left, right):
    given = table(a=array([EXACT + 2, EXACT, None], left), b=array([EXACT, EXACT + 2, 1], right))
    for operator, count in {"<": 1, "<=": 1, "==": 2, "!=": 0, ">=": 1, ">": 1}.items():
        declared = {"check": "compare", "left": "a", "operator": operator, "right": "b"}
        assert judged(given, **declared).numbers["count"] == count


def test_a_whole_number_beside_a_double_is_not_rounded(table, judged):
    given = table(a=pa.array([EXACT + 1]), b=pa.array([float(EXACT)]))
    assert judged(given, check="compare", left="a", operator="==", right="b").violated
    assert not judged(given, check="compare", left="a", operator=">", right="b").violated


@pytest.mark.parametrize("key", [*TYPES, "double"])
@pytest.mark.parametrize("stored", TYPES)
def test_references(table, judged, stored, key):
    keys = array([EXACT, EXACT + 4, None], key)
    given = table(x=pa.array([EXACT, EXACT + 1, EXACT + 4, None], TYPES[stored]))
    given["others"] = {"keys": table("keys", key=keys)}
    found = judged(given, check="references", column="x", dataset="keys", key="key")
    assert found.numbers["count"] == 1


def test_references_among_decimals_of_fewer_places(table, judged):
    given = table(x=pa.array([Decimal("1.23"), Decimal("1.00")], pa.decimal128(10, 2)))
    given["others"] = {"keys": table("keys", key=pa.array([Decimal(1)], pa.decimal128(38, 0)))}
    assert judged(given, check="references", column="x", dataset="keys", key="key").numbers["count"] == 1


@pytest.mark.parametrize("stored", TYPES)
def test_unique_and_duplicates(table, judged, stored):
    given = table(x=pa.array([EXACT, EXACT + 1, EXACT + 1, None], TYPES[stored]))
    assert judged(given, check="unique", columns=["x"]).numbers["count"] == 1


@pytest.mark.parametrize("stored", TYPES)
def test_monotonic(table, judged, stored):
    given = table(x=pa.array([EXACT + 1, EXACT, EXACT + 1], TYPES[stored]))
    assert judged(given, check="monotonic", column="x").numbers["count"] == 1


@pytest.mark.parametrize("aggregate", ["sum", "min", "max", "distinct"])
@pytest.mark.parametrize(
    ("type_", "large", "next_"),
    [
        (pa.int64(), 2**63 - 1, 2**63 - 2),
        (pa.uint64(), 2**64 - 1, 2**64 - 2),
        (pa.decimal128(38, 2), CENTS, Decimal("123456789012345678901234567890123456.77")),
    ],
)
def test_reconcile(table, judged, aggregate, type_, large, next_):
    declared = {"check": "reconcile", "dataset": "others", "aggregate": aggregate, "column": "x"}
    other = {"sum": [large, next_, next_], "min": [large] * 3, "max": [next_] * 3, "distinct": [large] * 3}[aggregate]
    given = table(x=pa.array([large, large, next_], type_))
    for theirs, differs in (([next_, large, large], False), (other, True)):
        given["others"] = {"others": table("others", x=pa.array(theirs, type_))}
        assert judged(given, **declared).violated is differs
