"""Files that have a column in different types: each value stays what it is, or a finding says which did not."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maestro_ml.project import Window
from maestro_ml.tables import DataError, open_dataset
from maestro_ml.tables.duckdb import connect
from maestro_ml.tables.sources.scan import read_parquet
from maestro_ml.validation import validate_dataset

JANUARY = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
ZONED, NAIVE = pa.timestamp("us", "UTC"), pa.timestamp("us")
FAR = datetime(9999, 12, 31)  # noqa: DTZ001


@pytest.fixture
def write(tmp_path):
    """Provide `write(a=array, b=array)`: files with the column `x` beside a time and a number."""
    folder = tmp_path / "lake"
    folder.mkdir()

    def files(**arrays: pa.Array) -> str:
        for name, array in arrays.items():
            at = pa.array([datetime(2024, 1, 5, tzinfo=UTC)] * len(array), ZONED)
            pq.write_table(pa.table({"at": at, "x": array, "file": [name] * len(array)}), folder / f"{name}.parquet")
        return str(folder)

    return files


@pytest.fixture
def project(dataset_project):
    def build(kind: str, **dataset: object):
        columns = {"at": {"type": "timestamp"}, "x": {"type": kind}, "file": {"type": "string"}}
        return dataset_project(
            source={"kind": "parquet", "path": "lake"}, **{"timestamp": "at", "columns": columns} | dataset
        )

    return build


@pytest.fixture
def values(project):
    """Provide the column `x` of all files as text, in order of their names."""

    def read(kind: str, **dataset: object) -> list[str]:
        with open_dataset(project(kind, **dataset), "events") as opened:
            return [text for (text,) in opened.relation.order("file").project("x::VARCHAR").fetchall()]

    return read


def findings(project, check="files"):
    report = validate_dataset(project, "events", JANUARY, ["schema"], now=JANUARY.end)
    return [f.message for f in report.findings if f.check == check and f.violated]


def test_a_naive_time_beside_zoned_ones_is_read_in_the_declared_zone(write, values, project):
    noon = datetime(2024, 1, 5, 12)  # noqa: DTZ001
    write(a=pa.array([noon], NAIVE), b=pa.array([noon.replace(tzinfo=UTC)], ZONED), c=pa.array([date(2024, 1, 5)]))
    new_york = {"timezone": "America/New_York"}
    assert values("timestamp", **new_york) == [
        "2024-01-05 17:00:00+00",
        "2024-01-05 12:00:00+00",
        "2024-01-05 05:00:00+00",
    ]
    assert findings(project("timestamp", **new_york)) == []


def test_without_a_declared_zone_the_mixture_is_a_finding_that_names_column_and_files(write, project):
    noon = datetime(2024, 1, 5, 12)  # noqa: DTZ001
    path = write(a=pa.array([noon], NAIVE), b=pa.array([noon.replace(tzinfo=UTC)], ZONED))
    [message] = findings(project("timestamp"))
    assert message == (
        "the column x carries a timezone in b.parquet and none in a.parquet, where it was read as UTC: "
        "declare it, as in `datasets.events.timezone: Europe/Berlin`"
    )
    with connect() as connection, pytest.raises(DataError, match=r"x carries a timezone in b\.parquet and none in a\."):
        read_parquet(connection, path)


@pytest.mark.parametrize("mixed", [True, False])
def test_an_event_time_in_several_units_and_with_a_zone_or_none_is_cut_exactly(tmp_path, project, mixed):
    """The last nanosecond of the window, and the first instant after it, in every file."""
    end = int(JANUARY.end.timestamp()) * 10**9
    local = end - 5 * 3600 * 10**9  # what a clock in New York shows
    folder = tmp_path / "lake"
    folder.mkdir()
    units = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
    for unit, step in units.items():
        pairs = [("naive", None, local)] + ([("zoned", "UTC", end)] if mixed else [])
        for name, zone, edge in pairs:
            at = pa.array([edge // step - 1, edge // step], pa.timestamp(unit, zone))
            table = pa.table({"at": at, "x": ["in", "out"], "file": [f"{name} {unit}"] * 2})
            pq.write_table(table, folder / f"{name}-{unit}.parquet", coerce_timestamps=None)
    with open_dataset(project("string", timezone="America/New_York"), "events") as opened:
        found = opened.rows(JANUARY, ["x", "file"]).fetchall()
    assert {x for x, _ in found} == {"in"}
    assert len(found) == (8 if mixed else 4)


def test_nanoseconds_stay_beside_microseconds(write, values):
    fine = pa.array([1_704_412_800_000_000_001], pa.timestamp("ns"))
    write(a=fine, b=pa.array([datetime(2024, 1, 5)], NAIVE), c=fine.cast(pa.timestamp("ns", "UTC")))  # noqa: DTZ001
    assert values("timestamp", timezone="UTC") == [
        "2024-01-05 00:00:00.000000001+00",
        "2024-01-05 00:00:00+00",
        "2024-01-05 00:00:00.000000001+00",
    ]


def test_a_time_no_nanoseconds_can_count_is_kept_and_what_it_costs_is_said(write, values, project):
    fine = pa.array([1_704_412_800_000_000_999, 1_704_412_800_000_000_000], pa.timestamp("ns"))
    write(a=fine, b=pa.array([FAR], NAIVE))
    assert values("timestamp", timezone="UTC") == ["2024-01-05 00:00:00", "2024-01-05 00:00:00", "9999-12-31 00:00:00"]
    [message] = findings(project("timestamp", timezone="UTC"))
    assert message == (
        "a.parquet: the column x is TIMESTAMP_NS, and read as TIMESTAMP because of the other files, "
        "which rounds 1 of its values; write one type"
    )


BIG, HALF = pa.array([2**53 + 1]), pa.array([0.5])
DIGITS = Decimal("12345678901234567890.12")


@pytest.mark.parametrize(
    ("a", "b", "rounded"),
    [
        (BIG, HALF, True),
        (BIG, pa.array([0.5], pa.float32()), True),
        (pa.array([2**64 - 1], pa.uint64()), HALF, True),
        (pa.array([2**53, -5, None]), HALF, False),
        (pa.array([16_777_217], pa.int32()), pa.array([0.5], pa.float32()), False),
        (pa.array([DIGITS], pa.decimal128(22, 2)), HALF, True),
        (pa.array([Decimal("1.23")], pa.decimal128(22, 2)), HALF, False),
        (pa.array([Decimal("1.23")], pa.decimal128(10, 2)), pa.array([Decimal(10) ** 37], pa.decimal128(38, 0)), True),
        (pa.array([Decimal("1.00")], pa.decimal128(10, 2)), pa.array([Decimal(10) ** 37], pa.decimal128(38, 0)), False),
        (pa.array([DIGITS], pa.decimal128(22, 2)), pa.array([Decimal("0.12345")], pa.decimal128(20, 5)), False),
        (BIG, pa.array([2**64 - 1], pa.uint64()), False),
        (BIG, pa.array([Decimal("0.5")], pa.decimal128(10, 2)), False),
    ],
)
def test_a_number_that_the_common_type_rounds_is_a_finding(write, project, values, a, b, rounded):
    write(a=a, b=b)
    found = findings(project("number"))
    assert [message.startswith("a.parquet: the column x is ") for message in found] == [True] * rounded
    exact = {Decimal(value.as_py()) for array in (a, b) for value in array if value.is_valid}
    read = {Decimal(text) for text in values("number") if text is not None}
    assert rounded or read == exact


def test_files_of_one_type_and_a_wider_whole_number_are_read_in_one_query(write, project):
    write(a=BIG, b=pa.array([1], pa.int16()))
    with open_dataset(project("integer"), "events") as opened:
        assert opened.types["x"] == "BIGINT"
        assert "UNION" not in opened.relation.explain()


def test_a_file_named_like_a_pattern_is_read_as_it_is_named(write, values):
    moment = datetime(2024, 1, 5, tzinfo=UTC)
    write(**{"a[1]": pa.array([moment.replace(tzinfo=None)], NAIVE), "b*": pa.array([moment], ZONED)})
    assert values("timestamp", timezone="Asia/Tokyo") == ["2024-01-04 15:00:00+00", "2024-01-05 00:00:00+00"]
