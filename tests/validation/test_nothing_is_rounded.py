"""Values that doubles or microseconds would round, at every place where rows pass from one module to another."""

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from functools import reduce

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import open_dataset
from maestro_ml.validation import validate_dataset
from maestro_ml.validation.context import ValidationContext

START = datetime(2024, 1, 1, tzinfo=UTC)
JANUARY = Window(START, START + timedelta(days=31))
NS = 1_704_067_200 * 10**9
LAST = NS + 31 * 86_400 * 10**9 - 1  # the last nanosecond of January
LARGE = Decimal("1234567890123456789012345678.0123456789")
TABLE = pa.table(
    {
        "at": pa.array([NS, NS + 1, NS + 1000, LAST, LAST + 1], pa.timestamp("ns", "UTC")),
        "seen": pa.array([NS + 1, None, NS + 2, NS + 3, NS], pa.timestamp("ns")),
        "id": pa.array([2**53 + 1, 2**53, None, 2**63 - 1, 0]),
        "u": pa.array([2**64 - 1, 2**64 - 2, None, 2**53 + 1, 0], pa.uint64()),
        "d": pa.array([LARGE, None, LARGE.next_plus(), Decimal("0.1"), Decimal(0)], pa.decimal128(38, 10)),
        "w": pa.array([10**37 + 1, 10**37, None, 5, 0], pa.decimal128(38, 0)),
    }
)
INSIDE = TABLE.slice(0, 4)
NUMBERS = ("id", "u", "d", "w")


def exact(table: pa.Table) -> dict[str, list[object]]:
    """Return values as Python holds them without rounding; times as nanoseconds since 1970."""

    def values(column: pa.ChunkedArray) -> list[object]:
        if pa.types.is_timestamp(column.type):
            step = {"us": 1000, "ns": 1}[column.type.unit]
            return [None if n is None else n * step for n in column.cast(pa.int64()).to_pylist()]
        return column.to_pylist()

    return {name: values(table[name]) for name in table.column_names}


def added(values: list[int] | list[Decimal]) -> int | Decimal:
    return reduce(Context(prec=100).add, values) if isinstance(values[0], Decimal) else sum(values)


@pytest.fixture(params=["one file", "row groups", "two files"])
def project(request, tmp_path, dataset_project):
    folder = tmp_path / "lake"
    folder.mkdir()
    if request.param == "two files":
        for number, part in enumerate((TABLE.slice(0, 2), TABLE.slice(2))):
            pq.write_table(part, folder / f"{number}.parquet")
    else:
        pq.write_table(TABLE, folder / "all.parquet", row_group_size=2 if request.param == "row groups" else None)
    kinds = {"id": "integer", "u": "integer", "d": "number", "w": "number"}
    columns = {name: {"type": kinds.get(name, "timestamp")} for name in TABLE.column_names}

    def build(**dataset: object):
        source = {"kind": "parquet", "path": "lake"}
        return dataset_project(source=source, timestamp="at", timezone="UTC", columns=columns, **dataset)

    return build


def test_rows_of_a_window(project):
    with open_dataset(project(), "events") as opened:
        assert exact(opened.rows(JANUARY).order('"at"').to_arrow_table()) == exact(INSIDE)


def test_aggregates_and_what_footers_know(project):
    with open_dataset(project(), "events") as opened:
        context = ValidationContext(opened, JANUARY, JANUARY.end)
        for name in NUMBERS:
            values = [value for value in INSIDE[name].to_pylist() if value is not None]
            column = f'"{name}"'
            asked = [f"{function}({column})" for function in ("min", "max", "sum", "count")]
            expected = [min(values), max(values), added(values), len(values), len(set(values))]
            assert context.current.values([*asked, f"count(DISTINCT {column})"]) == expected
        whole = Window(START, JANUARY.end + timedelta(days=1))
        everything = ValidationContext(opened, whole, whole.end).current
        assert (everything.values(['min("id")', 'max("id")'])) == [0, 2**63 - 1]
        stored = everything.stored
        if stored:
            assert sorted(stored.values("id").tolist()) == [0, 2**53, 2**53 + 1, 2**63 - 1]
            assert sorted(stored.values("u").tolist()) == [0, 2**53 + 1, 2**64 - 2, 2**64 - 1]


def test_checks_samples_and_profiles(project):
    checks = [{"check": "unique", "columns": [name]} for name in ("at", "seen", *NUMBERS)] + [
        {"check": "range", "column": "id", "max": 2**53},
        {"check": "allowed", "column": "u", "values": [2**64 - 1, 2**53 + 1]},
        {"check": "predicate", "sql": f"id <> {2**53 + 1}"},
        {"check": "predicate", "sql": "seen <> '2024-01-01 00:00:00.000000002'"},
        {"check": "compare", "left": "seen", "operator": "<=", "right": "at"},
        {"check": "monotonic", "column": "seen", "strict": True},
    ]
    report = validate_dataset(project(checks=checks), "events", JANUARY, ["quality"], now=JANUARY.end)
    found = [f for f in report.findings if f.check in {check["check"] for check in checks}]
    counts = [f.numbers.get("count") for f in found]
    assert counts == [0, 0, 0, 0, 0, 0, 2, 1, 1, 1, 1, 0]
    sampled = {value for f in found if f.sample for row in f.sample.rows for value in row}
    assert {str(2**53 + 1), str(2**63 - 1), str(2**64 - 2), "2024-01-01 00:00:00.000000002"} <= sampled
    ends = {p.column: (p.current.low, p.current.high) for p in report.profiles}
    assert ends["at"] == ("2024-01-01 00:00:00+00", "2024-01-31 23:59:59.999999999+00")
    assert ends["seen"] == ("2024-01-01 00:00:00.000000001", "2024-01-01 00:00:00.000000003")
    assert [Decimal(end) for end in ends["id"]] == [2**53, 2**63 - 1]
    assert [Decimal(end) for end in ends["u"]] == [2**53 + 1, 2**64 - 1]
    assert [Decimal(end) for end in ends["w"]] == [5, 10**37 + 1]
    written = report.model_dump_json()
    assert str(2**63 - 1) in written
    assert str(2**53 + 1) in written
